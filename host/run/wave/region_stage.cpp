#include "host/run/wave/region_stage.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>

#include "host/model/builder.h"
#include "host/run/wave/region_node.h"

namespace softbeam::run {
namespace {

bool is_batch_norm(const std::string& op) {
  static const std::unordered_set<std::string_view> ops{
      "batch_norm", "native_batch_norm", "_native_batch_norm_legit",
      "_native_batch_norm_legit_no_training", "_batch_norm_no_update"};
  return ops.contains(op);
}

bool is_split(const std::string& op) {
  static const std::unordered_set<std::string_view> ops{
      "chunk",        "split",        "split_with_sizes",       "tensor_split",
      "unsafe_chunk", "unsafe_split", "unsafe_split_with_sizes"};
  return ops.contains(op);
}

// One float per feature; `fallback` where the node has none. Nothing for other types.
std::optional<at::Tensor> statistic(const c10::IValue* value, std::int64_t features,
                                    float fallback) {
  if (absent(value)) {
    return at::full({features}, fallback, at::kFloat);
  }
  if (!value->isTensor() || value->toTensor().scalar_type() != at::kFloat ||
      value->toTensor().numel() != features) {
    return std::nullopt;
  }
  return value->toTensor().contiguous();
}

std::optional<Stage> batch_norm(const RegionNode& node) {
  const auto off = [&](const char* name) {
    const c10::IValue* value = node.argument(name);
    return value == nullptr || (value->isBool() && !value->toBool());
  };
  const std::optional<double> eps = number(node.argument("eps"));
  if (node.inputs().size() != 1 || !node.fills(0, "input") || !node.same_sizes() ||
      node.sizes(node.output()).size() < 2 || !eps || !off("training") || !off("train") ||
      absent(node.argument("running_mean")) || absent(node.argument("running_var"))) {
    return std::nullopt;
  }
  const std::int64_t features = node.sizes(node.output())[1];
  const auto mean = statistic(node.argument("running_mean"), features, 0.0F);
  const auto variance = statistic(node.argument("running_var"), features, 1.0F);
  const auto weight = statistic(node.argument("weight"), features, 1.0F);
  const auto bias = statistic(node.argument("bias"), features, 0.0F);
  if (!mean || !variance || !weight || !bias) {
    return std::nullopt;
  }
  Stage stage{.kind = StageKind::batch_norm};
  for (std::int64_t c = 0; c < features; ++c) {
    const float inverse =
        1.0F / std::sqrt(variance->const_data_ptr<float>()[c] + static_cast<float>(*eps));
    const float scale = inverse * weight->const_data_ptr<float>()[c];
    const float shift =
        std::fma(-mean->const_data_ptr<float>()[c], scale, bias->const_data_ptr<float>()[c]);
    const auto words = static_cast<std::size_t>(node.words_per_channel(node.output()));
    stage.scale.insert(stage.scale.end(), words, scale);
    stage.shift.insert(stage.shift.end(), words, shift);
  }
  return stage;
}

std::optional<Stage> concatenate(const RegionNode& node) {
  const c10::IValue* tensors = node.argument("tensors");
  if (!node.along_channels() || tensors == nullptr || !tensors->isList() ||
      tensors->toListRef().size() != node.inputs().size()) {
    return std::nullopt;
  }
  std::int32_t channels = 0;
  for (std::size_t i = 0; i < node.inputs().size(); ++i) {
    if (!node.is_item(i)) {
      return std::nullopt;
    }
    channels += node.value(node.inputs()[i]).channels;
  }
  if (channels != node.value(node.output()).channels) {
    return std::nullopt;
  }
  return Stage{.kind = StageKind::concatenate};
}

std::optional<Stage> slice(const RegionNode& node) {
  const std::optional<double> step = number(node.argument("step"));
  if (node.inputs().size() != 1 || !node.along_channels() || (step && *step != 1)) {
    return std::nullopt;
  }
  const model::ValueId input = node.inputs().front();
  const auto size = static_cast<double>(node.sizes(input)[1]);
  double start = number(node.argument("start")).value_or(0);
  if (start < 0) {
    start += size;
  }
  Stage stage{.kind = StageKind::channels};
  stage.first_channel =
      static_cast<std::int32_t>(std::clamp(start, 0.0, size)) * node.words_per_channel(input);
  if (stage.first_channel + node.value(node.output()).channels > node.value(input).channels) {
    return std::nullopt;
  }
  return stage;
}

std::optional<Stage> one_stage(const RegionNode& node) {
  const std::string& op = node.op();
  if (is_batch_norm(op)) {
    return batch_norm(node);
  }
  if (op == "cat" || op == "concat" || op == "concatenate") {
    return concatenate(node);
  }
  if (op == "slice" || op == "narrow") {
    return slice(node);
  }
  return parse_arithmetic(node);
}

// The channels of the input, one piece after the other.
bool add_pieces(const RegionNode& node, model::NodeId maker,
                const std::vector<model::ValueId>& outputs, ParsedNode& result) {
  std::int32_t first = 0;
  for (const model::ValueId output : outputs) {
    if (!node.fits(output)) {
      return false;
    }
    Stage stage{.kind = StageKind::channels, .node = maker};
    stage.first_channel = first;
    first += node.value(output).channels;
    result.stages.push_back({std::move(stage), node.inputs(), output});
  }
  return first == node.value(node.inputs().front()).channels;
}

}  // namespace

StageParser::StageParser(const model::Graph& graph, const Capture& capture,
                         const std::vector<WaveValue>& values)
    : graph_(graph), capture_(capture), values_(values), readers_(graph.values.size()) {
  for (const model::Node& node : graph_.nodes) {
    for (const model::ValueId read : capture_.nodes[node.id.value].reads) {
      std::vector<model::NodeId>& readers = readers_[read.value];
      if (readers.empty() || readers.back() != node.id) {
        readers.push_back(node.id);
      }
    }
  }
}

ParsedNode StageParser::parse(model::NodeId id) const {
  const model::Node& node = graph_.node(id);
  const RegionNode view(capture_, values_, node);
  if (view.arguments().size() != node.argument_names.size() || view.inputs().empty() ||
      node.outputs.empty() || !view.all_inputs_fit()) {
    return {};
  }
  if (is_split(node.op)) {
    return view.inputs().size() == 1 && view.along_channels() ? split(view) : ParsedNode{};
  }
  if (!only_first_output_is_read(node) || !view.fits(view.output())) {
    return {};
  }
  std::optional<Stage> stage = one_stage(view);
  if (!stage) {
    return {};
  }
  stage->node = id;
  return {{id}, {{std::move(*stage), view.inputs(), view.output()}}};
}

// chunk, split: a list that other nodes take apart.
ParsedNode StageParser::split(const RegionNode& view) const {
  const model::Node& node = view.node();
  ParsedNode result{.nodes = {node.id}};
  if (node.outputs.size() > 1) {
    return add_pieces(view, node.id, node.outputs, result) ? result : ParsedNode{};
  }
  for (const model::NodeId id : readers(view.output())) {
    const model::Node& reader = graph_.node(id);
    if (reader.target != model::list_unpack || !add_pieces(view, id, reader.outputs, result)) {
      return {};
    }
    result.nodes.push_back(id);
  }
  return result;
}

bool StageParser::only_first_output_is_read(const model::Node& node) const {
  return std::all_of(node.outputs.begin() + 1, node.outputs.end(), [&](model::ValueId id) {
    return readers(id).empty() &&
           std::count(capture_.outputs.begin(), capture_.outputs.end(), id) == 0;
  });
}

}  // namespace softbeam::run
