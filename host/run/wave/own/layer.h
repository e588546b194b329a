// A convolution packed for our own kernels: its weights in the order in which they are used.
// Immutable; shared by all workers.
#pragma once

#include <vector>

#include "host/run/wave/conv_layer.h"
#include "host/run/wave/own/kernel.h"

namespace softbeam::run {

class OwnLayer {
 public:
  // Copies weight and bias, which are contiguous floats. Throws std::bad_alloc alone.
  OwnLayer(const ConvLayer& layer, const SumOrder& order, InstructionSet set);

  const Convolution& geometry() const { return geometry_; }
  // Words of an input pixel and of an output pixel, with what fills them up.
  std::int32_t input_words() const { return input_words_; }
  std::int32_t output_words() const { return output_words_; }
  // Where a group's outputs begin in an output pixel.
  std::int32_t output_of_group(std::int64_t group) const {
    return static_cast<std::int32_t>(group) * (output_words_ / groups_);
  }
  // Groups of outputs that follow one another without filling.
  std::int32_t groups() const { return groups_; }

  // `taps`: words from what a position's first tap reads to each tap.
  void sum(std::span<const float* const> positions, std::span<const std::ptrdiff_t> taps,
           float* output) const;

 private:
  void pack(const float* weight, std::int32_t per_group);
  void pack_depthwise(const float* weight);

  Convolution geometry_;
  SumOrder order_;
  InstructionSet set_;
  bool depthwise_ = false;
  std::int32_t groups_ = 1;
  std::int32_t vectors_ = 1;  // of a group
  std::int32_t input_words_ = 0;
  std::int32_t output_words_ = 0;
  std::vector<float> weights_;  // group after group
  std::vector<float> bias_;
};

// True where every channel has one filter of its own.
inline bool is_depthwise(const Convolution& geometry) {
  return geometry.groups > 1 && geometry.groups == geometry.in_channels &&
         geometry.in_channels == geometry.out_channels;
}

}  // namespace softbeam::run
