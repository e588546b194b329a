#include "host/run/wave/parse.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace softbeam::run {
namespace {

using injectors::Axis;

// One or two numbers for height and width; nothing for other lengths.
std::optional<std::array<std::int32_t, 2>> pair_of(const c10::IValue* argument,
                                                   std::array<std::int32_t, 2> fallback) {
  if (argument == nullptr || argument->isNone()) {
    return fallback;
  }
  if (argument->isInt()) {
    const auto both = static_cast<std::int32_t>(argument->toInt());
    return std::array{both, both};
  }
  if (!argument->isIntList()) {
    return std::nullopt;
  }
  const std::vector<std::int64_t> list = argument->toIntVector();
  if (list.empty()) {
    return fallback;
  }
  if (list.size() > 2) {
    return std::nullopt;
  }
  return std::array{static_cast<std::int32_t>(list.front()),
                    static_cast<std::int32_t>(list.back())};
}

bool flag(const c10::IValue* argument, bool fallback) {
  return argument != nullptr && argument->isBool() ? argument->toBool() : fallback;
}

bool one_image_in_and_out(const NodeView& view) {
  std::size_t samples = 0;
  for (const model::ValueId read : view.capture.nodes[view.node.id.value].reads) {
    samples += view.capture.depends[read.value] ? 1 : 0;
  }
  return samples == 1 && view.node.outputs.size() == 1 && view.input().image && view.output().image;
}

// "same" and "valid" as PyTorch defines them: what does not divide evenly goes behind.
std::optional<std::array<std::int32_t, 2>> paddings(const c10::IValue* argument,
                                                    const std::array<std::int32_t, 2>& kernel,
                                                    const std::array<std::int32_t, 2>& dilation) {
  if (argument == nullptr || !argument->isString()) {
    return pair_of(argument, {0, 0});
  }
  if (argument->toStringRef() == "valid") {
    return std::array{0, 0};
  }
  if (argument->toStringRef() != "same") {
    return std::nullopt;
  }
  return std::array{dilation[0] * (kernel[0] - 1) / 2, dilation[1] * (kernel[1] - 1) / 2};
}

// The node's own tensor: not one that other nodes compute.
bool is_stored(const NodeView& view, std::int32_t slot) {
  const model::ValueId id = view.node.slots[static_cast<std::size_t>(slot)].value;
  return view.graph.value(id).kind != model::ValueKind::result;
}

bool all_finite(const at::Tensor& tensor) { return at::isfinite(tensor).all().item<bool>(); }

}  // namespace

const c10::IValue* NodeView::argument(std::string_view name) const {
  const auto found = std::find(node.argument_names.begin(), node.argument_names.end(), name);
  return found == node.argument_names.end()
             ? nullptr
             : &capture.nodes[node.id.value]
                    .arguments[static_cast<std::size_t>(found - node.argument_names.begin())];
}

std::int32_t NodeView::slot(std::string_view argument_name) const {
  for (std::size_t s = 0; s < node.slots.size(); ++s) {
    if (node.slots[s].item < 0 && node.argument_names[node.slots[s].argument] == argument_name) {
      return static_cast<std::int32_t>(s);
    }
  }
  return -1;
}

const WaveValue& NodeView::input() const {
  for (const model::ValueId read : capture.nodes[node.id.value].reads) {
    if (capture.depends[read.value]) {
      return values[read.value];
    }
  }
  static const WaveValue none;
  return none;
}

const WaveValue& NodeView::output() const { return values[node.outputs.front().value]; }

