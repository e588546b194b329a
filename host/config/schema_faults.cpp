#include <array>
#include <string>
#include <variant>
#include <vector>

#include "host/base/suggest.h"
#include "host/config/fields.h"
#include "host/config/sections.h"
#include "injectors/corruption.h"
#include "injectors/dtype.h"
#include "injectors/fault_model.h"

namespace softbeam::config {
namespace {

using injectors::BitRange;
using injectors::BitSelector;
using injectors::Field;
using injectors::Operation;

constexpr std::array<Choice<Where>, 4> places{{{"neurons", Where::neurons},
                                               {"weights", Where::weights},
                                               {"biases", Where::biases},
                                               {"inputs", Where::inputs}}};
constexpr std::array<Choice<SiteWeight>, 3> site_weights{
    {{"elements", SiteWeight::elements}, {"bytes", SiteWeight::bytes}, {"site", SiteWeight::site}}};
constexpr std::string_view every_bit = "random";
constexpr int widest_word = 64;

Operation read_operation(const YAML::Node& node) {
  const std::string text = read_text(node);
  if (const auto operation = injectors::parse_operation(text)) return *operation;
  std::vector<std::string> names;
  for (const Operation operation :
       {Operation::bit_flip, Operation::stuck_at_0, Operation::stuck_at_1, Operation::zero,
        Operation::set_value, Operation::random_value}) {
    names.emplace_back(injectors::name(operation));
  }
  throw_unknown_value(text, names);
}

[[noreturn]] void throw_bad_bits(const std::string& text) {
  constexpr std::string_view accepted =
      "accepted: a bit as 30, a range as 0-31, sign, exponent, mantissa, random";
  const auto is_digits = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (is_digits(text)) {
    throw UsageError(
        fmt::format("bit {} is outside every type (bits 0-{})", text, widest_word - 1));
  }
  const std::size_t dash = text.find('-');
  if (dash != std::string::npos && is_digits(text.substr(0, dash)) &&
      is_digits(text.substr(dash + 1))) {
    const std::string low = text.substr(dash + 1);
    const std::string high = text.substr(0, dash);
    if (!injectors::parse_bits(low)) {
      throw UsageError(
          fmt::format("bit {} is outside every type (bits 0-{})", low, widest_word - 1));
    }
    throw UsageError(
        fmt::format("'{}' runs downwards (ranges are low-high); write {}-{}", text, low, high));
  }
  const std::vector<std::string> words = {"sign", "exponent", "mantissa", std::string(every_bit)};
  throw UsageError(
      fmt::format("'{}' names no bits{}; {}", text, did_you_mean(text, words), accepted));
}

std::vector<BitSelector> read_bits(const YAML::Node& node) {
  if (node.IsScalar() && node.Scalar() == every_bit) return {};
  const std::vector<std::string> items = read_list(node);
  if (items.size() == 1 && items.front() == every_bit) return {};
  std::vector<BitSelector> bits;
  for (const std::string& item : items) {
    if (item == every_bit) {
      throw UsageError("'random' stands beside other bits (it means every bit); give it alone");
    }
    const auto selector = injectors::parse_bits(item);
    if (!selector) throw_bad_bits(item);
    const auto* range = std::get_if<BitRange>(&*selector);
    if (range != nullptr && range->high > widest_word) {
      throw UsageError(fmt::format("bit {} is outside every type (bits 0-{})", range->high - 1,
                                   widest_word - 1));
    }
    bits.push_back(*selector);
  }
  return bits;
}

YAML::Node write_bits(const CampaignConfig& config) {
  if (!uses_bits(config.faults.what)) return {};
  std::vector<std::string> items;
  for (const BitSelector& selector : config.faults.bits) {
    items.push_back(injectors::to_string(selector));
  }
  return items.empty() ? write_text(every_bit) : write_list(items);
}

std::vector<Key> site_keys() {
  return {
      {.name = "faults.where",
       .form = "neurons|weights|biases|inputs",
       .fallback = "neurons",
       .help = "what is struck: outputs of nodes, parameters, or the model's inputs",
       .read = [](CampaignConfig& c,
                  const YAML::Node& n) { c.faults.where = read_choice<Where>(n, places); },
       .write =
           [](const CampaignConfig& c) { return write_choice<Where>(c.faults.where, places); }},
      {.name = "faults.sites",
       .form = "LIST",
       .fallback = "all of `ops`",
       .help = "names of sites, or globs such as layer1.* (quote a name that starts with *)",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.faults.sites = read_list(n); },
       .write = [](const CampaignConfig& c) { return write_list(c.faults.sites); }},
      {.name = "faults.ops",
       .form = "LIST",
       .fallback = "[conv2d, linear]",
       .help = "operators whose sites are struck, by ATen name: conv2d, linear, relu",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.faults.ops = read_list(n); },
       .write = [](const CampaignConfig& c) { return write_list(c.faults.ops); }},
      {.name = "faults.weight",
       .form = "elements|bytes|site",
       .fallback = "elements",
       .help = "how a site is drawn: in proportion to its elements, its bytes, or each alike",
       .read =
           [](CampaignConfig& c, const YAML::Node& n) {
             c.faults.weight = read_choice<SiteWeight>(n, site_weights);
           },
       .write =
           [](const CampaignConfig& c) {
             return write_choice<SiteWeight>(c.faults.weight, site_weights);
           }},
  };
}

}  // namespace

std::vector<Key> fault_keys() {
  std::vector<Key> all = site_keys();
  all.push_back(
      {.name = "faults.what",
       .form = "bitflip|stuck_at_0|stuck_at_1|zero|set|random",
       .fallback = "bitflip",
       .help = "what happens to the word; set needs faults.value, random draws a whole word",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.faults.what = read_operation(n); },
       .write =
           [](const CampaignConfig& c) { return write_text(injectors::name(c.faults.what)); }});
  all.push_back(
      {.name = "faults.bits",
       .form = "LIST",
       .fallback = "random",
       .help = "bits that bitflip and stuck_at draw from: 30, 0-31, sign, exponent, mantissa, or "
               "random for every bit",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.faults.bits = read_bits(n); },
       .write = write_bits});
  all.push_back(
      {.name = "faults.value",
       .form = "NUMBER",
       .fallback = "none",
       .help = "the value that `what: set` writes, rounded to the word's type",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.faults.value = read_number(n); },
       .write =
           [](const CampaignConfig& c) {
             return c.faults.what == Operation::set_value ? write_number(c.faults.value)
                                                          : YAML::Node();
           }});
  all.push_back(
      {.name = "faults.count",
       .form = "COUNT",
       .fallback = "1",
       .help = "corruptions per fault, in distinct words",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.faults.count = read_count(n); },
       .write = [](const CampaignConfig& c) { return write_count(c.faults.count); }});
  return all;
}

}  // namespace softbeam::config
