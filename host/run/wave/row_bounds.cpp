#include "host/run/wave/row_bounds.h"

#include <algorithm>

#include "host/run/wave/rows.h"

namespace softbeam::run {

using injectors::Rect;

RowBounds::RowBounds(const Program& program)
    : program_(program),
      step_of_value_(program.values.size(), 0),
      step_of_node_(program.graph->nodes.size(), 0),
      readers_(program.values.size()),
      rects_(program.values.size()) {
  for (std::uint32_t s = 0; s < program.steps.size(); ++s) {
    for (const model::NodeId node : program.steps[s].nodes) {
      step_of_node_[node.value] = s;
      for (const model::ValueId output : program.graph->node(node).outputs) {
        step_of_value_[output.value] = s;
      }
    }
    for (const model::ValueId parameter : program.steps[s].parameters) {
      readers_[parameter.value].push_back(s);
    }
  }
}

Rect RowBounds::whole(model::ValueId id) const {
  const WaveValue& value = program_.value(id);
  return {{0, value.height}, {0, value.width}};
}

std::uint64_t RowBounds::bytes_of(model::ValueId id, const Rect& rect) const {
  const WaveValue& value = program_.value(id);
  const std::uint64_t bytes = static_cast<std::uint64_t>(rect.area()) *
                              static_cast<std::uint64_t>(value.channels) * value.word_bytes;
  return rect.empty() ? 0 : RowPool::held_for(bytes);
}

void RowBounds::add(model::ValueId id, const Rect& rect) {
  Rect& own = rects_[id.value];
  live_ -= bytes_of(id, own);
  own = united(own, rect);
  live_ += bytes_of(id, own);
  peak_ = std::max(peak_, live_);
}

void RowBounds::drop(model::ValueId id) {
  live_ -= bytes_of(id, rects_[id.value]);
  rects_[id.value] = {};
}

Rect RowBounds::moved(const Step& step, model::ValueId output, const Rect& in) const {
  switch (step.kind) {
    case StepKind::convolution: {
      const Convolution& c = program_.convolutions[step.detail];
      return {reached(c.y, in.y), reached(c.x, in.x)};
    }
    case StepKind::pooling: {
      const Pooling& p = program_.poolings[step.detail];
      return {reached(p.y, in.y), reached(p.x, in.x)};
    }
    case StepKind::shift: {
      const Shift& shift = program_.shifts[step.detail];
      return intersected({{in.y.first - shift.dy, in.y.last - shift.dy},
                          {in.x.first - shift.dx, in.x.last - shift.dx}},
                         whole(output));
    }
    case StepKind::region:
      return in;
    default:
      return whole(output);
  }
}

std::size_t RowBounds::read_through(const Step& step, std::uint32_t slot) const {
  const auto found = std::find(step.slots.begin(), step.slots.end(), slot);
  return static_cast<std::size_t>(found - step.slots.begin());
}

void RowBounds::find_strikes(std::span<const injectors::Corruption> corruptions) {
  strikes_.clear();
  const auto pixel = [&](model::ValueId id, std::uint64_t element) {
    const WaveValue& value = program_.value(id);
    if (!value.image) {
      return Rect{{0, 1}, {0, 1}};
    }
    const auto at = static_cast<std::int32_t>(element % static_cast<std::uint64_t>(value.plane()));
    const std::int32_t y = at / value.width;
    const std::int32_t x = at % value.width;
    return Rect{{y, y + 1}, {x, x + 1}};
  };
  const model::ValueId input = program_.graph->inputs.front().value;
  for (const injectors::Corruption& c : corruptions) {
    const execute::SitePlace& place = program_.profile->places[c.site.value];
    switch (program_.profile->site(c.site).kind) {
      case execute::SiteKind::weight:
      case execute::SiteKind::bias:
        for (const std::uint32_t step : readers_[place.value.value]) {
          strikes_.push_back({2 * step + 2, place.value, {}});
        }
        break;
      case execute::SiteKind::input: {
        const std::uint32_t s = step_of_node_[place.node.value];
        const Step& step = program_.steps[s];
        const std::size_t i = read_through(step, static_cast<std::uint32_t>(place.slot));
        if (i < step.inputs.size()) {
          strikes_.push_back({2 * s + 1, step.inputs[i], pixel(step.inputs[i], c.element)});
        } else {
          strikes_.push_back({2 * s + 2, place.value, {}});
        }
        break;
      }
      case execute::SiteKind::output:
      case execute::SiteKind::model_input:
        strikes_.push_back({place.value == input ? 0 : 2 * step_of_value_[place.value.value] + 2,
                            place.value, pixel(place.value, c.element)});
        break;
    }
  }
  std::sort(strikes_.begin(), strikes_.end(),
            [](const Strike& a, const Strike& b) { return a.when < b.when; });
}

// A strike at one of its outputs, inside of a region, or in a parameter.
void RowBounds::strike_behind(const Step& step, const Strike& strike) {
  const bool own = std::count(step.outputs.begin(), step.outputs.end(), strike.value) > 0;
  for (const model::ValueId output : step.outputs) {
    if (!own || output == strike.value) {
      add(output, strike.rect.empty() ? whole(output) : strike.rect);
    }
  }
}

void RowBounds::run_step(std::uint32_t s) {
  const Step& step = program_.steps[s];
  std::uint64_t private_rows = 0;
  Rect in;
  for (const model::ValueId input : step.inputs) {
    Rect read = rects_[input.value];
    bool struck = false;
    for (std::size_t n = next_; n < strikes_.size() && strikes_[n].when == 2 * s + 1; ++n) {
      if (strikes_[n].value == input) {
        read = united(read, strikes_[n].rect);
        struck = true;
      }
    }
    private_rows += struck ? bytes_of(input, read) : 0;
    in = united(in, read);
  }
  while (next_ < strikes_.size() && strikes_[next_].when == 2 * s + 1) ++next_;
  live_ += private_rows;
  for (const model::ValueId output : step.outputs) {
    if (!in.empty()) {
      add(output, moved(step, output, in));
    }
  }
  for (; next_ < strikes_.size() && strikes_[next_].when == 2 * s + 2; ++next_) {
    strike_behind(step, strikes_[next_]);
  }
  live_ -= private_rows;
  for (const model::ValueId dead : step.dead) {
    drop(dead);
  }
}

std::uint64_t RowBounds::bytes(std::span<const injectors::Corruption> corruptions) {
  find_strikes(corruptions);
  live_ = 0;
  peak_ = 0;
  next_ = 0;
  for (; next_ < strikes_.size() && strikes_[next_].when == 0; ++next_) {
    add(strikes_[next_].value, strikes_[next_].rect);
  }
  if (!strikes_.empty()) {
    const std::uint32_t first = strikes_.front().when == 0 ? 0 : (strikes_.front().when - 1) / 2;
    for (std::uint32_t s = first; s < program_.steps.size(); ++s) {
      run_step(s);
    }
  }
  drop(program_.graph->inputs.front().value);  // read by nobody, as it may be
  for (const model::ValueId output : program_.outputs) {
    drop(output);
  }
  return peak_;
}

std::uint64_t RowBounds::largest() const {
  const auto row = [&](model::ValueId id) { return bytes_of(id, whole(id)); };
  std::uint64_t live = row(program_.graph->inputs.front().value);
  std::uint64_t peak = live;
  for (const Step& step : program_.steps) {
    std::uint64_t private_rows = 0;
    for (const model::ValueId input : step.inputs) {
      private_rows += row(input);
    }
    for (const model::ValueId output : step.outputs) {
      live += row(output);
    }
    peak = std::max(peak, live + private_rows);
    for (const model::ValueId dead : step.dead) {
      live -= row(dead);
    }
  }
  return peak;
}

}  // namespace softbeam::run
