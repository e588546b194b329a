#include "host/run/wave/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "host/base/error.h"
#include "host/run/wave/difference.h"

namespace softbeam::run {
namespace {

using injectors::Rect;

bool earlier(const Row& a, const Row& b) { return a.trial < b.trial; }

void copy_plane(const float* from, std::ptrdiff_t from_line, float* to, std::ptrdiff_t to_line,
                std::int32_t height, std::int32_t width) {
  for (std::int32_t y = 0; y < height; ++y) {
    for (std::int32_t x = 0; x < width; ++x) {
      to[x] = from[x];
    }
    from += from_line;
    to += to_line;
  }
}

}  // namespace

void ActiveList::clear(std::size_t of_inputs) {
  inputs = of_inputs;
  trials.clear();
  rows.clear();
}

Sweep::Sweep(const Program& program, const WaveSettings& settings, Counters& counters)
    : program_(program),
      settings_(settings),
      counters_(counters),
      strikes_(*program.graph, *program.profile),
      rows_(program.values.size()) {}

void Sweep::begin(const Chunk& chunk, const GoldenBlock& golden,
                  std::vector<injectors::Effect>& effects, bool keep_equal_rows) {
  settings_.keep_equal_rows = keep_equal_rows;
  chunk_ = &chunk;
  golden_ = &golden;
  effects.resize(chunk.corruptions.size());
  strikes_.begin(chunk, effects);
  depth_.assign(chunk.size(), 0);
  slots_.clear();
  for (const plan::Trial& trial : chunk.trials) {
    slots_.push_back(golden.slot(trial.sample.value));
  }
  join(program_.graph->inputs.front().value);
}

void Sweep::end() {
  for (RowSet& set : rows_) {
    set.clear(pool_);
  }
  private_memory_.clear(pool_);
}

void Sweep::note_death_at(model::NodeId node, std::uint32_t trial) {
  depth_[trial] = std::max(depth_[trial], node.value + 1);
}

std::optional<std::uint32_t> Sweep::depth(std::uint32_t trial) const {
  return depth_[trial] == 0 ? std::nullopt : std::optional(depth_[trial] - 1);
}

const ActiveList& Sweep::active(const Step& step) {
  lists_.clear();
  for (const model::ValueId input : step.inputs) {
    lists_.push_back(&rows_[input.value].rows);
  }
  lay_private_rows(step);
  find_struck(step);
  active_.clear(step.inputs.size());
  struck_.clear(step.inputs.size());
  heads_.assign(lists_.size(), 0);
  auto struck = struck_trials_.begin();
  while (true) {
    std::uint32_t trial = struck != struck_trials_.end() ? *struck : UINT32_MAX;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      if (heads_[i] < lists_[i]->size()) {
        trial = std::min(trial, (*lists_[i])[heads_[i]].trial);
      }
    }
    if (trial == UINT32_MAX) {
      break;
    }
    const bool is_struck = struck != struck_trials_.end() && *struck == trial;
    struck += is_struck ? 1 : 0;
    ActiveList& list = is_struck ? struck_ : active_;
    list.trials.push_back(trial);
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      const bool has = heads_[i] < lists_[i]->size() && (*lists_[i])[heads_[i]].trial == trial;
      list.rows.push_back(has ? &(*lists_[i])[heads_[i]] : nullptr);
      heads_[i] += has ? 1 : 0;
    }
  }
  return active_;
}

void Sweep::find_struck(const Step& step) {
  struck_trials_.clear();
  for (const model::ValueId parameter : step.parameters) {
    for (const Strikable& s : strikes_.at_parameter(parameter)) {
      struck_trials_.push_back(s.trial);
    }
  }
  std::sort(struck_trials_.begin(), struck_trials_.end());
  struck_trials_.erase(std::unique(struck_trials_.begin(), struck_trials_.end()),
                       struck_trials_.end());
}

// What one node reads through a struck slot is its own: the value's row, or golden, struck.
void Sweep::lay_private_rows(const Step& step) {
  const model::NodeId node = step.nodes.front();
  if (!strikes_.any_at_input(node)) {
    return;
  }
  private_memory_.clear(pool_);
  private_rows_.resize(std::max(private_rows_.size(), step.inputs.size()));
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    const auto all = strikes_.at_input(node, step.slots[i]);
    if (all.empty()) {
      continue;
    }
    const model::ValueId id = step.inputs[i];
    const WaveValue& value = program_.value(id);
    const std::vector<Row>& rows = rows_[id.value].rows;
    std::vector<Row>& own = private_rows_[i];
    own.assign(rows.begin(), rows.end());
    for (std::size_t s = 0; s < all.size(); ++s) {
      const std::uint32_t trial = all[s].trial;
      if (s > 0 && all[s - 1].trial == trial) {
        continue;
      }
      const auto below =
          std::lower_bound(rows.begin(), rows.end(), Row{trial, {}, nullptr}, earlier);
      const Row* row = below != rows.end() && below->trial == trial ? &*below : nullptr;
      Rect rect = row != nullptr ? row->rect : Rect{};
      for (const Strikable& strikable : of_trial(all, trial)) {
        rect = united(rect, pixel_of(value, strikable));
      }
      const auto bytes = static_cast<std::size_t>(value.channels) *
                         static_cast<std::size_t>(rect.area()) * value.word_bytes;
      std::byte* data = private_memory_.allocate(bytes, pool_);
      copy_window(id, trial, row, rect, data);
      if (strike(value, all, trial, rect, data)) {
        note_death_at(node, trial);
      }
      const Row struck{trial, rect, data};
      if (row != nullptr) {
        own[static_cast<std::size_t>(row - rows.data())] = struck;
      } else {
        own.push_back(struck);
      }
    }
    std::sort(own.begin(), own.end(), earlier);
    lists_[i] = &own;
  }
}

