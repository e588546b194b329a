#include "host/run/wave/conv_forms.h"

#include <ATen/ATen.h>

#include "host/run/wave/conv_cost.h"

namespace softbeam::run {
namespace {

// A first use compiles the shape's kernel and proves it: the share of this that a plan counts. The
// more it counts, the fewer shapes appear.
double first_use_seconds(double call_seconds) {
  constexpr double compile_seconds = 1e-3;
  constexpr double proof_calls = 1;
  constexpr double share = 0.5;
  return share * (compile_seconds + proof_calls * call_seconds);
}

// A sum that starts from -0 stays -0 over padding that a kernel leaves out; zeros laid out in a
// window turn it into 0.
bool has_negative_zero(const at::Tensor& bias) {
  return bias.defined() && at::logical_and(bias == 0, at::signbit(bias)).any().item<bool>();
}

// Images of fewer outputs are not worth a window, and have too few words to prove one with.
constexpr std::int64_t least_outputs = 9;

}  // namespace

bool ConvNode::prepare(const ConvLayer& layer, const GoldenImages& golden) {
  const std::scoped_lock lock(mutex_);
  if (prepared_) {
    return images_.has_value();
  }
  prepared_ = true;
  if (!layer.geometry.finite) {
    off_.push_back({layer.name, Form::crop, "all", "a weight or bias is not finite"});
    return false;
  }
  if (has_negative_zero(layer.bias)) {
    off_.push_back({layer.name, Form::crop, "all", "a bias is -0.0"});
    return false;
  }
  const Convolution& geometry = layer.geometry;
  if (std::int64_t{geometry.y.out} * geometry.x.out < least_outputs) {
    return false;
  }
  images_ = proof_images(
      {geometry.in_channels, geometry.y.in, geometry.x.in},
      {geometry.out_channels, geometry.y.out, geometry.x.out},
      [&](const at::Tensor& chunk) { return layer.whole(chunk); }, golden, random_);
  if (!images_) {
    off_.push_back({layer.name, Form::crop, "all", "whole images do not come out as golden did"});
    return false;
  }
  const ConvShape whole{Form::canvas, Packing::cells, 8, 1, 1};
  scale_ = images_->seconds_per_image * 8 / modelled_seconds(layer.geometry, whole);
  noise_ = make_noise(layer, golden.batch, random_);
  if (const auto set = instruction_set()) {
    own_ = prove_own(layer, golden, *images_, *noise_, *set, random_);
    if (own_.layer == nullptr) {
      off_.push_back({layer.name, Form::own, "own kernel", own_.failure});
    }
  }
  return true;
}

bool ConvNode::usable(const ConvLayer& layer, const ConvShape& shape, const GoldenImages& golden,
                      FloatBuffer& buffer) {
  const std::scoped_lock lock(mutex_);
  if (!images_) {
    return false;
  }
  const auto [known, is_new] = proofs_.try_emplace(shape);
  Proof& proof = known->second;
  if (is_new) {
    proof = prove(layer, shape, golden, *images_, random_, buffer);
    if (proof.failure.empty()) {
      proof.failure =
          prove(noise_->layer, shape, noise_->golden, noise_->images, random_, buffer).failure;
    }
    if (proof.failure.empty()) {
      const double modelled = modelled_seconds(layer.geometry, shape);
      scale_ += 0.25 * (proof.seconds / modelled - scale_);
    } else {
      off_.push_back({layer.name, shape.form, describe(shape), proof.failure});
    }
  }
  return proof.failure.empty();
}

std::optional<ConvCost> ConvNode::cost(const ConvLayer& layer, const ConvShape& shape) const {
  const std::scoped_lock lock(mutex_);
  const auto known = proofs_.find(shape);
  if (known == proofs_.end()) {
    const double modelled = scale_ * modelled_seconds(layer.geometry, shape);
    return ConvCost{modelled, first_use_seconds(modelled)};
  }
  if (!known->second.failure.empty()) {
    return std::nullopt;
  }
  return ConvCost{known->second.seconds, 0};
}

void ConvNode::took(const ConvShape& shape, double seconds) {
  constexpr double weight_of_longer = 0.05;
  const std::scoped_lock lock(mutex_);
  double& known = proofs_.at(shape).seconds;
  known = seconds < known ? seconds : known + weight_of_longer * (seconds - known);
}

double ConvNode::dense_seconds() const {
  const std::scoped_lock lock(mutex_);
  return images_ ? images_->seconds_per_image : 0;
}

void ConvNode::list(std::vector<SwitchedOff>& all) const {
  const std::scoped_lock lock(mutex_);
  all.insert(all.end(), off_.begin(), off_.end());
}

ConvolutionForms::ConvolutionForms(std::size_t steps, std::uint64_t seed, Convolve convolve)
    : convolve_(std::move(convolve)) {
  nodes_.reserve(steps);
  for (std::size_t s = 0; s < steps; ++s) {
    nodes_.push_back(std::make_unique<ConvNode>(seed, s));
  }
}

std::vector<SwitchedOff> ConvolutionForms::switched_off() const {
  std::vector<SwitchedOff> all;
  for (const auto& node : nodes_) {
    node->list(all);
  }
  return all;
}

}  // namespace softbeam::run
