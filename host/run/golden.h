// The fault-free outputs of every sample, run twice and equal bit for bit; or run once, for a model
// that is not deterministic. In the wave the second run is the one that keeps golden's values.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "host/run/plain.h"

namespace softbeam::run {

class Golden {
 public:
  // Runs every sample in chunks of the campaign's shape, rows rotated by one, in parallel over the
  // runners. Throws RunError naming the sample whose output has NaN.
  Golden(std::span<const std::unique_ptr<PlainRunner>> runners, const data::Dataset& data,
         const execute::Profile& profile,
         execute::Randomness randomness = execute::Randomness::refused);

  // The second run, rows in place: so that determinism and independence of the place are proved in
  // one go. Throws RunError naming the sample where the two differ, unless randomness is allowed.
  // Does nothing the second time.
  void confirm(std::span<const std::unique_ptr<PlainRunner>> runners);
  // The same for outputs that another run gave: one tensor per output, a row per sample.
  void confirm(std::span<const std::uint32_t> samples, const std::vector<at::Tensor>& outputs);

  std::size_t outputs() const { return sizes_.size(); }
  // Output `o` of one sample.
  std::span<const float> row(std::size_t o, std::uint32_t sample) const;
  const std::string& digest() const { return digest_; }
  bool deterministic() const { return deterministic_; }

 private:
  void for_each_chunk(std::span<const std::unique_ptr<PlainRunner>> runners, bool rotated,
                      const std::function<void(std::span<const std::uint32_t>,
                                               const std::vector<at::Tensor>&)>& receive) const;

  std::size_t samples_ = 0;
  std::size_t batch_ = 1;
  execute::Randomness randomness_;
  bool confirmed_ = false;
  std::vector<std::size_t> sizes_;          // elements of one sample, by output
  std::vector<std::vector<float>> values_;  // by output: [samples, elements]
  std::string digest_;
  std::atomic<bool> deterministic_{true};  // as far as two runs show
};

}  // namespace softbeam::run