Rect Sweep::pixel_of(const WaveValue& value, const Strikable& strikable) const {
  if (!value.image) {
    return {{0, 1}, {0, 1}};
  }
  const auto at = static_cast<std::int32_t>(strikes_.corruption(strikable).element %
                                            static_cast<std::uint64_t>(value.plane()));
  const std::int32_t y = at / value.width;
  const std::int32_t x = at % value.width;
  return {{y, y + 1}, {x, x + 1}};
}

void Sweep::copy_window(model::ValueId id, std::uint32_t trial, const Row* row, const Rect& rect,
                        std::byte* to) const {
  const WaveValue& value = program_.value(id);
  if (!value.image) {
    std::memcpy(to, row != nullptr ? row->data : golden_row(id, trial), value.bytes());
    return;
  }
  const float* golden = golden_floats(id, trial);
  auto* out = reinterpret_cast<float*>(to);
  const Rect both = row != nullptr ? intersected(row->rect, rect) : Rect{};
  for (std::int32_t c = 0; c < value.channels; ++c) {
    float* plane = out + c * rect.area();
    if (both != rect) {
      copy_plane(golden + c * value.plane() + rect.y.first * value.width + rect.x.first,
                 value.width, plane, rect.width(), rect.height(), rect.width());
    }
    if (!both.empty()) {
      const float* from = row->floats() + c * row->rect.area() +
                          (both.y.first - row->rect.y.first) * row->rect.width() +
                          (both.x.first - row->rect.x.first);
      copy_plane(from, row->rect.width(),
                 plane + (both.y.first - rect.y.first) * rect.width() + both.x.first - rect.x.first,
                 rect.width(), both.height(), both.width());
    }
  }
}

void Sweep::lay_over(model::ValueId id, std::uint32_t trial, const Row* row, std::byte* to) const {
  const WaveValue& value = program_.value(id);
  copy_window(id, trial, row, {{0, value.height}, {0, value.width}}, to);
}

bool Sweep::strike(const WaveValue& value, std::span<const Strikable> all, std::uint32_t trial,
                   const Rect& rect, std::byte* data) {
  bool changed = false;
  for (const Strikable& s : of_trial(all, trial)) {
    const std::uint64_t element = strikes_.corruption(s).element;
    std::uint64_t word = element;
    if (value.image) {
      const Rect pixel = pixel_of(value, s);
      const std::uint64_t channel = element / static_cast<std::uint64_t>(value.plane());
      word = channel * static_cast<std::uint64_t>(rect.area()) +
             static_cast<std::uint64_t>((pixel.y.first - rect.y.first) * rect.width() +
                                        (pixel.x.first - rect.x.first));
    }
    changed |= strikes_.strike(s, data + word * value.word_bytes, value.word_bytes);
  }
  return changed;
}

bool Sweep::struck_at(model::ValueId id, std::uint32_t trial) const {
  const auto all = strikes_.at_value(id);
  return !all.empty() && !of_trial(all, trial).empty();
}

void Sweep::emit(model::ValueId id, std::uint32_t trial, const Rect& rect, const float* data,
                 std::ptrdiff_t line, std::ptrdiff_t plane) {
  if (!struck_at(id, trial)) {
    settle(id, trial, rect, data, line, plane);
    return;
  }
  const WaveValue& value = program_.value(id);
  const auto all = strikes_.at_value(id);
  Rect wide = rect;
  for (const Strikable& s : of_trial(all, trial)) {
    wide = united(wide, pixel_of(value, s));
  }
  scratch_.resize(static_cast<std::size_t>(wide.area() * value.channels) * sizeof(float));
  copy_window(id, trial, nullptr, wide, scratch_.data());
  auto* to = reinterpret_cast<float*>(scratch_.data());
  for (std::int32_t c = 0; c < value.channels; ++c) {
    copy_plane(data + c * plane, line,
               to + c * wide.area() + (rect.y.first - wide.y.first) * wide.width() +
                   (rect.x.first - wide.x.first),
               wide.width(), rect.height(), rect.width());
  }
  strike(value, all, trial, wide, scratch_.data());
  settle(id, trial, wide, to, wide.width(), wide.area());
}

