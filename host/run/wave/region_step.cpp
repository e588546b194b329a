#include "host/run/wave/region_step.h"

#include <algorithm>

#include "host/run/wave/difference.h"

namespace softbeam::run {
namespace {

using injectors::Rect;

class RegionStep {
 public:
  RegionStep(Sweep& sweep, const Step& step, const Region& region, RegionScratch& scratch)
      : sweep_(sweep), region_(region), scratch_(scratch), active_(sweep.active(step)) {}

  void run() {
    find_strikes();
    std::size_t a = 0;
    auto strike = scratch_.strikes.cbegin();
    const auto end = scratch_.strikes.cend();
    while (a < active_.size() || strike != end) {
      const bool from_rows =
          a < active_.size() && (strike == end || active_.trials[a] <= strike->strike.trial);
      const std::uint32_t trial = from_rows ? active_.trials[a] : strike->strike.trial;
      const auto first = strike;
      while (strike != end && strike->strike.trial == trial) {
        ++strike;
      }
      run_trial(trial, from_rows ? &active_.rows[a * active_.inputs] : nullptr, {first, strike});
      a += from_rows ? 1 : 0;
    }
  }

 private:
  using Inside = std::span<const StrikeInside>;

  void find_strikes() {
    scratch_.strikes.clear();
    for (const Stage& stage : region_.stages) {
      for (const Strikable& s : sweep_.strikes().at_value(region_.operands[stage.output])) {
        scratch_.strikes.push_back({s, stage.output, sweep_.strikes().corruption(s).element});
      }
    }
    std::stable_sort(scratch_.strikes.begin(), scratch_.strikes.end(),
                     [](const StrikeInside& x, const StrikeInside& y) {
                       return x.strike.trial < y.strike.trial;
                     });
  }

  std::int32_t line_of(const StrikeInside& strike) const {
    return static_cast<std::int32_t>(strike.element / static_cast<std::uint64_t>(region_.width) %
                                     static_cast<std::uint64_t>(region_.height));
  }
  std::int32_t column_of(const StrikeInside& strike) const {
    return static_cast<std::int32_t>(strike.element % static_cast<std::uint64_t>(region_.width));
  }
  std::int64_t channel_of(const StrikeInside& strike) const {
    return static_cast<std::int64_t>(strike.element) /
           (std::int64_t{region_.height} * region_.width);
  }

  void run_trial(std::uint32_t trial, const Row* const* rows, Inside strikes) {
    Rect window;
    for (std::size_t e = 0; rows != nullptr && e < region_.externals; ++e) {
      if (rows[e] != nullptr) {
        window = united(window, rows[e]->rect);
      }
    }
    for (const StrikeInside& strike : strikes) {
      const std::int32_t y = line_of(strike);
      const std::int32_t x = column_of(strike);
      window = united(window, {{y, y + 1}, {x, x + 1}});
    }
    if (window.empty()) {
      return;
    }
    load(scratch_.faulty, trial, window, rows);
    if (strikes.empty()) {
      scratch_.faulty.run_passes();
    } else {
      run_struck(window, strikes);
    }
    const bool all_live = hand_over(trial, window);
    const bool has_inner = region_.exported.size() < region_.stages.size();
    if (has_inner && (!all_live || region_.dead_ends)) {
      if (strikes.empty()) {
        run_stages(scratch_.faulty);
      }
      note_inner(trial, window);
    }
  }

  void load(Evaluation& evaluation, std::uint32_t trial, const Rect& window,
            const Row* const* rows) const {
    evaluation.begin(region_, window);
    for (std::uint32_t e = 0; e < region_.externals; ++e) {
      const Row* row = rows == nullptr ? nullptr : rows[e];
      evaluation.set_external(e, sweep_.golden_floats(region_.operands[e], trial),
                              row == nullptr ? nullptr : row->floats(),
                              row == nullptr ? Rect{} : row->rect);
    }
  }

  void run_stages(Evaluation& evaluation) const {
    for (const Stage& stage : region_.stages) {
      evaluation.run_stage(stage);
    }
  }

  void run_struck(const Rect& window, Inside strikes) {
    for (const Stage& stage : region_.stages) {
      scratch_.faulty.run_stage(stage);
      for (const StrikeInside& strike : strikes) {
        if (strike.operand != stage.output) {
          continue;
        }
        float* const word = scratch_.faulty.writable(stage.output) +
                            channel_of(strike) * window.area() +
                            std::int64_t{line_of(strike) - window.y.first} * window.width() +
                            (column_of(strike) - window.x.first);
        sweep_.strikes().strike(strike.strike, reinterpret_cast<std::byte*>(word), sizeof *word);
      }
    }
  }

  // True if no exported operand came out equal to golden.
  bool hand_over(std::uint32_t trial, const Rect& window) {
    bool all_live = true;
    const std::int64_t plane = std::int64_t{region_.height} * region_.width;
    for (const std::uint32_t operand : region_.exported) {
      const model::ValueId id = region_.operands[operand];
      const float* const data = scratch_.faulty.data(operand);
      const float* const golden = sweep_.golden_floats(id, trial) +
                                  std::int64_t{window.y.first} * region_.width + window.x.first;
      Rect box = difference_box(data, window.width(), window.area(), golden, region_.width, plane,
                                region_.channels[operand], window);
      all_live = all_live && !box.empty();
      if (sweep_.settings().keep_equal_rows) {
        sweep_.refuse_difference(id, trial, window, box, data, window.width(), window.area());
        box = window;
      }
      const std::int64_t corner =
          box.empty() ? 0
                      : std::int64_t{box.y.first - window.y.first} * window.width() +
                            (box.x.first - window.x.first);
      sweep_.keep(id, trial, box, data + corner, window.width(), window.area());
    }
    return all_live;
  }

  // For the depth of death: golden's own values over the window, stage by stage.
  void note_inner(std::uint32_t trial, const Rect& window) {
    load(scratch_.golden, trial, window, nullptr);
    run_stages(scratch_.golden);
    for (const Stage& stage : region_.stages) {
      if (region_.is_exported(stage.output)) {
        continue;  // kept, or equal
      }
      const Rect box =
          difference_box(scratch_.faulty.data(stage.output), window.width(), window.area(),
                         scratch_.golden.data(stage.output), window.width(), window.area(),
                         region_.channels[stage.output], window);
      if (!box.empty()) {
        sweep_.note_difference(region_.operands[stage.output], trial);
      }
    }
  }

  Sweep& sweep_;
  const Region& region_;
  RegionScratch& scratch_;
  const ActiveList& active_;
};

}  // namespace

void run_region(Sweep& sweep, const Step& step, const Region& region, RegionScratch& scratch) {
  const Timed timed(sweep.counters(), Work::region);
  RegionStep(sweep, step, region, scratch).run();
}

}  // namespace softbeam::run
