#include "host/run/wave/own/layer.h"

#include <algorithm>

namespace softbeam::run {
namespace {

constexpr std::int32_t rounded(std::int32_t words, std::int32_t step) {
  return (words + step - 1) / step * step;
}

// Pixels that lie a power of two apart compete for the same lines of the cache.
std::int32_t apart(std::int32_t words) { return words % 128 == 0 ? words + 16 : words; }

}  // namespace

OwnLayer::OwnLayer(const ConvLayer& layer, const SumOrder& order, InstructionSet set)
    : geometry_(layer.geometry), order_(order), set_(set), depthwise_(is_depthwise(geometry_)) {
  const std::int32_t lane = lanes(set);
  groups_ = depthwise_ ? 1 : static_cast<std::int32_t>(geometry_.groups);
  const std::int32_t per_group = geometry_.out_channels / groups_;
  vectors_ = rounded(per_group, lane) / lane;
  output_words_ = groups_ * vectors_ * lane;
  input_words_ = apart(depthwise_ ? output_words_ : geometry_.in_channels);
  const at::Tensor weight = layer.weight.contiguous();
  bias_.assign(static_cast<std::size_t>(output_words_), 0.0F);
  if (layer.bias.defined()) {
    const at::Tensor bias = layer.bias.contiguous();
    for (std::int32_t g = 0; g < groups_; ++g) {
      std::copy_n(bias.const_data_ptr<float>() + g * per_group, per_group,
                  bias_.begin() + output_of_group(g));
    }
  }
  if (depthwise_) {
    pack_depthwise(weight.const_data_ptr<float>());
  } else {
    pack(weight.const_data_ptr<float>(), per_group);
  }
}

// A panel a group: vectors two by two, then a single one; of each the products in their order.
void OwnLayer::pack(const float* weight, std::int32_t per_group) {
  const std::int32_t lane = lanes(set_);
  const auto channels = static_cast<std::int32_t>(geometry_.in_channels / geometry_.groups);
  const std::int32_t taps = geometry_.y.kernel * geometry_.x.kernel;
  weights_.reserve(static_cast<std::size_t>(output_words_) * static_cast<std::size_t>(channels) *
                   static_cast<std::size_t>(taps));
  for (std::int32_t g = 0; g < groups_; ++g) {
    for (std::int32_t v = 0; v < vectors_;) {
      const std::int32_t together = v + vectors_together <= vectors_ ? vectors_together : 1;
      for (std::int32_t first = 0; first < channels; first += order_.block) {
        const std::int32_t last = std::min(first + order_.block, channels);
        for (std::int32_t t = 0; t < taps; ++t) {
          for (std::int32_t c = first; c < last; ++c) {
            for (std::int32_t o = v * lane; o < (v + together) * lane; ++o) {
              const std::int64_t filter = std::int64_t{g} * per_group + o;
              weights_.push_back(o < per_group ? weight[(filter * channels + c) * taps + t] : 0.0F);
            }
          }
        }
      }
      v += together;
    }
  }
}

void OwnLayer::pack_depthwise(const float* weight) {
  const std::int32_t taps = geometry_.y.kernel * geometry_.x.kernel;
  weights_.assign(static_cast<std::size_t>(taps * output_words_), 0.0F);
  for (std::int32_t t = 0; t < taps; ++t) {
    for (std::int32_t c = 0; c < geometry_.out_channels; ++c) {
      weights_[static_cast<std::size_t>(t * output_words_ + c)] = weight[c * taps + t];
    }
  }
}

void OwnLayer::sum(std::span<const float* const> positions, std::span<const std::ptrdiff_t> taps,
                   float* output) const {
  if (depthwise_) {
    run(DepthwiseJob{.inputs = positions.data(),
                     .positions = positions.size(),
                     .taps = taps.data(),
                     .tap_count = static_cast<std::int32_t>(taps.size()),
                     .bias_at = order_.bias,
                     .weights = weights_.data(),
                     .bias = bias_.data(),
                     .output = output,
                     .output_stride = output_words_,
                     .vectors = vectors_},
        set_);
    return;
  }
  const auto channels = static_cast<std::int32_t>(geometry_.in_channels / geometry_.groups);
  std::vector<std::ptrdiff_t> of_group(taps.begin(), taps.end());
  for (std::int32_t g = 0; g < groups_; ++g) {
    run(SumJob{.inputs = positions.data(),
               .positions = positions.size(),
               .taps = of_group.data(),
               .tap_count = static_cast<std::int32_t>(taps.size()),
               .channels = channels,
               .order = order_,
               .weights = weights_.data() + weights_.size() / static_cast<std::size_t>(groups_) *
                                                static_cast<std::size_t>(g),
               .bias = bias_.data() + output_of_group(g),
               .output = output + output_of_group(g),
               .output_stride = output_words_,
               .vectors = vectors_},
        set_);
    for (std::ptrdiff_t& tap : of_group) {
      tap += channels;
    }
  }
}

}  // namespace softbeam::run
