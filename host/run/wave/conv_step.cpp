#include "host/run/wave/conv_step.h"

#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

#include "host/base/error.h"
#include "host/run/wave/conv_cost.h"
#include "host/run/wave/step_windows.h"

namespace softbeam::run {
namespace {

using injectors::Rect;

ConvLayer layer_of(const Program& program, const Step& step, const ConvolutionForms& forms,
                   const execute::Executor& executor) {
  const model::Node& node = program.graph->node(step.nodes.front());
  ConvLayer layer;
  layer.geometry = program.convolutions[step.detail];
  take_parameters(layer, node, executor);
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

  // By our own kernel.
  void compute(const OwnLayer& own, std::vector<std::uint32_t>& windows) {
    // Windows of like widths together, the smallest ones first.
    std::stable_sort(windows.begin(), windows.end(), [&](std::uint32_t a, std::uint32_t b) {
      return scratch_.windows[a].outputs.width() < scratch_.windows[b].outputs.width();
    });
    choose(windows);
    std::span<const ConvWindow> left = scratch_.laid;
    while (!left.empty()) {
      const std::size_t done = scratch_.laid.size() - left.size();
      const std::size_t count = lay(own, left);
      {
        const Timed timed(sweep_.counters(), Work::convolution);
        scratch_.own.call(own);
      }
      sweep_.counters().macs += scratch_.own.macs();
      for (std::size_t i = 0; i < count; ++i) {
        const Rect& outputs = left[i].outputs;
        const float* result = scratch_.own.result(own, i);
        if (done + i > 0) {
          sweep_.emit(step_.outputs[0], trial(windows[done + i - 1]), outputs, result,
                      outputs.width(), static_cast<std::ptrdiff_t>(outputs.area()));
        } else if (!equals_image(
                       result, outputs,
                       {layer_.geometry.out_channels, layer_.geometry.y.out, layer_.geometry.x.out},
                       golden(windows.front()))) {
          throw RunError(
              fmt::format("{}: a clean window of our own kernel came out changed (this "
                          "machine may be faulty) run again, or use run.mode: plain",
                          layer_.name));
        }
      }
      left = left.subspan(count);
    }
  }

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

  // Golden's output of the window's sample.
  const float* golden(std::uint32_t window) const {
    return sweep_.golden_floats(step_.outputs[0], trial(window));
  }

  // What is to be laid: the windows behind a sentinel, the first one without its row.
  void choose(std::span<const std::uint32_t> windows) {
    const ConvWindow& first = scratch_.windows[windows.front()];
    scratch_.laid.clear();
    scratch_.laid.push_back({.golden = first.golden, .outputs = first.outputs});
    for (const std::uint32_t w : windows) {
      scratch_.laid.push_back(scratch_.windows[w]);
    }
  }

  std::size_t lay(const OwnLayer& own, std::span<const ConvWindow> windows) {
    const Timed timed(sweep_.counters(), Work::gather);
    return scratch_.own.gather(own, windows);
  }

  void lay(const ConvShape& shape, std::span<const std::uint32_t> windows) {
    const Timed timed(sweep_.counters(), Work::gather);
    choose(windows);
    scratch_.chunk.gather(layer_, shape, scratch_.laid, scratch_.buffer);
  }

  void check_sentinel(const ConvShape& shape, std::uint32_t window) const {
    if (!scratch_.chunk.equals(0, layer_, golden(window))) {
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

FormChoice drawn(const WaveSettings& settings, ConvScratch& scratch) {
  constexpr std::array all{FormChoice::own, FormChoice::crop, FormChoice::canvas,
                           FormChoice::dense};
  if (settings.forms != FormChoice::random) {
    return settings.forms;
  }
  injectors::Stream draw(settings.seed, scratch.draws++, injectors::Purpose::probe);
  return all[draw.below(all.size())];
}

// Takes the windows for our own kernel out of scratch.left: all of them where it was asked for,
// else those that it computes in less time than the library takes for whole images.
void choose_own(const ConvNode& node, const Convolution& geometry, FormChoice choice,
                ConvScratch& scratch) {
  // A kernel that falls behind by more than what windows in tensors waste is left alone.
  constexpr double most_behind = 1.5;
  // Whole images of the library come in chunks that are rarely full.
  constexpr double chunk_waste = 1.25;
  scratch.own_windows.clear();
  const bool wanted = choice == FormChoice::own || choice == FormChoice::fastest;
  if (!wanted || node.own() == nullptr) {
    return;
  }
  const double whole = chunk_waste * node.dense_seconds() + dense_row_seconds(geometry);
  const double own = node.own_seconds_per_image();
  const double image = static_cast<double>(geometry.y.out) * geometry.x.out;
  const bool fast = own <= most_behind * node.dense_seconds();
  std::erase_if(scratch.left, [&](std::uint32_t w) {
    const double share = static_cast<double>(scratch.windows[w].outputs.area()) / image;
    const bool takes = choice == FormChoice::own || (fast && share * own <= whole);
    if (takes) {
      scratch.own_windows.push_back(w);
    }
    return takes;
  });
}

}  // namespace

void prepare_convolution(const Program& program, const Step& step, const GoldenBlock& golden,
                         ConvolutionForms& forms, const execute::Executor& executor) {
  const c10::InferenceMode inference;
  const auto index = static_cast<std::size_t>(&step - program.steps.data());
  GoldenImages images;
  collect_golden(golden, step, program.profile->batch, images);
  forms.node(index).prepare(layer_of(program, step, forms, executor), images);
}

void run_convolution(Sweep& sweep, const Step& step, const ActiveList& active,
                     ConvolutionForms& forms, const execute::Executor& executor,
                     ConvScratch& scratch, std::vector<std::uint32_t>& dense_rows) {
  const c10::InferenceMode inference;
  const auto index = static_cast<std::size_t>(&step - sweep.program().steps.data());
  const ConvLayer layer = layer_of(sweep.program(), step, forms, executor);
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
  FormChoice choice = drawn(sweep.settings(), scratch);
  choose_own(node, layer.geometry, choice, scratch);
  if (!scratch.own_windows.empty()) {
    work.compute(*node.own(), scratch.own_windows);
    sweep.counters().rows_by_form[index][static_cast<std::size_t>(Form::own)] +=
        scratch.own_windows.size();
  }
  choice = choice == FormChoice::own ? FormChoice::fastest : choice;
  // A shape that fails its proof is switched off, and its windows are planned again.
  while (!scratch.left.empty()) {
    const ConvPlan& plan = scratch.planner.plan(node, layer, choice, scratch.windows, scratch.left);
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
