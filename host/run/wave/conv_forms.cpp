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
    return has_forms_;
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
  auto made = make_material(layer, golden);
  if (made == nullptr) {
    off_.push_back({layer.name, Form::crop, "all", "whole images do not come out as golden did"});
    return false;
  }
  has_forms_ = true;
  dense_seconds_ = made->images.seconds_per_image;
  const ConvShape whole{Form::canvas, Packing::cells, 8, 1, 1};
  scale_ = dense_seconds_ * 8 / modelled_seconds(layer.geometry, whole);
  if (const auto set = instruction_set()) {
    own_ = prove_own(layer, golden, made->images, made->noise, *set, random_);
    if (own_.layer == nullptr) {
      off_.push_back({layer.name, Form::own, "own kernel", own_.failure});
    }
  }
  keep(std::move(made), layer);
  return true;
}

std::unique_ptr<ConvNode::Material> ConvNode::make_material(const ConvLayer& layer,
                                                            const GoldenImages& golden) {
  const Convolution& geometry = layer.geometry;
  auto images = proof_images(
      {geometry.in_channels, geometry.y.in, geometry.x.in},
      {geometry.out_channels, geometry.y.out, geometry.x.out},
      [&](const at::Tensor& chunk) { return layer.whole(chunk); }, golden, random_);
  if (!images) {
    return nullptr;
  }
  return std::make_unique<Material>(
      Material{std::move(*images), make_noise(layer, golden.batch, random_)});
}

void ConvNode::keep(std::unique_ptr<Material> made, const ConvLayer& layer) {
  const auto bytes = static_cast<std::int64_t>(proof_bytes(layer.geometry));
  if (room_ == nullptr || room_->fetch_sub(bytes) >= bytes) {
    kept_ = std::move(made);
  } else {
    *room_ += bytes;
  }
}

Proof ConvNode::prove_shape(const ConvLayer& layer, const ConvShape& shape,
                            const GoldenImages& golden, FloatBuffer& buffer) {
  const auto made = kept_ ? nullptr : make_material(layer, golden);
  const Material* with = kept_ ? kept_.get() : made.get();
  if (with == nullptr) {
    Proof proof;
    proof.failure = "whole images do not come out as golden did";
    return proof;
  }
  Proof proof = prove(layer, shape, golden, with->images, random_, buffer);
  if (proof.failure.empty()) {
    const NoiseLayer& noise = with->noise;
    proof.failure = prove(noise.layer, shape, noise.golden, noise.images, random_, buffer).failure;
  }
  return proof;
}

bool ConvNode::usable(const ConvLayer& layer, const ConvShape& shape, const GoldenImages& golden,
                      FloatBuffer& buffer) {
  const std::scoped_lock lock(mutex_);
  if (!has_forms_) {
    return false;
  }
  const auto [known, is_new] = proofs_.try_emplace(shape);
  Proof& proof = known->second;
  if (is_new) {
    proof = prove_shape(layer, shape, golden, buffer);
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
  return dense_seconds_;
}

void ConvNode::list(std::vector<SwitchedOff>& all) const {
  const std::scoped_lock lock(mutex_);
  all.insert(all.end(), off_.begin(), off_.end());
}

std::uint64_t proof_bytes(const Convolution& geometry) {
  const auto image = [](std::int64_t channels, const injectors::Axis& y, const injectors::Axis& x,
                        bool in) {
    return static_cast<std::uint64_t>(channels * (in ? y.in : y.out) * (in ? x.in : x.out));
  };
  const std::uint64_t in = image(geometry.in_channels, geometry.y, geometry.x, true);
  const std::uint64_t out = image(geometry.out_channels, geometry.y, geometry.x, false);
  const std::uint64_t weights = geometry.macs_per_pixel();
  // Hostile and noise; three images of the noise layer, and two of them once more. Its weights, and
  // packed.
  constexpr std::uint64_t images = 7;
  return (images * (in + out) + 2 * weights) * sizeof(float);
}

ConvolutionForms::ConvolutionForms(std::size_t steps, std::uint64_t seed, Convolve convolve)
    : convolve_(std::move(convolve)) {
  nodes_.reserve(steps);
  for (std::size_t s = 0; s < steps; ++s) {
    nodes_.push_back(std::make_unique<ConvNode>(seed, s, room_.get()));
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
