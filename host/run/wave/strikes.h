// The corruptions of a wave by the place that they strike, and the act of striking a row.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/execute/profile.h"
#include "host/run/chunk.h"
#include "injectors/corruption.h"
#include "injectors/window.h"

namespace softbeam::run {

struct Strikable {
  std::uint32_t trial = 0;
  std::uint32_t corruption = 0;  // index into the chunk's corruptions
};

// The strikes of one trial, from a list that ascends by trial.
std::span<const Strikable> of_trial(std::span<const Strikable> all, std::uint32_t trial);

class Strikes {
 public:
  Strikes(const model::Graph& graph, const execute::Profile& profile);

  // Sorts the chunk's corruptions by place. `effects` is as long as chunk.corruptions.
  void begin(const Chunk& chunk, std::vector<injectors::Effect>& effects);

  // All ascending by trial; a trial stands there once per corruption.
  std::span<const Strikable> at_value(model::ValueId id) const { return by_value_[id.value]; }
  // Those of one trial alone.
  std::span<const Strikable> at_value(model::ValueId id, std::uint32_t trial) const;
  std::span<const Strikable> at_parameter(model::ValueId id) const {
    return by_parameter_[id.value];
  }
  // By node and slot; empty for nearly all.
  std::span<const Strikable> at_input(model::NodeId node, std::size_t slot) const;
  bool any_at_input(model::NodeId node) const { return struck_nodes_[node.value]; }

  const injectors::Corruption& corruption(const Strikable& s) const {
    return chunk_->corruptions[s.corruption];
  }

  // Strikes one word in place, reads it back and records the effect; `word` points to the element's
  // first byte. A NaN is taken for the canonical one. Throws RunError where planned and effected
  // differ. True if the word changed.
  bool strike(const Strikable& s, std::byte* word, std::uint32_t word_bytes);
  // For corruptions of parameters, which strike all trials of a fault at once, at every node that
  // reads the parameter.
  void record(const Strikable& s, const injectors::Effect& effect);

  bool done(const Strikable& s) const { return done_[s.corruption]; }
  // Corruptions that have met their word so far.
  std::size_t struck() const { return struck_; }

 private:
  void add_at_input(const execute::SitePlace& place, Strikable strikable);

  const execute::Profile& profile_;
  const Chunk* chunk_ = nullptr;
  std::vector<injectors::Effect>* effects_ = nullptr;
  std::vector<std::vector<Strikable>> by_value_;      // by ValueId
  std::vector<std::uint32_t> value_of_;               // by corruption; UINT32_MAX if not at a value
  std::vector<std::vector<Strikable>> by_parameter_;  // by ValueId
  struct AtInput {
    model::NodeId node;
    std::size_t slot;
    std::vector<Strikable> strikes;
  };
  std::vector<AtInput> by_input_;
  std::vector<bool> struck_nodes_;
  std::vector<bool> done_;  // by corruption
  std::size_t struck_ = 0;
};

}  // namespace softbeam::run