void Sweep::emit_whole(model::ValueId id, std::uint32_t trial, const std::byte* data) {
  const WaveValue& value = program_.value(id);
  if (value.image) {
    emit(id, trial, {{0, value.height}, {0, value.width}}, reinterpret_cast<const float*>(data),
         value.width, value.plane());
    return;
  }
  if (!struck_at(id, trial)) {
    settle_whole(id, trial, data);
    return;
  }
  scratch_.assign(data, data + value.bytes());
  strike(value, strikes_.at_value(id), trial, {{0, 1}, {0, 1}}, scratch_.data());
  settle_whole(id, trial, scratch_.data());
}

void Sweep::settle(model::ValueId id, std::uint32_t trial, const Rect& rect, const float* data,
                   std::ptrdiff_t line, std::ptrdiff_t plane) {
  const WaveValue& value = program_.value(id);
  const float* golden =
      golden_floats(id, trial) + std::ptrdiff_t{rect.y.first} * value.width + rect.x.first;
  const Rect box =
      difference_box(data, line, plane, golden, value.width, value.plane(), value.channels, rect);
  if (settings_.keep_equal_rows) {
    if (!box.empty()) {
      refuse_difference(id, trial);
    }
    keep(id, trial, rect, data, line, plane);
    return;
  }
  keep(id, trial, box, data + (box.y.first - rect.y.first) * line + (box.x.first - rect.x.first),
       line, plane);
}

void Sweep::settle_whole(model::ValueId id, std::uint32_t trial, const std::byte* data) {
  const WaveValue& value = program_.value(id);
  const bool equal = std::memcmp(data, golden_row(id, trial), value.bytes()) == 0;
  if (settings_.keep_equal_rows && !equal) {
    refuse_difference(id, trial);
  }
  if (equal && !settings_.keep_equal_rows) {
    return;
  }
  RowSet& set = rows_[id.value];
  std::byte* own = set.allocate(value.bytes(), pool_);
  std::memcpy(own, data, value.bytes());
  set.rows.push_back({trial, {{0, 1}, {0, 1}}, own});
  note_difference(id, trial);
}

void Sweep::keep(model::ValueId id, std::uint32_t trial, const Rect& rect, const float* data,
                 std::ptrdiff_t line, std::ptrdiff_t plane) {
  if (rect.empty()) {
    return;
  }
  const WaveValue& value = program_.value(id);
  RowSet& set = rows_[id.value];
  const std::int64_t area = rect.area();
  std::byte* own =
      set.allocate(static_cast<std::size_t>(area * value.channels) * sizeof(float), pool_);
  auto* to = reinterpret_cast<float*>(own);
  if (line == rect.width() && plane == area) {
    std::memcpy(to, data, static_cast<std::size_t>(area * value.channels) * sizeof(float));
  } else {
    for (std::int32_t c = 0; c < value.channels; ++c) {
      copy_plane(data + c * plane, line, to + c * area, rect.width(), rect.height(), rect.width());
    }
  }
  set.rows.push_back({trial, rect, own});
  note_difference(id, trial);
}

// Trials that are struck here and were golden so far.
void Sweep::join(model::ValueId id) {
  const auto all = strikes_.at_value(id);
  const WaveValue& value = program_.value(id);
  for (std::size_t s = 0; s < all.size(); ++s) {
    if (strikes_.done(all[s])) {
      continue;
    }
    const std::uint32_t trial = all[s].trial;
    if (!value.image) {
      emit_whole(id, trial, golden_row(id, trial));
      continue;
    }
    const Rect pixel = pixel_of(value, all[s]);
    emit(id, trial, pixel,
         golden_floats(id, trial) + std::ptrdiff_t{pixel.y.first} * value.width + pixel.x.first,
         value.width, value.plane());
  }
  std::vector<Row>& rows = rows_[id.value].rows;
  if (!std::is_sorted(rows.begin(), rows.end(), earlier)) {
    std::sort(rows.begin(), rows.end(), earlier);
  }
}

void Sweep::finish(const Step& step) {
  const Timed timed(counters_, Work::emit);
  for (const model::ValueId output : step.outputs) {
    join(output);
  }
  for (const model::ValueId dead : step.dead) {
    rows_[dead.value].clear(pool_);
  }
  private_memory_.clear(pool_);
}

void Sweep::refuse_difference(model::ValueId id, std::uint32_t trial) const {
  throw RunError(
      fmt::format("the zero-fault wave differs from golden at '{}' (sample {}): a shortcut is not "
                  "exact on this "
                  "machine; run with --run.mode plain, and please report the model",
                  program_.graph->value(id).name, chunk_->trials[trial].sample.value));
}

}  // namespace softbeam::run
