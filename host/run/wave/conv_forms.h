// What is known of each convolution's forms: which shapes are proved, which are switched off, and
// how long they take. Shared by all workers.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/run/wave/conv_noise.h"
#include "host/run/wave/conv_proof.h"
#include "host/run/wave/own/proof.h"
#include "host/run/wave/switched_off.h"

namespace softbeam::run {

struct ConvCost {
  double seconds = 0;            // of one call, as measured or estimated
  double first_use_seconds = 0;  // what compiling and proving it counts; 0 once proved
};

// The forms of one convolution. Thread-safe.
class ConvNode {
 public:
  // `room`: bytes that all nodes together may keep for later proofs; null: no limit. Images beyond
  // it are made again where they are needed.
  ConvNode(std::uint64_t seed, std::uint64_t id, std::atomic<std::int64_t>* room = nullptr)
      : random_(seed, id, injectors::Purpose::probe), room_(room) {}

  // Makes the images of the proofs and proves the own kernel on the first call; false if this node
  // has no forms but dense rows.
  bool prepare(const ConvLayer& layer, const GoldenImages& golden);
  // Our own kernel, where it is exact. Precondition: prepared.
  const OwnLayer* own() const { return own_.layer.get(); }
  double own_seconds_per_image() const { return own_.seconds_per_image; }
  // Proves the shape on its first use.
  bool usable(const ConvLayer& layer, const ConvShape& shape, const GoldenImages& golden,
              FloatBuffer& buffer);

  // Nothing if the shape is switched off. Precondition: prepared.
  std::optional<ConvCost> cost(const ConvLayer& layer, const ConvShape& shape) const;
  // What a call took; of these measurements the short ones count most.
  void took(const ConvShape& shape, double seconds);
  // Of one whole image of several.
  double dense_seconds() const;

  void list(std::vector<SwitchedOff>& all) const;

 private:
  // What shapes are proved with.
  struct Material {
    ProofImages images;
    NoiseLayer noise;
  };
  std::unique_ptr<Material> make_material(const ConvLayer& layer, const GoldenImages& golden);
  void keep(std::unique_ptr<Material> made, const ConvLayer& layer);
  Proof prove_shape(const ConvLayer& layer, const ConvShape& shape, const GoldenImages& golden,
                    FloatBuffer& buffer);

  mutable std::mutex mutex_;
  injectors::Stream random_;
  std::atomic<std::int64_t>* room_;
  bool prepared_ = false;
  bool has_forms_ = false;
  double dense_seconds_ = 0;
  std::unique_ptr<Material> kept_;  // null: made again for every proof
  OwnProof own_;
  std::map<ConvShape, Proof> proofs_;
  double scale_ = 1;  // measured over modelled seconds
  std::vector<SwitchedOff> off_;
};

// What one layer's proof holds at a time, beside chunks of the campaign's shape: images with their
// results, and random weights.
std::uint64_t proof_bytes(const Convolution& geometry);

class ConvolutionForms {
 public:
  // One node a step of the program (those that are no convolutions stay idle).
  ConvolutionForms(std::size_t steps, std::uint64_t seed,
                   Convolve convolve = library_convolution());

  ConvNode& node(std::size_t step) { return *nodes_[step]; }
  const Convolve& convolve() const { return convolve_; }
  std::vector<SwitchedOff> switched_off() const;
  // Before the first proof: what the nodes may keep for later ones.
  void keep_at_most(std::uint64_t bytes) { *room_ = static_cast<std::int64_t>(bytes); }

 private:
  // At a place of its own, which the nodes know.
  std::unique_ptr<std::atomic<std::int64_t>> room_ =
      std::make_unique<std::atomic<std::int64_t>>(INT64_MAX);
  Convolve convolve_;
  std::vector<std::unique_ptr<ConvNode>> nodes_;
};

}  // namespace softbeam::run
