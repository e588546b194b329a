#include "host/run/wave/linear_step.h"

#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "host/base/error.h"
#include "host/run/wave/same_words.h"
#include "host/run/wave/step_windows.h"

namespace softbeam::run {
namespace {

LinearLayer layer_of(const Program& program, const Step& step, const execute::Executor& executor) {
  const model::Node& node = program.graph->node(step.nodes.front());
  LinearLayer layer;
  layer.geometry = program.linears[step.detail];
  take_parameters(layer, node, executor);
  layer.input_sizes = program.captured.values[step.inputs[0].value].sizes;
  layer.name = model::describe(node);
  return layer;
}

bool own_is_drawn(const WaveSettings& settings, LinearScratch& scratch) {
  if (settings.forms == FormChoice::random) {
    injectors::Stream draw(settings.seed, scratch.draws++, injectors::Purpose::probe);
    return draw.below(2) == 0;
  }
  return settings.forms == FormChoice::fastest || settings.forms == FormChoice::own;
}

class LinearStep {
 public:
  LinearStep(Sweep& sweep, const Step& step, const LinearLayer& layer, const ActiveList& active,
             const OwnLayer& own, LinearScratch& scratch)
      : sweep_(sweep),
        in_(step.inputs[0]),
        out_(step.outputs[0]),
        linear_(layer.geometry),
        active_(active),
        own_(own),
        name_(layer.name),
        scratch_(scratch) {}

  void run() {
    // Sums of one call stay within the caches' reach.
    constexpr std::size_t most_words = 1 << 20;
    const auto most_positions =
        std::max<std::size_t>(1, most_words / static_cast<std::size_t>(own_.output_words()));
    for (std::size_t i = 0; i < active_.size();) {
      const std::size_t begin = i;
      clear();
      do {
        add(i++);
      } while (i < active_.size() && scratch_.positions.size() < most_positions);
      call();
      for (std::size_t t = begin; t < i; ++t) {
        hand_over(t, scratch_.first[t - begin], scratch_.first[t - begin + 1]);
      }
    }
  }

 private:
  // The first position is the sentinel: golden's first vector of the first trial's sample.
  void clear() {
    scratch_.positions.clear();
    scratch_.places.assign(1, 0);
    scratch_.first.assign(1, 1);
    scratch_.laid.clear();
  }

  void add(std::size_t i) {
    const std::uint32_t trial = active_.trials[i];
    const float* golden = sweep_.golden_floats(in_, trial);
    if (scratch_.positions.empty()) {
      scratch_.positions.push_back(golden);
      sentinel_ = trial;
    }
    const float* row = whole(trial, *active_.row(i, 0));
    const auto bytes = static_cast<std::size_t>(linear_.in) * sizeof(float);
    for (std::int64_t r = 0; r < linear_.rows; ++r, row += linear_.in, golden += linear_.in) {
      if (std::memcmp(row, golden, bytes) != 0) {
        scratch_.positions.push_back(row);
        scratch_.places.push_back(static_cast<std::uint32_t>(r));
      }
    }
    scratch_.first.push_back(scratch_.positions.size());
  }

  const float* whole(std::uint32_t trial, const Row& row) {
    if (!sweep_.program().value(in_).image) {
      return row.floats();
    }
    std::vector<float>& laid =
        scratch_.laid.emplace_back(static_cast<std::size_t>(sweep_.program().value(in_).elements));
    sweep_.lay_over(in_, trial, &row, reinterpret_cast<std::byte*>(laid.data()));
    return laid.data();
  }

  void call() {
    const std::ptrdiff_t tap = 0;
    sums_ = scratch_.sums.at_least(static_cast<std::ptrdiff_t>(scratch_.positions.size()) *
                                   own_.output_words());
    {
      const Timed timed(sweep_.counters(), Work::dense);
      own_.sum(scratch_.positions, std::span(&tap, 1), sums_);
    }
    sweep_.counters().macs += scratch_.positions.size() * static_cast<std::uint64_t>(linear_.in) *
                              static_cast<std::uint64_t>(linear_.out);
    const float* golden = sweep_.golden_floats(out_, sentinel_);
    if (!std::equal(golden, golden + linear_.out, sums_, same_word)) {
      throw RunError(
          fmt::format("{}: a clean row of our own kernel came out changed (this machine "
                      "may be faulty) run again, or use run.mode: plain",
                      name_));
    }
  }

  void hand_over(std::size_t i, std::size_t first, std::size_t last) {
    const Timed timed(sweep_.counters(), Work::emit);
    const std::uint32_t trial = active_.trials[i];
    const float* sums = sums_ + static_cast<std::ptrdiff_t>(first) * own_.output_words();
    const bool in_place = last - first == static_cast<std::size_t>(linear_.rows) &&
                          own_.output_words() == linear_.out;
    if (!in_place) {
      const float* golden = sweep_.golden_floats(out_, trial);
      scratch_.output.assign(golden, golden + linear_.rows * linear_.out);
      for (std::size_t p = first; p < last; ++p, sums += own_.output_words()) {
        std::copy_n(sums, linear_.out,
                    scratch_.output.begin() +
                        static_cast<std::ptrdiff_t>(scratch_.places[p]) * linear_.out);
      }
      sums = scratch_.output.data();
    }
    sweep_.emit_whole(out_, trial, reinterpret_cast<const std::byte*>(sums));
  }

  Sweep& sweep_;
  model::ValueId in_;
  model::ValueId out_;
  const Linear& linear_;
  const ActiveList& active_;
  const OwnLayer& own_;
  const std::string& name_;
  LinearScratch& scratch_;
  float* sums_ = nullptr;
  std::uint32_t sentinel_ = 0;
};

}  // namespace

void prepare_linear(const Program& program, const Step& step, const GoldenBlock& golden,
                    LinearForms& forms, const execute::Executor& executor) {
  const c10::InferenceMode inference;
  const auto index = static_cast<std::size_t>(&step - program.steps.data());
  GoldenImages images;
  collect_golden(golden, step, program.profile->batch, images);
  forms.own(index, layer_of(program, step, executor), images);
}

void run_linear(Sweep& sweep, const Step& step, const ActiveList& active, LinearForms& forms,
                const execute::Executor& executor, LinearScratch& scratch,
                std::vector<std::uint32_t>& dense_rows) {
  const c10::InferenceMode inference;
  const Program& program = sweep.program();
  const auto index = static_cast<std::size_t>(&step - program.steps.data());
  const OwnLayer* own = nullptr;
  const LinearLayer layer = layer_of(program, step, executor);
  if (own_is_drawn(sweep.settings(), scratch)) {
    const Timed timed(sweep.counters(), Work::proof);
    collect_golden(sweep.golden(), step, program.profile->batch, scratch.golden);
    own = forms.own(index, layer, scratch.golden);
  }
  if (own == nullptr) {
    dense_rows.resize(active.size());
    std::iota(dense_rows.begin(), dense_rows.end(), 0U);
    return;
  }
  LinearStep(sweep, step, layer, active, *own, scratch).run();
  sweep.counters().rows_by_form[index][static_cast<std::size_t>(Form::own)] += active.size();
}

}  // namespace softbeam::run
