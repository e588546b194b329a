#include "host/run/wave/region_stage.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "host/model/builder.h"

namespace softbeam::run {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

// Operators of one input whose every word depends on the same word alone, whatever its place.
bool is_unary(const std::string& op) {
  static const std::unordered_set<std::string_view> ops{
      "silu",     "sigmoid",    "gelu",       "hardswish",  "hardsigmoid", "tanh",
      "elu",      "selu",       "celu",       "leaky_relu", "mish",        "softplus",
      "exp",      "expm1",      "exp2",       "log",        "log1p",       "log2",
      "log10",    "neg",        "abs",        "sqrt",       "rsqrt",       "square",
      "pow",      "reciprocal", "sin",        "cos",        "tan",         "atan",
      "erf",      "threshold",  "hardshrink", "softshrink", "log_sigmoid", "tanhshrink",
      "softsign", "div",        "rsub",       "floor",      "ceil",        "round",
      "trunc",    "sign",       "add",        "sub",        "mul",         "nan_to_num",
      "clamp",    "relu6"};
  return ops.contains(op);
}

bool is_identity(const std::string& op) {
  static const std::unordered_set<std::string_view> ops{
      "contiguous", "clone", "detach", "alias", "lift_fresh", "lift_fresh_copy", "to", "_to_copy"};
  return ops.contains(op);
}

bool is_dropout(const std::string& op) {
  static const std::unordered_set<std::string_view> ops{
      "dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout", "native_dropout"};
  return ops.contains(op);
}

bool is_batch_norm(const std::string& op) {
  static const std::unordered_set<std::string_view> ops{
      "batch_norm", "native_batch_norm", "_native_batch_norm_legit",
      "_native_batch_norm_legit_no_training", "_batch_norm_no_update"};
  return ops.contains(op);
}

// A number, or a tensor that is one.
std::optional<double> number(const c10::IValue* value) {
  if (value == nullptr) {
    return std::nullopt;
  }
  if (value->isDouble() || value->isInt() || value->isBool()) {
    return value->toScalar().toDouble();
  }
  if (value->isTensor() && value->toTensor().defined() && value->toTensor().dim() == 0 &&
      !value->toTensor().is_complex()) {
    return value->toTensor().item().toDouble();
  }
  return std::nullopt;
}

bool absent(const c10::IValue* value) {
  return value == nullptr || value->isNone() || (value->isTensor() && !value->toTensor().defined());
}

class NodeParser {
 public:
  NodeParser(const model::Graph& graph, const Capture& capture,
             const std::vector<WaveValue>& values, const StageParser& owner,
             const model::Node& node)
      : graph_(graph), capture_(capture), values_(values), owner_(owner), node_(node) {
    seen_ = &capture_.nodes[node_.id.value];
    for (std::size_t s = 0; s < node_.slots.size() && s < seen_->reads.size(); ++s) {
      const model::ValueId read = seen_->reads[s];
      if (capture_.depends[read.value] && capture_.values[read.value].seen) {
        inputs_.push_back(read);
        slots_.push_back(node_.slots[s]);
      }
    }
  }

  ParsedNode run() {
    if (seen_->arguments.size() != node_.argument_names.size() || inputs_.empty() ||
        node_.outputs.empty() ||
        !std::all_of(inputs_.begin(), inputs_.end(), [&](auto id) { return fits(id); })) {
      return {};
    }
    ParsedNode result{.nodes = {node_.id}};
    if (splits(result)) {
      return result;
    }
    result.nodes = {node_.id};
    result.stages.clear();
    if (!only_first_output_is_read() || !fits(node_.outputs.front())) {
      return {};
    }
    if (const auto stage = one_stage()) {
      result.stages.push_back({*stage, inputs_, node_.outputs.front()});
      result.stages.back().stage.node = node_.id;
      return result;
    }
    return {};
  }