std::optional<Convolution> parse_convolution(const NodeView& view) {
  const std::string& target = view.node.target;
  const bool known = view.node.op == "conv2d" || target.find("aten::convolution") == 0 ||
                     target.find("aten.convolution.") != std::string::npos;
  if (!known || !one_image_in_and_out(view) || flag(view.argument("transposed"), false)) {
    return std::nullopt;
  }
  const c10::IValue* weight = view.argument("weight");
  const std::int32_t weight_slot = view.slot("weight");
  if (weight == nullptr || !weight->isTensor() || weight_slot < 0 || view.slot("input") != 0 ||
      !is_stored(view, weight_slot)) {
    return std::nullopt;
  }
  const at::Tensor& filters = weight->toTensor();
  if (!filters.defined() || filters.dim() != 4 || filters.scalar_type() != at::kFloat) {
    return std::nullopt;
  }
  const c10::IValue* groups = view.argument("groups");
  Convolution conv;
  conv.groups = groups != nullptr && groups->isInt() ? groups->toInt() : 1;
  conv.in_channels = view.input().channels;
  conv.out_channels = view.output().channels;
  conv.weight_slot = static_cast<std::uint32_t>(weight_slot);
  conv.finite = all_finite(filters);
  const c10::IValue* bias = view.argument("bias");
  if (bias != nullptr && bias->isTensor() && bias->toTensor().defined()) {
    conv.bias_slot = view.slot("bias");
    if (conv.bias_slot < 0 || !is_stored(view, conv.bias_slot)) {
      return std::nullopt;
    }
    conv.finite = conv.finite && all_finite(bias->toTensor());
  }
  const std::array kernel{static_cast<std::int32_t>(filters.size(2)),
                          static_cast<std::int32_t>(filters.size(3))};
  const auto stride = pair_of(view.argument("stride"), {1, 1});
  const auto dilation = pair_of(view.argument("dilation"), {1, 1});
  if (!stride || !dilation) {
    return std::nullopt;
  }
  const auto padding = paddings(view.argument("padding"), kernel, *dilation);
  if (!padding) {
    return std::nullopt;
  }
  conv.y = {kernel[0],      (*stride)[0],        (*padding)[0],
            (*dilation)[0], view.input().height, view.output().height};
  conv.x = {kernel[1],      (*stride)[1],       (*padding)[1],
            (*dilation)[1], view.input().width, view.output().width};
  return conv;
}

std::optional<Linear> parse_linear(const NodeView& view) {
  const c10::IValue* weight = view.argument("weight");
  const std::int32_t weight_slot = view.slot("weight");
  if (view.node.op != "linear" || view.slot("input") != 0 || weight_slot < 0 ||
      !is_stored(view, weight_slot) || !weight->isTensor() || view.node.outputs.size() != 1) {
    return std::nullopt;
  }
  const at::Tensor& filters = weight->toTensor();
  const WaveValue& in = view.input();
  const WaveValue& out = view.output();
  const auto is_float = [&](model::ValueId id) {
    return view.capture.values[id.value].type == at::kFloat;
  };
  if (filters.dim() != 2 || filters.scalar_type() != at::kFloat || !in.per_sample ||
      !in.contiguous || !out.per_sample || !out.contiguous || filters.numel() == 0 ||
      !is_float(view.node.slots.front().value) || !is_float(view.node.outputs.front())) {
    return std::nullopt;
  }
  Linear linear;
  linear.in = static_cast<std::int32_t>(filters.size(1));
  linear.out = static_cast<std::int32_t>(filters.size(0));
  linear.rows = static_cast<std::int64_t>(in.elements) / linear.in;
  linear.weight_slot = static_cast<std::uint32_t>(weight_slot);
  linear.finite = all_finite(filters);
  const c10::IValue* bias = view.argument("bias");
  if (bias != nullptr && bias->isTensor() && bias->toTensor().defined()) {
    linear.bias_slot = view.slot("bias");
    if (linear.bias_slot < 0 || !is_stored(view, linear.bias_slot)) {
      return std::nullopt;
    }
    linear.finite = linear.finite && all_finite(bias->toTensor());
  }
  const bool fits = in.elements == static_cast<std::uint64_t>(linear.rows * linear.in) &&
                    out.elements == static_cast<std::uint64_t>(linear.rows * linear.out);
  return fits ? std::optional(linear) : std::nullopt;
}

