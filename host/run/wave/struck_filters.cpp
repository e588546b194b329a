#include "host/run/wave/struck_filters.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "host/run/wave/hostile.h"
#include "host/run/wave/same_words.h"

namespace softbeam::run {
namespace {

bool same(const float* a, const float* b, std::int64_t words) {
  return std::memcmp(a, b, static_cast<std::size_t>(words) * sizeof(float)) == 0 ||
         same_words(a, b, static_cast<std::uint64_t>(words));
}

at::Tensor image_of(const float* data, const WaveValue& value) {
  return at::from_blob(const_cast<float*>(data), {1, value.channels, value.height, value.width},
                       at::kFloat);
}

}  // namespace

void FilterProofs::switch_off(std::size_t step, std::string why) {
  const std::lock_guard lock(mutex_);
  if (states_[step].exchange(State::inexact) != State::inexact) {
    off_.emplace_back(step, std::move(why));
  }
}

std::vector<std::pair<std::size_t, std::string>> FilterProofs::switched_off() const {
  const std::lock_guard lock(mutex_);
  return off_;
}

const at::Tensor& StruckFilters::stored(const Step& step, std::uint32_t slot) const {
  const model::Node& node = program_.graph->node(step.nodes.front());
  return executor_.parameter(node.slots[slot].value);
}

std::optional<std::int64_t> StruckFilters::block_of(Sweep& sweep, std::size_t step,
                                                    std::uint32_t trial) {
  const Step& s = program_.steps[step];
  find_struck(sweep, s, trial);
  const std::int64_t first = struck_.front() / block * block;
  if (struck_.back() / block * block != first) {
    return std::nullopt;
  }
  return first;
}

std::int64_t StruckFilters::prepare(Sweep& sweep, std::size_t step) {
  const Step& s = program_.steps[step];
  if (s.kind != StepKind::convolution || !fits(s)) {
    return 0;
  }
  if (proofs_.state(step) == State::unknown) {
    const Timed timed(sweep.counters(), Work::proof);
    const std::lock_guard lock(proofs_.guard(step));
    if (proofs_.state(step) == State::unknown) {
      proofs_.state(step) = prove(step, sweep.golden());
    }
  }
  const State state = proofs_.state(step);
  return state == State::inexact ? 0 : state == State::single ? 1 : 2;
}

// Whole blocks of filters, each over all channels, with padding that conv2d takes as a number.
bool StruckFilters::fits(const Step& step) const {
  const Convolution& conv = program_.convolutions[step.detail];
  const auto symmetric = [](const injectors::Axis& a) {
    return a.out == (a.in + 2 * a.padding - a.reach()) / a.stride + 1;
  };
  const model::Node& node = program_.graph->node(step.nodes.front());
  constexpr std::int32_t least_outputs = 9;  // too few words to prove anything with
  return conv.groups == 1 && conv.y.out * conv.x.out >= least_outputs &&
         conv.out_channels >= 2 * block && conv.out_channels % block == 0 && symmetric(conv.y) &&
         symmetric(conv.x) && executor_.is_stored(node.slots[conv.weight_slot].value);
}

void StruckFilters::find_struck(Sweep& sweep, const Step& step, std::uint32_t trial) {
  const Convolution& conv = program_.convolutions[step.detail];
  const auto per_filter = static_cast<std::uint64_t>(conv.in_channels) *
                          static_cast<std::uint64_t>(conv.y.kernel * conv.x.kernel);
  const model::Node& node = program_.graph->node(step.nodes.front());
  struck_.clear();
  for (const model::ValueId parameter : step.parameters) {
    const bool is_weight = node.slots[conv.weight_slot].value == parameter;
    for (const Strikable& s : of_trial(sweep.strikes().at_parameter(parameter), trial)) {
      const std::uint64_t element = sweep.strikes().corruption(s).element;
      struck_.push_back(static_cast<std::int64_t>(is_weight ? element / per_filter : element));
    }
  }
  std::sort(struck_.begin(), struck_.end());
}

StruckFilters::State StruckFilters::prove(std::size_t step, const GoldenBlock& golden) {
  if (gives_whole(step, 1, golden)) {
    return State::single;
  }
  return gives_whole(step, 2, golden) ? State::pair : State::inexact;
}

// Every block of filters, on a golden image, and on a hostile one against the whole layer on the
// campaign's own chunk.
bool StruckFilters::gives_whole(std::size_t step, std::int64_t images, const GoldenBlock& golden) {
  constexpr std::int64_t least_images = 5;
  const Step& s = program_.steps[step];
  const WaveValue& in = program_.value(s.inputs[0]);
  const WaveValue& out = program_.value(s.outputs[0]);
  at::Tensor hostile = dense_.golden_inputs(step, program_.profile->batch, golden)[0].clone();
  plant_hostile(hostile, step);
  const at::Tensor expected = dense_.call(step, std::span(&hostile, 1))[0];
  const std::int64_t blocks = out.channels / block;
  const std::int64_t words = block * out.plane();
  const std::int64_t tried = std::max(blocks, least_images);
  for (std::int64_t i = 0; i < 2 * tried; ++i) {
    const std::int64_t first = i % tried % blocks * block;
    const bool clean = i < tried;
    const std::int64_t row = i % tried % program_.profile->batch;
    const auto slot = static_cast<std::uint32_t>(static_cast<std::size_t>(i) % golden.size());
    const float* image = clean ? golden.floats(s.inputs[0], slot)
                               : hostile.const_data_ptr<float>() + row * in.channels * in.plane();
    const float* whole =
        clean ? golden.floats(s.outputs[0], slot)
              : expected.const_data_ptr<float>() + row * static_cast<std::int64_t>(out.elements);
    const at::Tensor result = call(s, first, image_of(image, in), images);
    for (std::int64_t n = 0; n < images; ++n) {
      if (!same(result.const_data_ptr<float>() + n * words, whole + first * out.plane(), words)) {
        return false;
      }
    }
  }
  return true;
}

at::Tensor StruckFilters::call(const Step& step, std::int64_t first_filter, const at::Tensor& image,
                               std::int64_t images) const {
  const Convolution& conv = program_.convolutions[step.detail];
  const at::Tensor weight = stored(step, conv.weight_slot).narrow(0, first_filter, block);
  const at::Tensor bias =
      conv.bias_slot < 0
          ? at::Tensor()
          : stored(step, static_cast<std::uint32_t>(conv.bias_slot)).narrow(0, first_filter, block);
  const at::Tensor input = images == 1 ? image : image.repeat({images, 1, 1, 1});
  return at::conv2d(input, weight, bias, {conv.y.stride, conv.x.stride},
                    {conv.y.padding, conv.x.padding}, {conv.y.dilation, conv.x.dilation})
      .contiguous();
}

bool StruckFilters::run(Sweep& sweep, std::size_t step, std::int64_t images,
                        std::int64_t first_filter, std::uint32_t trial) {
  const Step& s = program_.steps[step];
  const WaveValue& in = program_.value(s.inputs[0]);
  const WaveValue& out = program_.value(s.outputs[0]);
  // Kernels may treat padding otherwise once a weight is Inf or NaN.
  const at::Tensor& weight = stored(s, program_.convolutions[s.detail].weight_slot);
  if (!at::isfinite(weight.narrow(0, first_filter, block)).all().item<bool>()) {
    return false;
  }
  at::Tensor result;
  {
    const Timed timed(sweep.counters(), Work::convolution);
    result = call(s, first_filter, image_of(sweep.golden_floats(s.inputs[0], trial), in), images);
  }
  sweep.counters().macs += s.macs * static_cast<std::uint64_t>(block * images) /
                           static_cast<std::uint64_t>(out.channels);

  const Timed timed(sweep.counters(), Work::emit);
  const float* golden = sweep.golden_floats(s.outputs[0], trial);
  const std::int64_t plane = out.plane();
  row_.assign(golden, golden + out.elements);
  find_struck(sweep, s, trial);
  for (std::int64_t c = 0; c < block; ++c) {
    const float* computed = result.const_data_ptr<float>() + c * plane;
    const std::int64_t channel = first_filter + c;
    if (std::binary_search(struck_.begin(), struck_.end(), channel)) {
      std::copy_n(computed, plane, row_.begin() + static_cast<std::ptrdiff_t>(channel * plane));
    } else if (!same(computed, golden + channel * plane, plane)) {
      proofs_.switch_off(step, fmt::format("channel {} was not golden's although other filters "
                                           "were struck",
                                           channel));
      return false;
    }
  }
  sweep.emit_whole(s.outputs[0], trial, reinterpret_cast<const std::byte*>(row_.data()));
  return true;
}

}  // namespace softbeam::run
