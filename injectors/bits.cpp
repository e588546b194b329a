// Reading and resolving the entries of `faults.bits`.
#include <charconv>
#include <limits>

#include "injectors/fault_model.h"

namespace softbeam::injectors {
namespace {

// Decimal digits and nothing else: no sign, space or prefix.
std::optional<int> parse_index(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  int index = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, index);
  // The largest int is refused as well: a range stores the index behind its last bit.
  if (result.ec != std::errc{} || result.ptr != end || index == std::numeric_limits<int>::max()) {
    return std::nullopt;
  }
  return index;
}

std::string to_string(BitRange range) {
  if (range.high - range.low == 1) return std::to_string(range.low);
  return std::to_string(range.low) + "-" + std::to_string(range.high - 1);
}

std::uint64_t mask_of(BitRange range) {
  std::uint64_t mask = 0;
  for (int bit = range.low; bit < range.high; ++bit) mask |= std::uint64_t{1} << bit;
  return mask;
}

std::string missing_field(Field field, DType dtype) {
  std::string present;
  for (const Field other : {Field::sign, Field::exponent, Field::mantissa}) {
    if (!field_bits(dtype, other)) continue;
    present += (present.empty() ? "" : ", ") + std::string(name(other));
  }
  return std::string(name(dtype)) + " has no " + std::string(name(field)) +
         " (its fields: " + present + ")";
}

std::string outside(BitRange range, DType dtype) {
  const bool one = range.high - range.low == 1;
  return (one ? "bit " : "bits ") + to_string(range) + (one ? " is" : " are") + " outside " +
         std::string(name(dtype)) + " (bits " + to_string(BitRange{0, bits(dtype)}) + ")";
}

}  // namespace

std::optional<BitSelector> parse_bits(std::string_view text) {
  if (const auto field = parse_field(text)) return *field;
  const std::size_t dash = text.find('-');
  const auto first = parse_index(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_index(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return BitRange{*first, *last + 1};
}

std::string to_string(const BitSelector& selector) {
  if (const auto* field = std::get_if<Field>(&selector)) return std::string(name(*field));
  return to_string(std::get<BitRange>(selector));
}

BitSet resolve_bits(const std::vector<BitSelector>& selectors, DType dtype) {
  if (selectors.empty()) return {.mask = mask_of({0, bits(dtype)}), .error = {}};
  std::uint64_t mask = 0;
  for (const BitSelector& selector : selectors) {
    if (const auto* field = std::get_if<Field>(&selector)) {
      const auto range = field_bits(dtype, *field);
      if (!range) return {.mask = 0, .error = missing_field(*field, dtype)};
      mask |= mask_of(*range);
      continue;
    }
    const BitRange range = std::get<BitRange>(selector);
    if (range.low < 0 || range.high > bits(dtype)) {
      return {.mask = 0, .error = outside(range, dtype)};
    }
    if (range.low >= range.high) return {.mask = 0, .error = "a range of bits is empty"};
    mask |= mask_of(range);
  }
  return {.mask = mask, .error = {}};
}

}  // namespace softbeam::injectors
