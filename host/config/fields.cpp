#include "host/config/fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <system_error>

#include "host/base/suggest.h"
#include "host/config/values.h"

namespace softbeam::config {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A finite number that makes up the whole text.
std::optional<double> parse_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  double number = 0.0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

// What the writer of "1e4", "10_000" or "10'000" meant.
std::string plain_digits(std::string text) {
  std::erase_if(text, [](char c) { return c == '_' || c == ',' || c == '\'' || c == ' '; });
  const auto number = parse_number(text);
  constexpr double exact = 9007199254740992.0;  // 2^53
  if (!number || *number < 0 || *number > exact || *number != std::floor(*number)) return "";
  return fmt::format("{:.0f}", *number);
}

struct ByteUnit {
  std::string_view name;
  std::uint64_t bytes;
};
// Binary ones first, the largest first: write_bytes() takes the first that divides.
constexpr std::array<ByteUnit, 9> byte_units{{{"TiB", std::uint64_t{1} << 40U},
                                              {"GiB", std::uint64_t{1} << 30U},
                                              {"MiB", std::uint64_t{1} << 20U},
                                              {"KiB", std::uint64_t{1} << 10U},
                                              {"TB", 1'000'000'000'000},
                                              {"GB", 1'000'000'000},
                                              {"MB", 1'000'000},
                                              {"KB", 1'000},
                                              {"B", 1}}};
constexpr std::size_t binary_units = 4;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02X}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool is_plain(std::string_view text) {
  constexpr std::string_view marks = "_./-";
  const auto plain = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
  };
  if (text.empty() || !std::all_of(text.begin(), text.end(), plain)) return false;
  // These start a list item, a document or an empty value in YAML; a negative number does not.
  if (text.front() == '-' && !parse_number(text)) return false;
  return text != "..." && text != "null" && text != "Null" && text != "NULL";
}

}  // namespace

std::string yaml_text(const YAML::Node& node) {
  if (!node.IsDefined() || node.IsNull()) return "null";
  if (node.IsScalar()) return is_plain(node.Scalar()) ? node.Scalar() : quoted(node.Scalar());
  if (node.IsMap()) return "{...}";
  std::string out;
  for (const YAML::Node& item : node) out += (out.empty() ? "" : ", ") + yaml_text(item);
  return "[" + out + "]";
}

std::string read_text(const YAML::Node& node) {
  if (!node.IsDefined() || node.IsNull()) {
    throw UsageError("no value (the key stands alone); give one or remove the key");
  }
  if (node.IsSequence()) {
    throw UsageError(fmt::format("'{}' is a list (one value belongs here)", yaml_text(node)));
  }
  if (node.IsMap()) throw UsageError("a mapping stands here (one value belongs here)");
  return node.Scalar();
}

std::string read_name(const YAML::Node& node) {
  std::string text = read_text(node);
  if (text.empty()) throw UsageError("the text is empty; give a name or remove the key");
  return text;
}

std::uint64_t read_count(const YAML::Node& node, std::uint64_t least, std::uint64_t most) {
  const std::string text = read_text(node);
  if (!is_digits(text)) {
    if (text.size() > 1 && text.front() == '-' && is_digits(std::string_view(text).substr(1))) {
      throw UsageError(fmt::format("'{}' is negative (at least {} is needed)", text, least));
    }
    const std::string meant = plain_digits(text);
    throw UsageError(fmt::format("'{}' is not a count (whole numbers in plain digits only){}", text,
                                 meant.empty() ? "" : "; write " + meant));
  }
  if (text.size() > 1 && text.front() == '0') {
    throw UsageError(
        fmt::format("'{}' starts with a zero (some YAML readers take it for octal); write {}", text,
                    text.substr(std::min(text.find_first_not_of('0'), text.size() - 1))));
  }
  std::uint64_t count = 0;
  const auto status = std::from_chars(text.data(), text.data() + text.size(), count).ec;
  if (status != std::errc{} || count > most) {
    throw UsageError(fmt::format("'{}' is too large (at most {})", text, most));
  }
  if (count < least) throw UsageError(fmt::format("'{}' is too small (at least {})", text, least));
  return count;
}

double read_number(const YAML::Node& node) {
  const std::string text = read_text(node);
  const auto number = parse_number(text);
  if (!number) {
    throw UsageError(
        fmt::format("'{}' is not a finite number; write one such as 0.5 or -1e-3", text));
  }
  return *number;
}

double read_confidence(const YAML::Node& node) {
  constexpr double highest = 1.0 - 1e-12;
  const double level = read_number(node);
  if (level > 0.0 && level <= highest) return level;
  if (level > highest && level < 1.0) {
    throw UsageError(fmt::format(
        "'{}' is too close to 1 (at most 1 - 1e-12); write one such as 0.999", read_text(node)));
  }
  const bool percent = level > 1.0 && level < 100.0;
  throw UsageError(fmt::format("'{}' is not a confidence level (between 0 and 1, both excluded){}",
                               read_text(node),
                               percent ? fmt::format("; write {}", level / 100.0) : ""));
}