 private:
  const std::vector<std::int64_t>& sizes(model::ValueId id) const {
    return capture_.values[id.value].sizes;
  }

  bool fits(model::ValueId id) const {
    const WaveValue& value = values_[id.value];
    const WaveValue& first = values_[inputs_.front().value];
    return value.per_sample && capture_.values[id.value].type == at::kFloat &&
           (value.image || value.contiguous) && value.layout.dim == 0 && value.elements > 0 &&
           value.height == first.height && value.width == first.width;
  }

  bool only_first_output_is_read() const {
    for (std::size_t o = 1; o < node_.outputs.size(); ++o) {
      const model::ValueId id = node_.outputs[o];
      if (!owner_.readers(id).empty() ||
          std::count(capture_.outputs.begin(), capture_.outputs.end(), id) > 0) {
        return false;
      }
    }
    return true;
  }

  bool same_sizes() const {
    return std::all_of(inputs_.begin(), inputs_.end(), [&](model::ValueId id) {
      return sizes(id) == sizes(node_.outputs.front());
    });
  }

  const c10::IValue* argument(std::string_view name) const {
    const auto found = std::find(node_.argument_names.begin(), node_.argument_names.end(), name);
    return found == node_.argument_names.end()
               ? nullptr
               : &seen_->arguments[static_cast<std::size_t>(found - node_.argument_names.begin())];
  }

  // True if the samples stand in this argument.
  bool fills(std::size_t input, std::string_view name) const {
    return slots_[input].item < 0 && node_.argument_names[slots_[input].argument] == name;
  }

  // `dim` counts the channels.
  bool along_channels() const {
    const std::optional<double> dim = number(argument("dim"));
    const auto rank = static_cast<double>(sizes(inputs_.front()).size());
    return rank >= 2 && dim && (*dim == 1 || *dim + rank == 1);
  }

  // Words of a whole row per entry of dimension 1; 1 for images.
  std::int32_t words_per_channel(model::ValueId id) const {
    const WaveValue& value = values_[id.value];
    return static_cast<std::int32_t>(value.channels / sizes(id)[1]);
  }

  std::optional<Stage> one_stage() const {
    const std::string& op = node_.op;
    if (is_batch_norm(op)) {
      return same_sizes() ? batch_norm() : std::nullopt;
    }
    if (op == "cat" || op == "concat" || op == "concatenate") {
      return concatenate();
    }
    if (op == "slice" || op == "narrow") {
      return slice();
    }
    if (!same_sizes()) {
      return std::nullopt;
    }
    if (inputs_.size() == 2) {
      return binary();
    }
    if (inputs_.size() != 1) {
      return std::nullopt;
    }
    const bool drops_nothing = is_dropout(op) && argument("train") != nullptr &&
                               argument("train")->isBool() && !argument("train")->toBool();
    if (is_identity(op) || drops_nothing) {
      return Stage{.kind = StageKind::identity};
    }
    if (auto stage = bounds()) {
      return stage;
    }
    if (auto stage = with_scalar()) {
      return stage;
    }
    return unary();
  }

  std::optional<Stage> batch_norm() const {
    const auto off = [&](const char* name) {
      const c10::IValue* value = argument(name);
      return value == nullptr || (value->isBool() && !value->toBool());
    };
    const std::optional<double> eps = number(argument("eps"));
    if (inputs_.size() != 1 || !fills(0, "input") || sizes(inputs_[0]).size() < 2 || !eps ||
        !off("training") || !off("train")) {
      return std::nullopt;
    }
    const std::int64_t features = sizes(inputs_[0])[1];
    const auto statistic = [&](const char* name, float fallback) -> std::optional<at::Tensor> {
      const c10::IValue* value = argument(name);
      if (absent(value)) {
        return at::full({features}, fallback, at::kFloat);
      }
      if (!value->isTensor() || value->toTensor().scalar_type() != at::kFloat ||
          value->toTensor().numel() != features) {
        return std::nullopt;
      }
      return value->toTensor().contiguous();
    };
    if (absent(argument("running_mean")) || absent(argument("running_var"))) {
      return std::nullopt;  // statistics of the batch itself
    }
    const auto mean = statistic("running_mean", 0.0F);
    const auto variance = statistic("running_var", 1.0F);
    const auto weight = statistic("weight", 1.0F);
    const auto bias = statistic("bias", 0.0F);
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
      stage.scale.insert(stage.scale.end(), words_per_channel(inputs_[0]), scale);
      stage.shift.insert(stage.shift.end(), words_per_channel(inputs_[0]), shift);
    }
    return stage;
  }

