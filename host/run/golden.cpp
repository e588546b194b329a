#include "host/run/golden.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "host/base/digest.h"
#include "host/base/error.h"
#include "host/base/parallel.h"

namespace softbeam::run {
namespace {

std::vector<std::uint32_t> block(std::uint64_t first, std::uint64_t batch, std::uint64_t samples) {
  std::vector<std::uint32_t> indices;
  for (std::uint64_t s = first; s < std::min(first + batch, samples); ++s) {
    indices.push_back(static_cast<std::uint32_t>(s));
  }
  return indices;
}

}  // namespace

Golden::Golden(std::span<const std::unique_ptr<PlainRunner>> runners, const data::Dataset& data,
               const execute::Profile& profile, execute::Randomness randomness)
    : deterministic_(profile.deterministic) {
  for (const auto& shape : profile.output_shapes) {
    sizes_.push_back(static_cast<std::size_t>(
        std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>())));
    values_.emplace_back(data.samples * sizes_.back());
  }
  const auto batch = static_cast<std::uint64_t>(profile.batch);
  const std::uint64_t blocks = (data.samples + batch - 1) / batch;
  parallel_for(runners.size(), blocks, [&](std::size_t worker, std::uint64_t b) {
    std::vector<std::uint32_t> samples = block(b * batch, batch, data.samples);
    const auto first = runners[worker]->run_clean(samples);
    // Rotated, so that determinism and independence of the place are proved in one go.
    std::rotate(samples.begin(), samples.begin() + 1, samples.end());
    const auto second = runners[worker]->run_clean(samples);
    for (std::size_t o = 0; o < sizes_.size(); ++o) {
      const auto* a = first[o].const_data_ptr<float>();
      const auto* c = second[o].const_data_ptr<float>();
      for (std::size_t r = 0; r < samples.size(); ++r) {
        const std::uint32_t sample = samples[r];
        const float* row = a + (sample - b * batch) * sizes_[o];
        if (std::memcmp(row, c + r * sizes_[o], sizes_[o] * sizeof(float)) != 0) {
          if (randomness == execute::Randomness::refused) {
            throw RunError(
                fmt::format("two clean runs of sample {} differ (the model is not deterministic "
                            "on this device); nothing was recorded: accept what that means for "
                            "the rates with --allow-nondeterministic",
                            sample));
          }
          deterministic_ = false;
        }
        if (std::any_of(row, row + sizes_[o], [](float v) { return std::isnan(v); })) {
          throw RunError(
              fmt::format("the fault-free output of sample {} has NaN; faults cannot be "
                          "told from it: check the model and the data's scale",
                          sample));
        }
        std::copy_n(row, sizes_[o],
                    values_[o].begin() + static_cast<std::ptrdiff_t>(sample * sizes_[o]));
      }
    }
  });
  std::string all;
  for (const auto& values : values_) {
    all += softbeam::digest(std::as_bytes(std::span(values)));
  }
  digest_ = softbeam::digest(all);
}

std::span<const float> Golden::row(std::size_t o, std::uint32_t sample) const {
  return std::span(values_[o]).subspan(sample * sizes_[o], sizes_[o]);
}

}  // namespace softbeam::run
