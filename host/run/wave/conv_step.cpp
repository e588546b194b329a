#include "host/run/wave/conv_step.h"

#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <numeric>
#include <span>

#include "host/base/error.h"
#include "host/run/wave/step_windows.h"

namespace softbeam::run {
namespace {

using injectors::Rect;

ConvLayer layer_of(const Sweep& sweep, const Step& step, const ConvolutionForms& forms,
                   const execute::Executor& executor) {
  const Program& program = sweep.program();
  const model::Node& node = program.graph->node(step.nodes.front());
  ConvLayer layer;
  layer.geometry = program.convolutions[step.detail];
  layer.weight = executor.parameter(node.slots[layer.geometry.weight_slot].value);
  if (layer.geometry.bias_slot >= 0) {
    const auto slot = static_cast<std::size_t>(layer.geometry.bias_slot);
    layer.bias = executor.parameter(node.slots[slot].value);
  }
  layer.name = model::describe(node);
  layer.convolve = forms.convolve();
  return layer;
}

void find_windows(Sweep& sweep, const Step& step, const ActiveList& active,
                  const Convolution& geometry, ConvScratch& scratch) {
  scratch.windows.clear();
  scratch.active.clear();
  for (std::size_t i = 0; i < active.size(); ++i) {
    const Row& row = *active.row(i, 0);
    const Rect outputs = outputs_reached(geometry, row.rect, sweep.settings());
    if (!outputs.empty()) {
      scratch.windows.push_back({.golden = sweep.golden_floats(step.inputs[0], active.trials[i]),
                                 .row = row.floats(),
                                 .row_rect = row.rect,
                                 .outputs = outputs});
      scratch.active.push_back(static_cast<std::uint32_t>(i));
    }
  }
}

class ConvStep {
 public:
  ConvStep(Sweep& sweep, const Step& step, const ActiveList& active, const ConvLayer& layer,
           ConvScratch& scratch)
      : sweep_(sweep), step_(step), active_(active), layer_(layer), scratch_(scratch) {}

  // Returns the seconds of the library's call.
  double compute(const ConvShape& shape, std::span<const std::uint32_t> windows) {
    lay(shape, windows);
    double seconds = 0;
    {
      const Timed timed(sweep_.counters(), Work::convolution);
      seconds = seconds_of([&] { scratch_.chunk.call(layer_); });
    }
    sweep_.counters().macs += scratch_.chunk.macs();
    check_sentinel(shape, windows.front());
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const ConvPlace& place = scratch_.chunk.place(i + 1);
      sweep_.emit(step_.outputs[0], trial(windows[i]), scratch_.windows[windows[i]].outputs,
                  scratch_.chunk.result(i + 1), place.output_line, place.output_plane);
    }
    return seconds;
  }

 private:
  std::uint32_t trial(std::uint32_t window) const {
    return active_.trials[scratch_.active[window]];
  }

  // The sentinel is the first window without its row.
  void lay(const ConvShape& shape, std::span<const std::uint32_t> windows) {
    const Timed timed(sweep_.counters(), Work::gather);
    const ConvWindow& first = scratch_.windows[windows.front()];
    scratch_.laid.clear();
    scratch_.laid.push_back({.golden = first.golden, .outputs = first.outputs});
    for (const std::uint32_t w : windows) {
      scratch_.laid.push_back(scratch_.windows[w]);
    }
    scratch_.chunk.gather(layer_, shape, scratch_.laid, scratch_.buffer);
  }

  void check_sentinel(const ConvShape& shape, std::uint32_t window) const {
    if (!scratch_.chunk.equals(0, layer_, sweep_.golden_floats(step_.outputs[0], trial(window)))) {
      throw RunError(
          fmt::format("{}: a clean window among {} came out changed (the library's "
                      "result depends on its neighbours) use run.mode: plain",
                      layer_.name, describe(shape)));
    }
  }

  Sweep& sweep_;
  const Step& step_;
  const ActiveList& active_;
  const ConvLayer& layer_;
  ConvScratch& scratch_;
};

}  // namespace

void run_convolution(Sweep& sweep, const Step& step, const ActiveList& active,
                     ConvolutionForms& forms, const execute::Executor& executor,
                     ConvScratch& scratch, std::vector<std::uint32_t>& dense_rows) {
  const c10::InferenceMode inference;
  const auto index = static_cast<std::size_t>(&step - sweep.program().steps.data());
  const ConvLayer layer = layer_of(sweep, step, forms, executor);
  ConvNode& node = forms.node(index);
  find_windows(sweep, step, active, layer.geometry, scratch);
  if (scratch.windows.empty()) {
    return;
  }
  collect_golden(sweep.golden(), step, sweep.program().profile->batch, scratch.golden);
  {
    const Timed timed(sweep.counters(), Work::proof);
    if (sweep.settings().forms == FormChoice::dense || !node.prepare(layer, scratch.golden)) {
      dense_rows.insert(dense_rows.end(), scratch.active.begin(), scratch.active.end());
      return;
    }
  }
  ConvStep work(sweep, step, active, layer, scratch);
  scratch.left.resize(scratch.windows.size());
  std::iota(scratch.left.begin(), scratch.left.end(), 0U);
  // A shape that fails its proof is switched off, and its windows are planned again.
  while (!scratch.left.empty()) {
    injectors::Stream draw(sweep.settings().seed, scratch.draws++, injectors::Purpose::probe);
    const ConvPlan& plan = scratch.planner.plan(node, layer, sweep.settings().forms, draw.next32(),
                                                scratch.windows, scratch.left);
    scratch.again.clear();
    for (const ConvPlan::Piece& piece : plan.pieces) {
      const std::span<const std::uint32_t> windows(plan.order.data() + piece.first, piece.count);
      bool usable = false;
      {
        const Timed timed(sweep.counters(), Work::proof);
        usable = node.usable(layer, piece.shape, scratch.golden, scratch.proof_buffer);
      }
      if (usable) {
        node.took(piece.shape, work.compute(piece.shape, windows));
        const auto form = static_cast<std::size_t>(piece.shape.form);
        sweep.counters().rows_by_form[index][form] += piece.count;
      } else {
        scratch.again.insert(scratch.again.end(), windows.begin(), windows.end());
      }
    }
    for (const std::uint32_t w : plan.dense) {
      dense_rows.push_back(scratch.active[w]);
    }
    scratch.left.swap(scratch.again);
  }
}

}  // namespace softbeam::run