  std::optional<Stage> concatenate() const {
    const c10::IValue* tensors = argument("tensors");
    if (!along_channels() || tensors == nullptr || !tensors->isList() ||
        tensors->toListRef().size() != inputs_.size()) {
      return std::nullopt;
    }
    std::int32_t channels = 0;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (slots_[i].item != static_cast<std::int32_t>(i)) {
        return std::nullopt;
      }
      channels += values_[inputs_[i].value].channels;
    }
    if (channels != values_[node_.outputs.front().value].channels) {
      return std::nullopt;
    }
    return Stage{.kind = StageKind::concatenate};
  }

  std::optional<Stage> slice() const {
    const std::optional<double> step = number(argument("step"));
    if (inputs_.size() != 1 || !along_channels() || (step && *step != 1)) {
      return std::nullopt;
    }
    const auto size = static_cast<double>(sizes(inputs_[0])[1]);
    double start = number(argument("start")).value_or(0);
    if (start < 0) {
      start += size;
    }
    return channels_from(std::clamp(start, 0.0, size));
  }

  std::optional<Stage> channels_from(double first) const {
    Stage stage{.kind = StageKind::channels};
    stage.first_channel = static_cast<std::int32_t>(first) * words_per_channel(inputs_[0]);
    if (stage.first_channel + values_[node_.outputs.front().value].channels >
        values_[inputs_[0].value].channels) {
      return std::nullopt;
    }
    return stage;
  }

  // chunk, split: a list that other nodes take apart.
  bool splits(ParsedNode& result) const {
    static const std::unordered_set<std::string_view> ops{
        "chunk",        "split",        "split_with_sizes",       "tensor_split",
        "unsafe_chunk", "unsafe_split", "unsafe_split_with_sizes"};
    if (!ops.contains(node_.op) || inputs_.size() != 1 || !along_channels()) {
      return false;
    }
    if (node_.outputs.size() > 1) {
      return pieces(node_.id, node_.outputs, result);
    }
    const auto& readers = owner_.readers(node_.outputs.front());
    return !readers.empty() && std::all_of(readers.begin(), readers.end(), [&](model::NodeId id) {
      const model::Node& reader = graph_.node(id);
      result.nodes.push_back(id);
      return reader.target == model::list_unpack && pieces(id, reader.outputs, result);
    });
  }

  bool pieces(model::NodeId node, const std::vector<model::ValueId>& outputs,
              ParsedNode& result) const {
    std::int32_t first = 0;
    for (const model::ValueId output : outputs) {
      if (!fits(output)) {
        return false;
      }
      Stage stage{.kind = StageKind::channels, .node = node};
      stage.first_channel = first;
      first += values_[output.value].channels;
      result.stages.push_back({std::move(stage), inputs_, output});
    }
    return first == values_[inputs_.front().value].channels;
  }

  std::optional<Stage> binary() const {
    if (!fills(0, "self") || !fills(1, "other")) {
      return std::nullopt;
    }
    if (node_.op == "mul" || node_.op == "multiply") {
      return Stage{.kind = StageKind::multiply};
    }
    return sum();
  }

  std::optional<Stage> sum() const {
    const bool adds = node_.op == "add";
    const c10::IValue* scale = argument("alpha");
    const std::optional<double> alpha = scale == nullptr ? 1.0 : number(scale);
    if ((!adds && node_.op != "sub") || !alpha || !std::isfinite(*alpha)) {
      return std::nullopt;
    }
    Stage stage{.kind = adds ? StageKind::add : StageKind::subtract};
    stage.alpha = static_cast<float>(*alpha);
    return stage;
  }

  std::optional<Stage> with_scalar() const {
    const std::optional<double> other = number(argument("other"));
    const bool multiplies = node_.op == "mul" || node_.op == "multiply";
    if (!other || !fills(0, "self")) {
      return std::nullopt;
    }
    std::optional<Stage> stage = multiplies ? Stage{.kind = StageKind::multiply} : sum();
    if (stage) {
      stage->has_scalar = true;
      stage->scalar = static_cast<float>(*other);
    }
    return stage;
  }

  // relu, clamp and its kin. NaN as a bound fills the result: left to ATen.
  std::optional<Stage> bounds() const {
    const std::string& op = node_.op;
    if (!fills(0, "self")) {
      return std::nullopt;
    }
    if (op == "relu") {
      return Stage{.kind = StageKind::relu, .low = 0.0F, .high = infinity};
    }
    if (op == "relu6") {
      return Stage{.kind = StageKind::clamp, .low = 0.0F, .high = 6.0F};
    }
    const char* names[2] = {"min", "max"};
    if (op == "hardtanh") {
      names[0] = "min_val";
      names[1] = "max_val";
    } else if (op != "clamp" && op != "clip" && op != "clamp_min" && op != "clamp_max") {
      return std::nullopt;
    }
    Stage stage{.kind = StageKind::clamp, .low = -infinity, .high = infinity};
    for (const int i : {0, 1}) {
      const c10::IValue* bound = argument(names[i]);
      if (absent(bound)) {
        continue;
      }
      const std::optional<double> limit = bound->isTensor() ? std::nullopt : number(bound);
      if (!limit || std::isnan(*limit)) {
        return std::nullopt;
      }
      (i == 0 ? stage.low : stage.high) = static_cast<float>(*limit);
    }
    return stage;
  }

  std::optional<Stage> unary() const {
    const bool constants_are_numbers =
        std::all_of(seen_->arguments.begin(), seen_->arguments.end(), [](const c10::IValue& value) {
          return !value.isTensor() || !value.toTensor().defined() || value.toTensor().numel() == 1;
        });
    if (!is_unary(node_.op) || !constants_are_numbers || slots_[0].item >= 0 ||
        !golden_is_vectors()) {
      return std::nullopt;
    }
    Stage stage{.kind = StageKind::unary};
    stage.apply = [kernel = node_.kernel, arguments = seen_->arguments,
                   slot = slots_[0].argument](const at::Tensor& x) {
      torch::jit::Stack stack = arguments;
      stack[slot] = x;
      kernel(stack);
      return stack.front().toTensor();
    };
    return stage;
  }

  // The library computes what does not fill two vectors at the end of a tensor word by word, and
  // rounds otherwise there: a window cannot know in which part its words were.
  bool golden_is_vectors() const {
    constexpr std::int64_t two_vectors = 64;  // floats, and room for wider machines
    std::int64_t words = 1;
    for (const std::int64_t size : capture_.values[node_.outputs.front().value].sizes) {
      words *= size;
    }
    return words % two_vectors == 0;
  }

  const model::Graph& graph_;
  const Capture& capture_;
  const std::vector<WaveValue>& values_;
  const StageParser& owner_;
  const model::Node& node_;
  const SeenNode* seen_;
  // What depends on the samples.
  std::vector<model::ValueId> inputs_;
  std::vector<model::Slot> slots_;
};

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

ParsedNode StageParser::parse(model::NodeId node) const {
  return NodeParser(graph_, capture_, values_, *this, graph_.node(node)).run();
}

}  // namespace softbeam::run
