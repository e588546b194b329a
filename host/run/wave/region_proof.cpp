#include "host/run/wave/region_proof.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "host/run/wave/difference.h"
#include "host/run/wave/hostile.h"
#include "host/run/wave/node_call.h"
#include "host/run/wave/region_eval.h"
#include "injectors/rng.h"

namespace softbeam::run {
namespace {

using injectors::Rect;

// A proof needs no more memory than this for one value, but two rows in any case.
constexpr std::uint64_t most_words = std::uint64_t{1} << 24;
constexpr int windows_per_row = 4;

class Proof {
 public:
  Proof(const model::Graph& graph, const Capture& capture, const std::vector<WaveValue>& values,
        const Region& region, const execute::Executor& executor, const GoldenRows& golden,
        std::uint64_t seed)
      : graph_(graph),
        capture_(capture),
        values_(values),
        region_(region),
        golden_(golden),
        stream_(seed, region.nodes.front().value, injectors::Purpose::probe) {
    for (const model::NodeId node : region.nodes) {
      calls_.emplace_back(graph, capture, executor, node);
    }
    library_nans_ = std::any_of(region.stages.begin(), region.stages.end(),
                                [](const Stage& stage) { return stage.kind == StageKind::unary; });
  }

  std::optional<RegionFault> run() {
    const c10::InferenceMode inference;
    try {
      rows_ = number_of_rows();
      if (auto fault = make_inputs()) {
        return fault;
      }
      if (auto fault = run_library()) {
        return fault;
      }
    } catch (const c10::Error& error) {
      const std::string text = error.what_without_backtrace();
      return RegionFault{current_, "it fails on its own: " + text.substr(0, text.find('\n'))};
    }
    if (auto fault = compare_with_golden()) {
      return fault;
    }
    for (std::int64_t row = 0; row < rows_; ++row) {
      const Rect whole{{0, region_.height}, {0, region_.width}};
      if (auto fault = compare(row, whole)) {
        return fault;
      }
      for (int w = 0; w < windows_per_row && whole.area() > 1; ++w) {
        if (auto fault = compare(row, {part(region_.height), part(region_.width)})) {
          return fault;
        }
      }
    }
    return std::nullopt;
  }

 private:
  static bool is_hostile(std::int64_t row) { return row % 2 == 1; }
  std::uint32_t sample(std::int64_t row) const {
    return static_cast<std::uint32_t>(row / 2 + row % 2) % golden_.samples;
  }

  // Enough rows for whole vectors in every tensor: where the library computes the last words of a
  // chunk differently, the clean run has found that already.
  std::int64_t number_of_rows() const {
    std::uint64_t largest = 1;
    for (const std::int32_t channels : region_.channels) {
      largest = std::max(largest, static_cast<std::uint64_t>(channels) * region_.height *
                                      static_cast<std::uint64_t>(region_.width));
    }
    for (const NodeCall& call : calls_) {
      if (!call.any_batch()) {
        return capture_.values[region_.operands.front().value].sizes.front();
      }
    }
    std::int64_t rows = 2;
    const auto whole = [&](std::int32_t channels) {
      return std::int64_t{channels} * region_.height * region_.width * rows % 64 == 0;
    };
    while (rows < 64 && !std::all_of(region_.channels.begin(), region_.channels.end(), whole) &&
           2 * static_cast<std::uint64_t>(rows) * largest <= most_words) {
      rows *= 2;
    }
    return rows;
  }

  std::optional<RegionFault> make_inputs() {
    for (std::size_t e = 0; e < region_.externals; ++e) {
      const model::ValueId id = region_.operands[e];
      std::vector<std::int64_t> sizes = capture_.values[id.value].sizes;
      sizes.front() = rows_;
      at::Tensor tensor = at::empty(sizes, at::kFloat);
      for (std::int64_t row = 0; row < rows_; ++row) {
        const float* from = golden_.samples == 0 ? nullptr : golden_.row(id, sample(row));
        if (from == nullptr) {
          return RegionFault{region_.nodes.front(),
                             fmt::format("no clean '{}' to prove it on", graph_.value(id).name)};
        }
        at::Tensor to = tensor[row];
        std::memcpy(to.mutable_data_ptr(), from, values_[id.value].bytes());
        if (is_hostile(row)) {
          plant_hostile(to, stream_.next32());
        }
      }
      tensors_[id] = tensor;
    }
    return std::nullopt;
  }

  std::optional<RegionFault> run_library() {
    for (std::size_t n = 0; n < calls_.size(); ++n) {
      current_ = region_.nodes[n];
      std::vector<c10::IValue> inputs;
      for (const model::ValueId id : calls_[n].inputs()) {
        const c10::IValue& value = tensors_.at(id);
        inputs.push_back(value.isTensor() ? value.toTensor().clone() : value);
      }
      std::vector<c10::IValue> results = calls_[n](inputs);
      for (std::size_t o = 0; o < results.size(); ++o) {
        tensors_[graph_.node(current_).outputs[o]] = std::move(results[o]);
      }
    }
    for (const Stage& stage : region_.stages) {
      c10::IValue& value = tensors_.at(region_.operands[stage.output]);
      value = value.toTensor().contiguous();
      if (value.toTensor().scalar_type() != at::kFloat ||
          static_cast<std::uint64_t>(value.toTensor().numel()) !=
              values_[region_.operands[stage.output].value].elements *
                  static_cast<std::uint64_t>(rows_)) {
        return RegionFault{stage.node, "its result has another size in another batch"};
      }
    }
    return std::nullopt;
  }

