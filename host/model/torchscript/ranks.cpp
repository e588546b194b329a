#include "host/model/torchscript/ranks.h"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "host/model/builder.h"

namespace softbeam::model::torchscript {

namespace {

// Operators whose first result has as many dimensions as their first argument.
const std::unordered_set<std::string>& keeps_rank() {
  static const std::unordered_set<std::string> names = {"batch_norm",
                                                        "instance_norm",
                                                        "group_norm",
                                                        "layer_norm",
                                                        "relu",
                                                        "relu6",
                                                        "hardtanh",
                                                        "hardswish",
                                                        "hardsigmoid",
                                                        "silu",
                                                        "gelu",
                                                        "sigmoid",
                                                        "tanh",
                                                        "leaky_relu",
                                                        "elu",
                                                        "selu",
                                                        "celu",
                                                        "mish",
                                                        "softplus",
                                                        "prelu",
                                                        "softmax",
                                                        "log_softmax",
                                                        "dropout",
                                                        "feature_dropout",
                                                        "alpha_dropout",
                                                        "clamp",
                                                        "neg",
                                                        "exp",
                                                        "log",
                                                        "sqrt",
                                                        "rsqrt",
                                                        "pow",
                                                        "abs",
                                                        "erf",
                                                        "linear",
                                                        "pad",
                                                        "constant_pad_nd",
                                                        "max_pool1d",
                                                        "max_pool2d",
                                                        "max_pool3d",
                                                        "avg_pool1d",
                                                        "avg_pool2d",
                                                        "avg_pool3d",
                                                        "adaptive_avg_pool1d",
                                                        "adaptive_avg_pool2d",
                                                        "adaptive_avg_pool3d",
                                                        "adaptive_max_pool1d",
                                                        "adaptive_max_pool2d",
                                                        "adaptive_max_pool3d",
                                                        "upsample_nearest1d",
                                                        "upsample_nearest2d",
                                                        "upsample_nearest3d",
                                                        "upsample_linear1d",
                                                        "upsample_bilinear2d",
                                                        "upsample_bicubic2d",
                                                        "upsample_trilinear3d",
                                                        "contiguous",
                                                        "clone",
                                                        "detach",
                                                        "to",
                                                        "type_as",
                                                        "permute",
                                                        "transpose",
                                                        "slice",
                                                        "narrow",
                                                        "flip",
                                                        "roll",
                                                        "chunk",
                                                        "split",
                                                        "split_with_sizes",
                                                        "tensor_split",
                                                        "pixel_shuffle",
                                                        "pixel_unshuffle",
                                                        "channel_shuffle",
                                                        "cumsum",
                                                        "zeros_like",
                                                        "ones_like",
                                                        "full_like",
                                                        "rand_like",

                                                        "copy",
                                                        "fill",
                                                        "zero",
                                                        "ListUnpack"};
  return names;
}

std::optional<std::int64_t> known_int(const std::vector<Abstract>& inputs, std::size_t index) {
  const auto constant = index < inputs.size() ? known(inputs[index]) : std::nullopt;
  return constant && constant->isInt() ? std::optional(constant->toInt()) : std::nullopt;
}

}  // namespace

std::optional<Ranks::Fact> Ranks::fact(const Abstract& value) const {
  if (const auto items = as_sequence(value)) {
    return items->items.empty() ? std::nullopt : fact(items->items[0]);
  }
  const ValueId* id = runtime(value);
  if (id == nullptr) {
    return std::nullopt;
  }
  if (const at::Tensor* tensor = state_.tensor(*id)) {
    return Fact{tensor->dim(), {}};
  }
  const auto it = facts_.find(id->value);
  return it == facts_.end() ? std::nullopt : std::optional(it->second);
}

Ranks::Fact Ranks::of_batched(const Abstract& input, std::int64_t rank) {
  if (auto from_input = fact(input)) {
    return *from_input;
  }
  Fact result{rank, {}};
  if (const ValueId* id = runtime(input)) {
    result.needs.insert(assumptions_.size());
    assumptions_.push_back({*id, rank});
    facts_[id->value] = result;
  }
  return result;
}

std::optional<Ranks::Fact> Ranks::widest(const std::shared_ptr<Sequence>& items) const {
  if (!items) {
    return std::nullopt;
  }
  Fact result;
  for (const Abstract& item : items->items) {
    const auto part = fact(item);
    if (!part) {
      return std::nullopt;
    }
    result.rank = std::max(result.rank, part->rank);
    result.needs.insert(part->needs.begin(), part->needs.end());
  }
  return result;
}

std::optional<Ranks::Fact> Ranks::infer(const torch::jit::Node& node,
                                        const std::vector<Abstract>& inputs) {
  const std::string op = op_name(node.kind().toQualString());
  if (inputs.empty()) {
    return std::nullopt;
  }
  if (op.find("conv") != std::string::npos && inputs.size() > 1) {
    const auto weight = fact(inputs[1]);
    return weight ? std::optional(of_batched(inputs[0], weight->rank)) : std::nullopt;
  }
  if ((op == "pow" || op == "clamp") && runtime(inputs[1])) {
    return std::nullopt;  // a tensor there may broadcast
  }
  if (op == "linear" && fact(inputs[1]).value_or(Fact{}).rank != 2) {
    return std::nullopt;
  }
  if (keeps_rank().contains(op)) {
    return fact(inputs[0]);
  }
  if (op == "cat") {
    return widest(as_sequence(inputs[0]));
  }
  if (op == "add" || op == "sub" || op == "mul" || op == "div") {
    return runtime(inputs[1])
               ? widest(make_sequence(Sequence::Kind::tuple, nullptr, {inputs[0], inputs[1]}))
               : fact(inputs[0]);
  }
  if (op == "view" || op == "reshape" || op == "expand") {
    const auto sizes = as_sequence(inputs[1]);
    return sizes ? std::optional(Fact{static_cast<std::int64_t>(sizes->items.size()), {}})
                 : std::nullopt;
  }
  if (op == "flatten") {
    const auto start = known_int(inputs, 1);
    if (start && *start >= 0 && known_int(inputs, 2) == -1) {
      return Fact{*start + 1, {}};
    }
    return std::nullopt;
  }
  auto whole = fact(inputs[0]);
  if (whole && (op == "unsqueeze" || op == "select")) {
    whole->rank += op == "select" ? -1 : 1;
    return whole;
  }
  return std::nullopt;
}

void Ranks::note(const torch::jit::Node& node, const std::vector<Abstract>& inputs,
                 const std::vector<Abstract>& outputs) {
  if (node.kind() == c10::aten::size && inputs.size() == 1 && runtime(inputs[0]) != nullptr) {
    measured_.insert_or_assign(runtime(outputs[0])->value, *runtime(inputs[0]));
    return;
  }
  const auto result = infer(node, inputs);
  for (std::size_t i = 0; result && i < outputs.size(); ++i) {
    if (const ValueId* id = runtime(outputs[i]);
        id != nullptr && holds_tensors(node.output(i)->type())) {
      facts_.insert_or_assign(id->value, *result);
    }
  }
}

std::optional<ValueId> Ranks::measured(ValueId list) const {
  const auto it = measured_.find(list.value);
  return it == measured_.end() ? std::nullopt : std::optional(it->second);
}

std::optional<Ranks::Answer> Ranks::of(ValueId value) {
  const auto found = fact(value);
  if (!found) {
    return std::nullopt;
  }
  Answer answer{found->rank, {}};
  for (const std::size_t index : found->needs) {
    if (checked_.insert(index).second) {
      answer.unchecked.push_back(assumptions_[index]);
    }
  }
  return answer;
}

}  // namespace softbeam::model::torchscript
