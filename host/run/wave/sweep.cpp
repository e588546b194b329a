#include "host/run/wave/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "host/run/wave/difference.h"
#include "host/run/wave/no_wave.h"
#include "host/run/wave/same_rows.h"

namespace softbeam::run {
namespace {

using injectors::Rect;

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
  if (row == nullptr && rect.area() == 1) {
    const float* from = golden + std::ptrdiff_t{rect.y.first} * value.width + rect.x.first;
    for (std::int32_t c = 0; c < value.channels; ++c) {
      out[c] = from[c * value.plane()];
    }
    return;
  }
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

bool Sweep::strike(const WaveValue& value, std::span<const Strikable> own, const Rect& rect,
                   std::byte* data) {
  bool changed = false;
  for (const Strikable& s : own) {
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

void Sweep::emit(model::ValueId id, std::uint32_t trial, const Rect& rect, const float* data,
                 std::ptrdiff_t line, std::ptrdiff_t plane) {
  const auto own = strikes_.at_value(id, trial);
  if (own.empty()) {
    settle(id, trial, rect, data, line, plane);
  } else {
    emit_struck(id, trial, own, rect, data, line, plane);
  }
}

void Sweep::emit_struck(model::ValueId id, std::uint32_t trial, std::span<const Strikable> own,
                        const Rect& rect, const float* data, std::ptrdiff_t line,
                        std::ptrdiff_t plane) {
  const WaveValue& value = program_.value(id);
  Rect wide = rect;
  for (const Strikable& s : own) {
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
  strike(value, own, wide, scratch_.data());
  settle(id, trial, wide, to, wide.width(), wide.area());
}

void Sweep::emit_whole(model::ValueId id, std::uint32_t trial, const std::byte* data) {
  const WaveValue& value = program_.value(id);
  if (value.image) {
    emit(id, trial, {{0, value.height}, {0, value.width}}, reinterpret_cast<const float*>(data),
         value.width, value.plane());
    return;
  }
  const auto own = strikes_.at_value(id, trial);
  if (own.empty()) {
    settle_whole(id, trial, data);
    return;
  }
  scratch_.assign(data, data + value.bytes());
  strike(value, own, {{0, 1}, {0, 1}}, scratch_.data());
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
    refuse_difference(id, trial, rect, box, data, line, plane);
    keep(id, trial, rect, data, line, plane);
    return;
  }
  keep(id, trial, box, data + (box.y.first - rect.y.first) * line + (box.x.first - rect.x.first),
       line, plane);
}

void Sweep::settle_whole(model::ValueId id, std::uint32_t trial, const std::byte* data) {
  const WaveValue& value = program_.value(id);
  const bool equal = std::memcmp(data, golden_row(id, trial), value.bytes()) == 0;
  if (settings_.keep_equal_rows && !equal &&
      !same_rows(program_.value(id), data, golden_row(id, trial))) {
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

// A trial that was golden so far, struck in one word: its row is that pixel, and differs if the
// word did.
void Sweep::start(model::ValueId id, const Strikable& strikable) {
  const WaveValue& value = program_.value(id);
  const Rect rect = pixel_of(value, strikable);
  const std::size_t bytes = value.image
                                ? static_cast<std::size_t>(value.channels) * value.word_bytes
                                : static_cast<std::size_t>(value.bytes());
  RowSet& set = rows_[id.value];
  std::byte* const own = set.allocate(bytes, pool_);
  copy_window(id, strikable.trial, nullptr, rect, own);
  if (!strike(value, std::span(&strikable, 1), rect, own)) {
    set.take_back(bytes);
    return;
  }
  set.rows.push_back({strikable.trial, rect, own});
  note_difference(id, strikable.trial);
}

// Trials that are struck here and were golden so far.
void Sweep::join(model::ValueId id) {
  const auto all = strikes_.at_value(id);
  const WaveValue& value = program_.value(id);
  for (std::size_t s = 0, next = 0; s < all.size(); s = next) {
    const std::uint32_t trial = all[s].trial;
    for (next = s + 1; next < all.size() && all[next].trial == trial;) {
      ++next;
    }
    if (strikes_.done(all[s])) {
      continue;
    }
    if (next == s + 1 && !settings_.keep_equal_rows) {
      start(id, all[s]);
      continue;
    }
    if (!value.image) {
      emit_whole(id, trial, golden_row(id, trial));
      continue;
    }
    const Rect pixel = pixel_of(value, all[s]);
    emit_struck(
        id, trial, all.subspan(s, next - s), pixel,
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

void Sweep::refuse_difference(model::ValueId id, std::uint32_t trial, const Rect& rect,
                              const Rect& box, const float* data, std::ptrdiff_t line,
                              std::ptrdiff_t plane) const {
  const WaveValue& value = program_.value(id);
  const float* golden = golden_floats(id, trial);
  for (std::int32_t c = 0; c < value.channels && !box.empty(); ++c) {
    for (std::int32_t y = box.y.first; y < box.y.last; ++y) {
      for (std::int32_t x = box.x.first; x < box.x.last; ++x) {
        if (!same_word(data[c * plane + (y - rect.y.first) * line + (x - rect.x.first)],
                       golden[c * value.plane() + std::int64_t{y} * value.width + x])) {
          refuse_difference(id, trial);
        }
      }
    }
  }
}

void Sweep::refuse_difference(model::ValueId id, std::uint32_t trial) const {
  throw NoWave(fmt::format(
      "the zero-fault wave differs from golden at '{}' (sample {}): a shortcut is not exact on "
      "this machine",
      program_.graph->value(id).name, chunk_->trials[trial].sample.value));
}

}  // namespace softbeam::run
