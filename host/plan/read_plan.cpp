#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "host/base/error.h"
#include "host/base/suggest.h"
#include "host/plan/plan_file.h"
#include "host/plan/plan_rows.h"

namespace softbeam::plan {
namespace {

using injectors::Corruption;
using injectors::Operation;

class ListedPlan : public FaultPlan {
 public:
  std::uint64_t trials() const override { return trials_.size(); }
  bool clustered() const override { return faults_.size() < trials_.size(); }
  void trials(std::uint64_t first, std::uint64_t last, std::vector<Trial>& out) const override {
    out.insert(out.end(), trials_.begin() + static_cast<std::ptrdiff_t>(first),
               trials_.begin() + static_cast<std::ptrdiff_t>(last));
  }
  void fault(injectors::FaultId id, std::vector<Corruption>& out) const override {
    const auto& corruptions = faults_.at(id);
    out.insert(out.end(), corruptions.begin(), corruptions.end());
  }

  std::vector<Trial> trials_;
  std::map<injectors::FaultId, std::vector<Corruption>> faults_;
};

// Checks one plan against the model and the data set.
class Checker {
 public:
  Checker(const std::string& path, std::span<const execute::Site> sites, std::uint64_t samples)
      : path_(path), sites_(sites), samples_(samples) {
    for (const execute::Site& site : sites) {
      names_.push_back(site.name);
    }
  }

  void add(const TrialText& text, ListedPlan& plan) {
    place_ = text.place;
    const std::uint64_t id = text.trial.value_or(plan.trials_.size());
    if (id != plan.trials_.size()) {
      fail(fmt::format("trial {} stands where {} is due (ids count up from 0)", id,
                       plan.trials_.size()));
    }
    if (text.sample >= samples_) {
      fail(fmt::format("sample {} does not exist (the data set has 0-{})", text.sample,
                       samples_ - 1));
    }
    const injectors::FaultId fault{text.fault.value_or(id)};
    std::vector<Corruption> corruptions;
    std::set<std::pair<std::uint32_t, std::uint64_t>> words;
    for (const CorruptionText& item : text.corruptions) {
      corruptions.push_back(corruption(item));
      if (!words.insert({corruptions.back().site.value, item.element}).second) {
        fail(fmt::format("element {} of '{}' stands twice in one fault; join the masks",
                         item.element, item.site));
      }
    }
    const auto [known, added] = plan.faults_.try_emplace(fault, corruptions);
    if (!added && known->second != corruptions) {
      fail(fmt::format("fault {} has other corruptions in an earlier trial; give it another id",
                       fault.value));
    }
    plan.trials_.push_back({{id}, fault, {static_cast<std::uint32_t>(text.sample)}});
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw UsageError(fmt::format("{}: {}: {}", path_, place_, problem));
  }

  Corruption corruption(const CorruptionText& text) const {
    const auto found = std::find(names_.begin(), names_.end(), text.site);
    if (found == names_.end()) {
      fail(fmt::format("the model has no site '{}'{}; run `softbeam inspect MODEL`", text.site,
                       did_you_mean(text.site, names_)));
    }
    const execute::Site& site = sites_[static_cast<std::size_t>(found - names_.begin())];
    if (text.element >= site.elements) {
      fail(fmt::format("element {} is outside '{}' (0-{})", text.element, site.name,
                       site.elements - 1));
    }
    Corruption result{
        .site = site.id, .operation = Operation::bit_flip, .element = text.element, .masks = {}};
    if (text.operation) {
      const auto operation = injectors::parse_operation(*text.operation);
      if (!operation) {
        fail(
            fmt::format("unknown operation '{}' (bitflip, stuck_at_0, stuck_at_1, zero, set, "
                        "random)",
                        *text.operation));
      }
      result.operation = *operation;
    }
    result.masks = masks(text, result.operation, site.dtype);
    return result;
  }