std::optional<Pooling> parse_pooling(const NodeView& view) {
  const bool max = view.node.op == "max_pool2d";
  if ((!max && view.node.op != "avg_pool2d") || !one_image_in_and_out(view)) {
    return std::nullopt;
  }
  const auto kernel = pair_of(view.argument("kernel_size"), {1, 1});
  if (!kernel) {
    return std::nullopt;
  }
  const auto stride = pair_of(view.argument("stride"), *kernel);
  const auto padding = pair_of(view.argument("padding"), {0, 0});
  const auto dilation = pair_of(view.argument("dilation"), {1, 1});
  if (!stride || !padding || !dilation) {
    return std::nullopt;
  }
  Pooling pooling;
  pooling.kind = max ? Pooling::Kind::max : Pooling::Kind::average;
  pooling.count_include_pad = flag(view.argument("count_include_pad"), true);
  const c10::IValue* divisor = view.argument("divisor_override");
  pooling.divisor = divisor != nullptr && divisor->isInt() ? divisor->toInt() : 0;
  pooling.y = {(*kernel)[0],   (*stride)[0],        (*padding)[0],
               (*dilation)[0], view.input().height, view.output().height};
  pooling.x = {(*kernel)[1],   (*stride)[1],       (*padding)[1],
               (*dilation)[1], view.input().width, view.output().width};
  return pooling;
}

std::optional<Shift> parse_shift(const NodeView& view) {
  if (!one_image_in_and_out(view) || view.input().channels != view.output().channels) {
    return std::nullopt;
  }
  if (view.node.op == "slice") {
    const c10::IValue* dim = view.argument("dim");
    const c10::IValue* start = view.argument("start");
    const c10::IValue* step = view.argument("step");
    if (dim == nullptr || !dim->isInt() ||
        (step != nullptr && step->isInt() && step->toInt() != 1)) {
      return std::nullopt;
    }
    const std::int64_t axis = dim->toInt() < 0 ? dim->toInt() + 4 : dim->toInt();
    if (axis != 2 && axis != 3) {
      return std::nullopt;
    }
    const std::int64_t size = axis == 2 ? view.input().height : view.input().width;
    std::int64_t first = start != nullptr && start->isInt() ? start->toInt() : 0;
    first = std::clamp<std::int64_t>(first < 0 ? first + size : first, 0, size);
    const auto offset = static_cast<std::int32_t>(first);
    return axis == 2 ? Shift{offset, 0} : Shift{0, offset};
  }
  const bool constant_pad = view.node.op == "constant_pad_nd";
  const c10::IValue* mode = view.argument("mode");
  const bool pad = view.node.op == "pad" && mode != nullptr && mode->isString() &&
                   mode->toStringRef() == "constant";
  const c10::IValue* amounts = view.argument("pad");
  if ((!constant_pad && !pad) || amounts == nullptr || !amounts->isIntList()) {
    return std::nullopt;
  }
  const std::vector<std::int64_t> list = amounts->toIntVector();  // left, right, top, bottom
  if (list.size() > 4) {
    return std::nullopt;
  }
  return Shift{list.size() > 2 ? static_cast<std::int32_t>(-list[2]) : 0,
               list.empty() ? 0 : static_cast<std::int32_t>(-list[0])};
}

bool is_reshape(const NodeView& view) {
  constexpr std::array<std::string_view, 6> names{"flatten", "view",      "reshape",
                                                  "squeeze", "unsqueeze", "_unsafe_view"};
  if (std::find(names.begin(), names.end(), view.node.op) == names.end() ||
      view.node.outputs.size() != 1) {
    return false;
  }
  const WaveValue& in = view.input();
  const WaveValue& out = view.output();
  return in.per_sample && out.per_sample && in.contiguous && out.contiguous &&
         in.elements == out.elements && in.word_bytes == out.word_bytes;
}

}  // namespace softbeam::run
