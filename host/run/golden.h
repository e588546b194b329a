// The fault-free outputs of every sample, run twice and equal bit for bit; or run once, for a model
// that is not deterministic.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/run/plain.h"

namespace softbeam::run {

class Golden {
 public:
  // Runs every sample in chunks of the campaign's shape, then again with the rows rotated, in
  // parallel over the runners. Throws RunError naming the sample where the two differ or where the
  // output has NaN. Where randomness is allowed, the first run is golden whatever the second says.
  Golden(std::span<const std::unique_ptr<PlainRunner>> runners, const data::Dataset& data,
         const execute::Profile& profile,
         execute::Randomness randomness = execute::Randomness::refused);

  std::size_t outputs() const { return sizes_.size(); }
  // Output `o` of one sample.
  std::span<const float> row(std::size_t o, std::uint32_t sample) const;
  const std::string& digest() const { return digest_; }
  bool deterministic() const { return deterministic_; }

 private:
  std::vector<std::size_t> sizes_;          // elements of one sample, by output
  std::vector<std::vector<float>> values_;  // by output: [samples, elements]
  std::string digest_;
  std::atomic<bool> deterministic_{true};  // as far as two runs show
};

}  // namespace softbeam::run
