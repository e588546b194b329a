#include "host/run/wave/pool_step.h"

#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include "host/base/error.h"
#include "host/run/wave/step_windows.h"

namespace softbeam::run {
namespace {

using injectors::Rect;

bool dense_is_drawn(const WaveSettings& settings, PoolScratch& scratch) {
  if (settings.forms != FormChoice::random) {
    return settings.forms == FormChoice::dense;
  }
  injectors::Stream draw(settings.seed, scratch.draws++, injectors::Purpose::probe);
  return draw.below(3) == 0;
}

}  // namespace

void prepare_pooling(const Program& program, const Step& step, const GoldenBlock& golden,
                     PoolForms& forms) {
  const c10::InferenceMode inference;
  const auto index = static_cast<std::size_t>(&step - program.steps.data());
  GoldenImages images;
  collect_golden(golden, step, program.profile->batch, images);
  forms.usable(index, program.poolings[step.detail], program.value(step.inputs[0]).channels,
               model::describe(program.graph->node(step.nodes.front())), images);
}

void run_pooling(Sweep& sweep, const Step& step, const ActiveList& active, PoolForms& forms,
                 PoolScratch& scratch, std::vector<std::uint32_t>& dense_rows) {
  const c10::InferenceMode inference;
  const Program& program = sweep.program();
  const Pooling& pooling = program.poolings[step.detail];
  const std::int32_t channels = program.value(step.inputs[0]).channels;
  const auto index = static_cast<std::size_t>(&step - program.steps.data());
  const std::string name = model::describe(program.graph->node(step.nodes.front()));
  bool windows = !dense_is_drawn(sweep.settings(), scratch);
  if (windows) {
    const Timed timed(sweep.counters(), Work::proof);
    collect_golden(sweep.golden(), step, sweep.program().profile->batch, scratch.golden);
    windows = forms.usable(index, pooling, channels, name, scratch.golden);
  }
  if (!windows) {
    for (std::uint32_t i = 0; i < active.size(); ++i) {
      dense_rows.push_back(i);
    }
    return;
  }
  const WindowPool pool(pooling, channels);
  bool sentinel_checked = false;
  for (std::size_t i = 0; i < active.size(); ++i) {
    const Row& row = *active.row(i, 0);
    const Rect outputs = outputs_reached(pooling, row.rect, sweep.settings());
    if (outputs.empty()) {
      continue;
    }
    PoolWindow window{.golden = sweep.golden_floats(step.inputs[0], active.trials[i]),
                      .outputs = outputs};
    const float* results = nullptr;
    {
      const Timed timed(sweep.counters(), Work::pooling);
      if (!sentinel_checked) {
        sentinel_checked = true;
        if (!equals_image(pool(window, scratch.memory), outputs,
                          {channels, pooling.y.out, pooling.x.out},
                          sweep.golden_floats(step.outputs[0], active.trials[i]))) {
          throw RunError(
              fmt::format("{}: a clean window came out changed (its pooling is not the "
                          "library's) use run.mode: plain",
                          name));
        }
      }
      window.row = row.floats();
      window.row_rect = row.rect;
      results = pool(window, scratch.memory);
    }
    sweep.emit(step.outputs[0], active.trials[i], outputs, results, outputs.width(),
               static_cast<std::ptrdiff_t>(outputs.area()));
    ++sweep.counters().rows_by_form[index][static_cast<std::size_t>(Form::crop)];
  }
}

}  // namespace softbeam::run
