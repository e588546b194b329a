#include "host/run/wave/region_eval.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>

#include "host/run/wave/region_kernels.h"

namespace softbeam::run {
namespace {

// The library computes the last words of a tensor one by one, at times with other bits: operands
// that it sees end in whole vectors, twice unrolled.
constexpr std::int64_t library_block = 64;

constexpr std::int64_t rounded(std::int64_t words) {
  return (words + library_block - 1) / library_block * library_block;
}

void copy(float* to, const float* from, std::int64_t words) {
  std::memcpy(to, from, static_cast<std::size_t>(words) * sizeof(float));
}

bool is_plain_sum(const Stage& stage) {
  return stage.kind == StageKind::add && !stage.has_scalar && stage.alpha == 1.0F;
}

}  // namespace

void Evaluation::begin(const Region& region, const injectors::Rect& window) {
  region_ = &region;
  window_ = window;
  area_ = window.area();
  const std::size_t operands = region.operands.size();
  data_.assign(operands, nullptr);
  place_.resize(operands);
  std::size_t end = 0;
  for (std::uint32_t o = 0; o < operands; ++o) {
    place_[o] = end;
    end += static_cast<std::size_t>(rounded(words(o) + gather_slack));
  }
  if (memory_.size() < end) {
    memory_.resize(end + end / 4);
  }
  held_.clear();
}

void Evaluation::set_external(std::uint32_t operand, const float* golden, const float* row,
                              const injectors::Rect& rect) {
  if (row != nullptr && rect == window_) {
    data_[operand] = row;
    return;
  }
  if (row == nullptr && area_ == std::int64_t{region_->height} * region_->width) {
    data_[operand] = golden;
    return;
  }
  float* const to = own(operand);
  gather(to, golden, region_->channels[operand], region_->height, region_->width, window_);
  if (row != nullptr) {
    lay_over(to, window_, row, rect, region_->channels[operand]);
  }
  data_[operand] = to;
}

float* Evaluation::writable(std::uint32_t operand) {
  float* const to = own(operand);
  if (data_[operand] != to) {
    copy(to, data_[operand], words(operand));
    data_[operand] = to;
  }
  return to;
}

void Evaluation::run_passes() {
  for (const Pass& pass : region_->passes) {
    if (pass.count == 1) {
      run_stage(region_->stages[pass.first]);
    } else {
      run_pass(pass);
    }
  }
}

void Evaluation::run_pass(const Pass& pass) {
  const Stage* stage = &region_->stages[pass.first];
  const Stage* const end = stage + pass.count;
  const std::uint32_t output = (end - 1)->output;
  Chain chain;
  chain.x = data_[stage->inputs[0]];
  if (stage->kind == StageKind::batch_norm) {
    chain.scale = stage->scale.data();
    chain.shift = stage->shift.data();
    ++stage;
  }
  if (stage != end && is_plain_sum(*stage)) {
    const bool follows = stage != &region_->stages[pass.first];
    chain.other_first = follows && stage->inputs[1] == (stage - 1)->output;
    chain.other = data_[stage->inputs[chain.other_first ? 0 : 1]];
    ++stage;
  }
  if (stage != end) {
    chain.bounded = true;
    chain.low = stage->low;
    chain.high = stage->high;
  }
  chain.y = own(output);
  chain.channels = region_->channels[output];
  chain.area = area_;
  run_chain(chain);
  data_[output] = chain.y;
}

void Evaluation::run_stage(const Stage& stage) {
  const std::uint32_t output = stage.output;
  const float* const a = data_[stage.inputs[0]];
  float* const y = own(output);
  const std::int64_t count = words(output);
  data_[output] = y;
  Chain chain{.x = a, .y = y, .channels = region_->channels[output], .area = area_};
  switch (stage.kind) {
    case StageKind::batch_norm:
      chain.scale = stage.scale.data();
      chain.shift = stage.shift.data();
      run_chain(chain);
      break;
    case StageKind::relu:
    case StageKind::clamp:
      chain.bounded = true;
      chain.low = stage.low;
      chain.high = stage.high;
      run_chain(chain);
      break;
    case StageKind::add:
    case StageKind::subtract: {
      const float alpha = stage.kind == StageKind::add ? stage.alpha : -stage.alpha;
      if (stage.has_scalar) {
        add_scalar(y, a, stage.scalar, alpha, count);
      } else if (alpha == 1.0F) {
        chain.other = data_[stage.inputs[1]];
        run_chain(chain);
      } else {
        add_scaled(y, a, data_[stage.inputs[1]], alpha, count);
      }
      break;
    }
    case StageKind::multiply:
      if (stage.has_scalar) {
        multiply_scalar(y, a, stage.scalar, count);
      } else {
        multiply(y, a, data_[stage.inputs[1]], count);
      }
      break;
    case StageKind::concatenate: {
      float* to = y;
      for (const std::uint32_t input : stage.inputs) {
        copy(to, data_[input], words(input));
        to += words(input);
      }
      break;
    }
    case StageKind::channels:
      data_[output] = a + stage.first_channel * area_;
      break;
    case StageKind::identity:
      data_[output] = a;
      break;
    case StageKind::unary:
      run_unary(stage);
      break;
  }
}

void Evaluation::run_unary(const Stage& stage) {
  const std::int64_t count = words(stage.output);
  const std::int64_t padded = rounded(count);
  float* const x = own(stage.output);  // the operator may write in place
  copy(x, data_[stage.inputs[0]], count);
  std::fill(x + count, x + padded, 0.0F);
  const at::Tensor result = stage.apply(at::from_blob(x, {padded}, at::kFloat));
  data_[stage.output] = result.const_data_ptr<float>();
  if (data_[stage.output] != x) {
    held_.push_back(result);
  }
}

}  // namespace softbeam::run
