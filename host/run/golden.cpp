#include "host/run/golden.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "host/base/digest.h"
#include "host/base/error.h"
#include "host/base/parallel.h"
#include "host/execute/threads.h"

namespace softbeam::run {
Golden::Golden(std::span<const std::unique_ptr<PlainRunner>> runners, const data::Dataset& data,
               const execute::Profile& profile, execute::Randomness randomness)
    : samples_(data.samples),
      batch_(static_cast<std::size_t>(profile.batch)),
      randomness_(randomness),
      deterministic_(profile.deterministic) {
  for (const auto& shape : profile.output_shapes) {
    sizes_.push_back(static_cast<std::size_t>(
        std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>())));
    values_.emplace_back(samples_ * sizes_.back());
  }
  for_each_chunk(
      runners, /*rotated=*/true,
      [&](std::span<const std::uint32_t> samples, const std::vector<at::Tensor>& outputs) {
        for (std::size_t o = 0; o < sizes_.size(); ++o) {
          const auto* row = outputs[o].const_data_ptr<float>();
          for (const std::uint32_t sample : samples) {
            if (std::any_of(row, row + sizes_[o], [](float v) { return std::isnan(v); })) {
              throw RunError(
                  fmt::format("the fault-free output of sample {} has NaN; faults cannot be "
                              "told from it: check the model and the data's scale",
                              sample));
            }
            std::copy_n(row, sizes_[o],
                        values_[o].begin() + static_cast<std::ptrdiff_t>(sample * sizes_[o]));
            row += sizes_[o];
          }
        }
      });
  std::string all;
  for (const auto& values : values_) {
    all += softbeam::digest(std::as_bytes(std::span(values)));
  }
  digest_ = softbeam::digest(all);
}

void Golden::for_each_chunk(
    std::span<const std::unique_ptr<PlainRunner>> runners, bool rotated,
    const std::function<void(std::span<const std::uint32_t>, const std::vector<at::Tensor>&)>&
        receive) const {
  const std::size_t chunks = (samples_ + batch_ - 1) / batch_;
  parallel_for(runners.size(), chunks, [&](std::size_t worker, std::uint64_t c) {
    execute::compute_on_one_thread();
    const std::size_t first = c * batch_;
    std::vector<std::uint32_t> samples(std::min(batch_, samples_ - first));
    std::iota(samples.begin(), samples.end(), static_cast<std::uint32_t>(first));
    if (rotated) {
      std::rotate(samples.begin(), samples.begin() + 1, samples.end());
    }
    receive(samples, runners[worker]->run_clean(samples));
  });
}

void Golden::confirm(std::span<const std::unique_ptr<PlainRunner>> runners) {
  if (confirmed_) {
    return;
  }
  for_each_chunk(runners, /*rotated=*/false,
                 [&](std::span<const std::uint32_t> samples,
                     const std::vector<at::Tensor>& outputs) { confirm(samples, outputs); });
  confirmed_ = true;
}

void Golden::confirm(std::span<const std::uint32_t> samples,
                     const std::vector<at::Tensor>& outputs) {
  for (std::size_t o = 0; o < sizes_.size(); ++o) {
    const auto* again = outputs[o].const_data_ptr<float>();
    for (std::size_t r = 0; r < samples.size(); ++r) {
      if (std::memcmp(row(o, samples[r]).data(), again + r * sizes_[o],
                      sizes_[o] * sizeof(float)) == 0) {
        continue;
      }
      if (randomness_ == execute::Randomness::refused) {
        throw RunError(
            fmt::format("two clean runs of sample {} differ (the model is not deterministic "
                        "on this device); nothing was recorded: accept what that means for "
                        "the rates with --allow-nondeterministic",
                        samples[r]));
      }
      deterministic_ = false;
    }
  }
}

std::span<const float> Golden::row(std::size_t o, std::uint32_t sample) const {
  return std::span(values_[o]).subspan(sample * sizes_[o], sizes_[o]);
}

}  // namespace softbeam::run
