#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "host/run/wave/region_node.h"

namespace softbeam::run {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

// Operators of one input whose every word depends on the same word alone, whatever its place.
bool is_unary(const std::string& op) {
  static const std::unordered_set<std::string_view> ops{
      "abs",     "add",        "atan",        "ceil",      "celu",       "clamp",      "cos",
      "div",     "elu",        "erf",         "exp",       "exp2",       "expm1",      "floor",
      "gelu",    "hardshrink", "hardsigmoid", "hardswish", "leaky_relu", "log",        "log10",
      "log1p",   "log2",       "log_sigmoid", "mish",      "mul",        "nan_to_num", "neg",
      "pow",     "reciprocal", "relu6",       "round",     "rsqrt",      "rsub",       "selu",
      "sigmoid", "sign",       "silu",        "sin",       "softplus",   "softshrink", "softsign",
      "sqrt",    "square",     "sub",         "tan",       "tanh",       "tanhshrink", "threshold",
      "trunc"};
  return ops.contains(op);
}

bool multiplies(const RegionNode& node) { return node.op() == "mul" || node.op() == "multiply"; }

std::optional<Stage> sum(const RegionNode& node) {
  const bool adds = node.op() == "add";
  const c10::IValue* scale = node.argument("alpha");
  const std::optional<double> alpha = scale == nullptr ? 1.0 : number(scale);
  if ((!adds && node.op() != "sub") || !alpha || !std::isfinite(*alpha)) {
    return std::nullopt;
  }
  Stage stage{.kind = adds ? StageKind::add : StageKind::subtract};
  stage.alpha = static_cast<float>(*alpha);
  return stage;
}

std::optional<Stage> binary(const RegionNode& node) {
  if (!node.fills(0, "self") || !node.fills(1, "other")) {
    return std::nullopt;
  }
  return multiplies(node) ? Stage{.kind = StageKind::multiply} : sum(node);
}

std::optional<Stage> with_scalar(const RegionNode& node) {
  const std::optional<double> other = number(node.argument("other"));
  if (!other || !node.fills(0, "self")) {
    return std::nullopt;
  }
  std::optional<Stage> stage = multiplies(node) ? Stage{.kind = StageKind::multiply} : sum(node);
  if (stage) {
    stage->has_scalar = true;
    stage->scalar = static_cast<float>(*other);
  }
  return stage;
}

// relu, clamp and its kin. NaN as a bound fills the result: left to the library.
std::optional<Stage> bounds(const RegionNode& node) {
  const std::string& op = node.op();
  if (!node.fills(0, "self")) {
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
    const c10::IValue* bound = node.argument(names[i]);
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

bool passes_through(const RegionNode& node) {
  static const std::unordered_set<std::string_view> copies{
      "contiguous", "clone", "detach", "alias", "lift_fresh", "lift_fresh_copy", "to", "_to_copy"};
  static const std::unordered_set<std::string_view> dropouts{
      "dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout", "native_dropout"};
  const c10::IValue* train = node.argument("train");
  return copies.contains(node.op()) ||
         (dropouts.contains(node.op()) && train != nullptr && train->isBool() && !train->toBool());
}

// The library computes what does not fill two vectors at the end of a tensor word by word, and
// rounds otherwise there: a window cannot know in which part its words were.
bool golden_is_vectors(const RegionNode& node) {
  constexpr std::int64_t two_vectors = 64;  // floats, and room for wider machines
  std::int64_t words = 1;
  for (const std::int64_t size : node.sizes(node.output())) {
    words *= size;
  }
  return words % two_vectors == 0;
}

std::optional<Stage> unary(const RegionNode& node) {
  const torch::jit::Stack& constants = node.arguments();
  const bool constants_are_numbers =
      std::all_of(constants.begin(), constants.end(), [](const c10::IValue& value) {
        return !value.isTensor() || !value.toTensor().defined() || value.toTensor().numel() == 1;
      });
  if (!is_unary(node.op()) || !constants_are_numbers || node.is_item(0) ||
      !golden_is_vectors(node)) {
    return std::nullopt;
  }
  Stage stage{.kind = StageKind::unary};
  stage.apply = [kernel = node.node().kernel, arguments = constants,
                 place = node.argument_of(0)](const at::Tensor& x) {
    torch::jit::Stack stack = arguments;
    stack[place] = x;
    kernel(stack);
    return stack.front().toTensor();
  };
  return stage;
}

}  // namespace

std::optional<Stage> parse_arithmetic(const RegionNode& node) {
  if (!node.same_sizes() || node.inputs().size() > 2) {
    return std::nullopt;
  }
  if (node.inputs().size() == 2) {
    return binary(node);
  }
  if (passes_through(node)) {
    return Stage{.kind = StageKind::identity};
  }
  if (auto stage = bounds(node)) {
    return stage;
  }
  if (auto stage = with_scalar(node)) {
    return stage;
  }
  return unary(node);
}

}  // namespace softbeam::run
