// Writes a model::Graph operator by operator, with nodes as the reader of .pt2 files makes them,
// and runs every operator at once on a batch, so that shapes are known while the graph grows.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "host/model/builder.h"
#include "host/model/graph.h"

namespace softbeam::support {

// A value of the graph and what it is in a clean run of the batch.
struct Var {
  model::ValueId id;
  c10::IValue live;

  const at::Tensor& tensor() const { return live.toTensor(); }
  std::int64_t size(std::int64_t dim) const { return tensor().size(dim); }
  std::int64_t dim() const { return tensor().dim(); }
};

// An item of a list of sizes: a number, or a number that a node computes.
using Size = std::variant<std::int64_t, Var>;
// A constant (a plain number is coerced to what the schema wants), a value, or a list of them.
using Argument = std::variant<c10::IValue, Var, std::vector<Var>, std::vector<Size>>;

// The operator does not take these arguments; nothing was added to the graph.
struct Unfit : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class GraphWriter {
 public:
  explicit GraphWriter(const at::Tensor& samples);

  const Var& input() const { return input_; }
  // Weights and biases are parameters, a batch norm's statistics buffers.
  Var parameter(at::Tensor content);
  Var buffer(at::Tensor content);

  // Positional arguments, the rest by default. "aten::add.Tensor": name and overload.
  // All results; throws Unfit.
  std::vector<Var> call_all(const std::string& op, std::vector<Argument> arguments);
  // The first result.
  Var call(const std::string& op, std::vector<Argument> arguments);
  // The items of a list result.
  std::vector<Var> unpack(const Var& list);

  // True once an operator has written to memory that another value shows too (a view, or a name
  // that is none of the written value's own).
  bool writes_through_views() const { return writes_through_views_; }

  std::size_t nodes() const { return nodes_; }

  std::shared_ptr<const model::Graph> finish(const std::vector<Var>& outputs,
                                             std::optional<std::int64_t> static_batch);

 private:
  Var stored(model::ValueKind kind, const char* prefix, at::Tensor content);
  void note_write(const Var& written);

  model::GraphBuilder builder_;
  Var input_;
  std::vector<Var> tensors_;  // all results so far
  // In-place results and what they were written to: the value that has the memory's first name.
  std::unordered_map<std::uint32_t, std::uint32_t> first_name_;
  std::size_t stored_count_ = 0;
  std::size_t nodes_ = 0;
  bool writes_through_views_ = false;
};

}  // namespace softbeam::support
