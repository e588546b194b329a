// What a campaign's counts tell trials apart by: trials of one class are counted together.
// Made of trials by the campaign's counting and by reports; docs/store.md documents the packed
// form.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "host/record/rows.h"

namespace softbeam::record {

inline constexpr std::uint32_t several_sites = (1U << 22U) - 1;
inline constexpr std::uint32_t no_site = several_sites - 1;  // of a fault without corruptions

// Codes beside the indices of bits, 0 to 63.
inline constexpr std::uint8_t whole_word = 64;           // an operation on the whole word
inline constexpr std::uint8_t several_corruptions = 65;  // even where they agree
inline constexpr std::uint8_t no_bit = 66;
inline constexpr std::uint8_t several_fields = 67;  // one corruption of bits in several fields
inline constexpr std::uint8_t bits_of_field = 68;   // ... of one field: this + injectors::Field

// Where a fault struck, as far as it is counted.
struct Struck {
  std::uint32_t site = no_site;  // SiteId of all corruptions, several_sites or no_site
  std::uint8_t bit = no_bit;
  friend auto operator<=>(const Struck&, const Struck&) = default;
};

struct TrialClass {
  Struck struck;
  std::optional<std::uint32_t> depth;
  compare::Outcome outcome = compare::Outcome::masked;
  bool activated = false;
  bool sdc_1 = false, sdc_5 = false, sdc_10 = false, sdc_20 = false;  // false where not known
  bool labelled = false;                                              // the sample has a label ...
  bool golden_right = false;  // ... and golden's answer is it
  bool faulty_right = false;  // ... and the faulty one is, and is finite
  friend bool operator==(const TrialClass&, const TrialClass&) = default;
};

// One positive number of 62 bits; never 0, since outcomes count from 1.
std::uint64_t pack(const TrialClass& trials);
// Nothing where a bit pattern is no class.
std::optional<TrialClass> unpack(std::uint64_t packed);
// The same class but for the depth, which is then not known.
std::uint64_t without_depth(std::uint64_t packed);
// The first part of a packed class alone, below 2^29.
std::uint32_t packed_struck(std::uint64_t packed);
Struck unpack_struck(std::uint32_t packed);

// Puts trials into classes. Needs the types of the frame's words and the samples' labels.
class Classifier {
 public:
  Classifier(const std::vector<FrameSite>& frame, std::span<const GoldenRow> golden);

  // Of all corruptions of one fault. Throws RunError for a site that is not in the frame.
  Struck struck(std::span<const CorruptionRow> corruptions) const;
  TrialClass classify(const TrialRow& row, Struck struck) const;

 private:
  struct Sample {
    std::optional<std::int64_t> label;
    bool golden_right = false;
  };
  injectors::DType dtype(injectors::SiteId site) const;

  std::vector<std::optional<injectors::DType>> dtypes_;  // by SiteId
  std::size_t frame_sites_;
  std::vector<Sample> samples_;  // those behind the last one have no label
};

}  // namespace softbeam::record