double read_time_s(const YAML::Node& node) {
  const std::string text = read_text(node);
  double unit_s = 1.0;
  std::string_view digits = text;
  if (!digits.empty()) {
    const char unit = digits.back();
    if (unit == 's' || unit == 'm' || unit == 'h') digits.remove_suffix(1);
    unit_s = unit == 'h' ? 3600.0 : unit == 'm' ? 60.0 : 1.0;
  }
  const auto number = parse_number(digits);
  if (!number) {
    throw UsageError(
        fmt::format("'{}' is not a time (one number with at most one unit); write seconds as 90 or "
                    "90s, minutes as 10m, hours as 2h",
                    text));
  }
  constexpr double longest_s = 1e9;
  const double time_s = *number * unit_s;
  if (!(time_s > 0.0) || time_s > longest_s) {
    throw UsageError(
        fmt::format("'{}' is out of range (above 0, up to {} seconds)", text, longest_s));
  }
  return time_s;
}

std::uint64_t read_bytes(const YAML::Node& node, std::uint64_t least, std::uint64_t most) {
  const std::string text = read_text(node);
  std::string_view digits = text;
  std::uint64_t unit = 1;
  for (const ByteUnit& each : byte_units) {
    if (!digits.ends_with(each.name)) continue;
    unit = each.bytes;
    digits.remove_suffix(each.name.size());
    while (digits.ends_with(' ')) digits.remove_suffix(1);
    break;
  }
  const auto number = parse_number(digits);
  if (!number) {
    throw UsageError(
        fmt::format("'{}' is not an amount of memory (one number with at most one unit); write "
                    "such as 4GiB, 512MiB, 64KiB, 2TiB, 4GB, 512MB, 64KB, 2TB, or bytes as "
                    "4294967296 or 4294967296B",
                    text));
  }
  // Digits beyond whole bytes mean nothing; long double holds every 64-bit count.
  const long double bytes = std::floor(static_cast<long double>(*number) * unit);
  const auto shown = [](std::uint64_t count) { return write_bytes(count).Scalar(); };
  if (bytes < static_cast<long double>(least)) {
    throw UsageError(fmt::format("'{}' is too small (at least {}{}); write such as 4GiB", text,
                                 shown(least),
                                 unit == 1 ? "; a number without a unit is bytes" : ""));
  }
  if (bytes > static_cast<long double>(most)) {
    throw UsageError(fmt::format("'{}' is too large (at most {})", text, shown(most)));
  }
  return static_cast<std::uint64_t>(bytes);
}

std::vector<std::string> read_list(const YAML::Node& node) {
  if (!node.IsDefined() || node.IsNull()) {
    throw UsageError("no value (the key stands alone); give a list or remove the key");
  }
  if (!node.IsSequence()) {
    throw UsageError(
        fmt::format("'{0}' is not a list (a list belongs here); write [{0}]", yaml_text(node)));
  }
  std::vector<std::string> items;
  for (const YAML::Node& item : node) {
    if (!item.IsScalar()) {
      throw UsageError(
          fmt::format("'{}' is not a list of plain values; write it as [a, b]", yaml_text(node)));
    }
    if (item.Scalar().empty()) {
      throw UsageError(fmt::format("'{}' has an empty item; remove it", yaml_text(node)));
    }
    items.push_back(item.Scalar());
  }
  if (items.empty()) {
    throw UsageError("the list is empty (it would select nothing); remove the key for its default");
  }
  return items;
}

YAML::Node write_text(std::string_view text) { return YAML::Node(std::string(text)); }
YAML::Node write_count(std::uint64_t count) { return YAML::Node(fmt::format("{}", count)); }
YAML::Node write_number(double number) { return YAML::Node(fmt::format("{}", number)); }

YAML::Node write_bytes(std::uint64_t bytes) {
  for (const ByteUnit& unit : std::span(byte_units).first(binary_units)) {
    if (bytes != 0 && bytes % unit.bytes == 0) {
      return write_text(fmt::format("{}{}", bytes / unit.bytes, unit.name));
    }
  }
  return write_count(bytes);
}

YAML::Node write_list(std::span<const std::string> items) {
  if (items.empty()) return {};
  YAML::Node list(YAML::NodeType::Sequence);
  for (const std::string& item : items) list.push_back(item);
  return list;
}

std::uint64_t parse_count(const std::string& text, std::uint64_t least, std::uint64_t most) {
  return read_count(YAML::Node(text), least, most);
}

double parse_confidence(const std::string& text) { return read_confidence(YAML::Node(text)); }

double parse_time_s(const std::string& text) { return read_time_s(YAML::Node(text)); }

void throw_unknown_value(std::string_view value, std::span<const std::string> accepted) {
  throw UsageError(fmt::format("'{}' is not known{}; accepted: {}", value,
                               did_you_mean(value, accepted), fmt::join(accepted, ", ")));
}

}  // namespace softbeam::config
