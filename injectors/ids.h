// Typed integers, so that the index spaces of a campaign cannot be mixed up.
// Used by plans, runs and records.
#pragma once

#include <compare>
#include <cstdint>

namespace softbeam::injectors {

template <class Tag, class Rep>
struct Id {
  using rep = Rep;
  Rep value{};
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

using SiteId = Id<struct SiteTag, std::uint32_t>;      // index into the profile's sites
using SampleId = Id<struct SampleTag, std::uint32_t>;  // index into the data set
using FaultId = Id<struct FaultTag, std::uint64_t>;
using TrialId = Id<struct TrialTag, std::uint64_t>;

}  // namespace softbeam::injectors