  injectors::Masks masks(const CorruptionText& text, Operation operation,
                         injectors::DType dtype) const {
    const int width = injectors::bits(dtype);
    const std::uint64_t all = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
    std::uint64_t listed = 0;
    for (const std::uint64_t bit : text.bits) {
      if (bit >= static_cast<std::uint64_t>(width)) {
        fail(fmt::format("bit {} is outside {} (bits 0-{})", bit, injectors::name(dtype),
                         width - 1));
      }
      listed |= std::uint64_t{1} << bit;
    }
    injectors::Masks result;
    bool derived = true;
    switch (operation) {
      case Operation::bit_flip:
        result = {all, listed};
        break;
      case Operation::stuck_at_0:
        result = {all & ~listed, 0};
        break;
      case Operation::stuck_at_1:
        result = {all & ~listed, listed};
        break;
      case Operation::zero:
        result = {0, 0};
        break;
      case Operation::set_value:
        derived = text.value.has_value();
        result = {0, derived ? value_word(*text.value, dtype) : 0};
        break;
      case Operation::random_value:
        derived = false;
        break;
    }
    const bool bit_level = operation == Operation::bit_flip || operation == Operation::stuck_at_0 ||
                           operation == Operation::stuck_at_1;
    derived = derived && (!bit_level || !text.bits.empty());
    if (!bit_level && !text.bits.empty()) {
      fail(fmt::format("bits do not go with operation '{}'", injectors::name(operation)));
    }
    if (text.value && operation != Operation::set_value) {
      fail(fmt::format("a value does not go with operation '{}'", injectors::name(operation)));
    }
    if (!text.flip && !text.keep) {
      if (!derived) {
        fail(fmt::format("operation '{}' needs {}", injectors::name(operation),
                         bit_level                           ? "bits"
                         : operation == Operation::set_value ? "a value"
                                                             : "the masks flip and keep"));
      }
      return result;
    }
    if (!text.flip || !text.keep) {
      fail("flip and keep go together");
    }
    const injectors::Masks given{mask(*text.keep, all), mask(*text.flip, all)};
    if (derived && !(given == result)) {
      fail(fmt::format("the masks flip {} and keep {} do not say the same as operation '{}'{}",
                       *text.flip, *text.keep, injectors::name(operation),
                       bit_level ? " on these bits" : ""));
    }
    // Masks without bits: they must still be what the operation is called.
    const bool fits = operation == Operation::bit_flip     ? given.keep == all
                      : operation == Operation::stuck_at_0 ? given.flip == 0
                      : operation == Operation::stuck_at_1
                          ? (given.keep ^ given.flip) == all && (given.keep & given.flip) == 0
                          : given.keep == 0;
    if (!fits) {
      fail(fmt::format("the masks flip {} and keep {} are not a '{}'", *text.flip, *text.keep,
                       injectors::name(operation)));
    }
    return given;
  }

  std::uint64_t value_word(double value, injectors::DType dtype) const {
    const auto word = injectors::encode(value, dtype);
    if (!word) {
      fail(fmt::format("value {} cannot be stored as {}", value, injectors::name(dtype)));
    }
    return *word;
  }

  std::uint64_t mask(const std::string& text, std::uint64_t all) const {
    std::uint64_t value = 0;
    const bool prefixed = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data() + (prefixed ? 2 : 0), end, value, 16);
    if (!prefixed || result.ec != std::errc() || result.ptr != end || (value & ~all) != 0) {
      fail(fmt::format("mask '{}' is not a hexadecimal word of this type (such as 0x{:x})", text,
                       all));
    }
    return value;
  }

  const std::string& path_;
  std::span<const execute::Site> sites_;
  std::uint64_t samples_;
  std::vector<std::string> names_;
  std::string place_;
};

}  // namespace

std::unique_ptr<FaultPlan> read_plan(const std::string& path, std::span<const execute::Site> sites,
                                     std::uint64_t samples) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (!file || !(content << file.rdbuf())) {
    throw RunError(fmt::format("{}: cannot be read (missing, empty or not a file)", path));
  }
  const std::string text = content.str();
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) {
    throw UsageError(fmt::format("{}: is empty; see `softbeam plan` for the form", path));
  }
  const bool is_json = text[start] == '[' || text[start] == '{';
  auto plan = std::make_unique<ListedPlan>();
  Checker checker(path, sites, samples);
  for (const TrialText& trial :
       is_json ? parse_plan_json(path, text) : parse_plan_csv(path, text)) {
    checker.add(trial, *plan);
  }
  if (plan->trials_.empty()) {
    throw UsageError(fmt::format("{}: has no trials", path));
  }
  return plan;
}

}  // namespace softbeam::plan