  const float* library(std::uint32_t operand, std::int64_t row) const {
    const model::ValueId id = region_.operands[operand];
    return tensors_.at(id).toTensor().const_data_ptr<float>() +
           row * static_cast<std::int64_t>(values_[id.value].elements);
  }

  std::optional<RegionFault> compare_with_golden() const {
    for (const Stage& stage : region_.stages) {
      const model::ValueId id = region_.operands[stage.output];
      for (std::int64_t row = 0; row < rows_; row += 2) {
        const float* kept = golden_.row(id, sample(row));
        if (kept != nullptr &&
            std::memcmp(kept, library(stage.output, row), values_[id.value].bytes()) != 0) {
          return RegionFault{stage.node, "in a batch of another size it gives other bits"};
        }
      }
    }
    return std::nullopt;
  }

  std::optional<RegionFault> compare(std::int64_t row, const Rect& window) {
    for (const bool fused : {false, true}) {
      evaluation_.begin(region_, window);
      for (std::uint32_t e = 0; e < region_.externals; ++e) {
        evaluation_.set_external(e, library(e, row), nullptr, {});
      }
      if (fused) {
        evaluation_.run_passes();
      } else {
        for (const Stage& stage : region_.stages) {
          evaluation_.run_stage(stage);
        }
      }
      for (const Stage& stage : region_.stages) {
        const float* data = evaluation_.data(stage.output);
        if (data != nullptr && differs(data, stage.output, row, window)) {
          return RegionFault{
              stage.node,
              fmt::format("computed {}{} it gives other bits{}", fused ? "in one pass" : "alone",
                          window.area() < std::int64_t{region_.height} * region_.width
                              ? " on a window"
                              : "",
                          is_hostile(row) ? " for Inf, NaN or the like" : "")};
        }
      }
    }
    return std::nullopt;
  }

  bool differs(const float* data, std::uint32_t operand, std::int64_t row,
               const Rect& window) const {
    const std::int64_t plane = std::int64_t{region_.height} * region_.width;
    const float* expected =
        library(operand, row) + std::int64_t{window.y.first} * region_.width + window.x.first;
    if (difference_box(data, window.width(), window.area(), expected, region_.width, plane,
                       region_.channels[operand], window)
            .empty()) {
      return false;
    }
    return !library_nans_ ||
           differs_but_for_nans(data, expected, region_.channels[operand], window);
  }

  bool differs_but_for_nans(const float* data, const float* expected, std::int32_t channels,
                            const Rect& window) const {
    for (std::int32_t c = 0; c < channels; ++c) {
      for (std::int32_t y = 0; y < window.height(); ++y) {
        for (std::int32_t x = 0; x < window.width(); ++x, ++data) {
          const float word = expected[(std::int64_t{c} * region_.height + y) * region_.width + x];
          const bool both_nan = std::isnan(*data) && std::isnan(word);
          if (!both_nan &&
              std::bit_cast<std::uint32_t>(*data) != std::bit_cast<std::uint32_t>(word)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  injectors::Span part(std::int32_t size) {
    const auto count = static_cast<std::int32_t>(
        1 + stream_.next32() % static_cast<std::uint32_t>(std::min(size, 20)));
    const auto first =
        static_cast<std::int32_t>(stream_.next32() % static_cast<std::uint32_t>(size - count + 1));
    return {first, first + count};
  }

  const model::Graph& graph_;
  const Capture& capture_;
  const std::vector<WaveValue>& values_;
  const Region& region_;
  const GoldenRows& golden_;
  injectors::Stream stream_;
  std::vector<NodeCall> calls_;
  std::int64_t rows_ = 2;
  // The bits of a NaN depend on its place in the library's own unrolled loops (hardswish): there a
  // NaN equals any other.
  bool library_nans_ = false;
  model::NodeId current_ = region_.nodes.front();
  std::map<model::ValueId, c10::IValue> tensors_;
  Evaluation evaluation_;
};

}  // namespace

std::optional<RegionFault> prove_region(const model::Graph& graph, const Capture& capture,
                                        const std::vector<WaveValue>& values, const Region& region,
                                        const execute::Executor& executor, const GoldenRows& golden,
                                        std::uint64_t seed) {
  return Proof(graph, capture, values, region, executor, golden, seed).run();
}

ProvenRegions prove_regions(const model::Graph& graph, const Capture& capture,
                            const std::vector<WaveValue>& values, Separate separate,
                            const execute::Executor& executor, const GoldenRows& golden,
                            std::uint64_t seed) {
  ProvenRegions proven;
  separate.nodes.resize(graph.nodes.size(), false);
  std::set<std::vector<model::NodeId>> done;
  for (bool all = false; !all;) {
    all = true;
    proven.regions = find_regions(graph, capture, values, separate);
    for (const Region& region : proven.regions) {
      if (done.contains(region.nodes)) {
        continue;
      }
      if (const auto fault = prove_region(graph, capture, values, region, executor, golden, seed)) {
        separate.nodes[fault->node.value] = true;
        proven.switched_off.push_back(
            fmt::format("{}: {}", model::describe(graph.node(fault->node)), fault->why));
        all = false;
      } else {
        done.insert(region.nodes);
      }
    }
  }
  return proven;
}

}  // namespace softbeam::run
