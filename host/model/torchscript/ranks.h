// How many dimensions the values of the graph have, as far as the operators say; scripted models
// ask for it in checks and branches. Private to torchscript/.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "host/model/torchscript/abstract.h"
#include "host/model/torchscript/state.h"

namespace softbeam::model::torchscript {

class Ranks {
 public:
  explicit Ranks(const State& state) : state_(state) {}

  // What is assumed of the model's input: this value has so many dimensions.
  struct Assumption {
    ValueId value;
    std::int64_t rank = 0;
  };
  struct Answer {
    std::int64_t rank = 0;
    std::vector<Assumption> unchecked;  // given out once; the caller makes the graph check them
  };

  // Learns from a node that was put into the graph.
  void note(const torch::jit::Node& node, const std::vector<Abstract>& inputs,
            const std::vector<Abstract>& outputs);
  // The tensor whose sizes the list holds, or nothing.
  std::optional<ValueId> measured(ValueId list) const;
  // The program goes on only if the tensor has so many dimensions.
  void assume(ValueId tensor, std::int64_t rank) { of_batched(tensor, rank); }
  // The number of dimensions of a tensor or of each tensor of a list. It may rest on the convention
  // that convolutions and the like get a batch of samples.
  std::optional<Answer> of(ValueId value);

 private:
  struct Fact {
    std::int64_t rank = 0;
    std::set<std::size_t> needs;  // assumptions, by index
  };
  std::optional<Fact> fact(const Abstract& value) const;
  std::optional<Fact> widest(const std::shared_ptr<Sequence>& items) const;
  std::optional<Fact> infer(const torch::jit::Node& node, const std::vector<Abstract>& inputs);
  Fact of_batched(const Abstract& input, std::int64_t rank);

  const State& state_;
  std::unordered_map<std::uint32_t, Fact> facts_;
  std::unordered_map<std::uint32_t, ValueId> measured_;  // by the list of sizes
  std::vector<Assumption> assumptions_;
  std::set<std::size_t> checked_;
};

}  // namespace softbeam::model::torchscript
