#include "host/run/device/device_sweep.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "host/run/inject.h"
#include "host/run/wave/no_wave.h"
#include "host/run/wave/same_words.h"

namespace softbeam::run {
namespace {

using injectors::Planes;
using injectors::Rect;

Rect pixel_of(const WaveValue& value, std::uint64_t element) {
  if (!value.image) {
    return WordShape(value).whole();
  }
  const auto at = static_cast<std::int32_t>(element % static_cast<std::uint64_t>(value.plane()));
  const std::int32_t y = at / value.width;
  const std::int32_t x = at % value.width;
  return {{y, y + 1}, {x, x + 1}};
}

}  // namespace

DeviceSweep::DeviceSweep(const Program& program, backend::Backend& backend)
    : program_(program),
      backend_(backend),
      strikes_(*program.graph, *program.profile),
      rows_(program.values.size()) {}

void DeviceSweep::begin(const Chunk& chunk, const GoldenBlock& golden,
                        std::vector<injectors::Effect>& effects, bool zero_fault) {
  chunk_ = &chunk;
  golden_ = &golden;
  effects_ = &effects;
  zero_fault_ = zero_fault;
  peak_ = held_;
  effects.resize(chunk.corruptions.size());
  strikes_.begin(chunk, effects);
  depth_.assign(chunk.size(), 0);
  slots_.clear();
  for (const plan::Trial& trial : chunk.trials) {
    slots_.push_back(golden.slot(trial.sample.value));
  }
  join(program_.graph->inputs.front().value);
}

void DeviceSweep::clear(Rows& rows) {
  for (const at::Tensor& memory : rows.memory) {
    held_ -= memory.nbytes();
  }
  rows.memory.clear();
  rows.rows.clear();
}

void DeviceSweep::end() {
  for (Rows& rows : rows_) clear(rows);
  for (Rows& rows : private_) clear(rows);
}

void DeviceSweep::note_death_at(model::NodeId node, std::uint32_t trial) {
  depth_[trial] = std::max(depth_[trial], node.value + 1);
}

std::optional<std::uint32_t> DeviceSweep::depth(std::uint32_t trial) const {
  return depth_[trial] == 0 ? std::nullopt : std::optional(depth_[trial] - 1);
}

Planes DeviceSweep::golden(model::ValueId id, std::uint32_t trial) const {
  return shape(id).planes(golden_->row(id, slots_[trial]));
}

injectors::LaidWindow DeviceSweep::window(model::ValueId id, std::uint32_t trial, const Row* row,
                                          const Rect& rect, const Planes& to) const {
  const WordShape shape = this->shape(id);
  injectors::LaidWindow window{.to = to,
                               .lines = rect.height(),
                               .columns = rect.width(),
                               .first_y = rect.y.first,
                               .first_x = rect.x.first,
                               .golden = golden(id, trial),
                               .height = shape.height,
                               .width = shape.width};
  if (row != nullptr) {
    window.row = reinterpret_cast<const std::uint32_t*>(row->data);
    window.row_rect = row->rect;
  }
  return window;
}

Rect DeviceSweep::with_struck(model::ValueId id, std::uint32_t trial, Rect rect) const {
  for (const Strikable& s : strikes_.at_value(id, trial)) {
    rect = united(rect, pixel_of(program_.value(id), strikes_.corruption(s).element));
  }
  return rect;
}

at::Tensor DeviceSweep::allocate(model::ValueId id, std::span<Candidate> candidates, Rows& owner) {
  const WaveValue& value = program_.value(id);
  const WordShape shape = this->shape(id);
  std::int64_t words = 0;
  for (const Candidate& candidate : candidates) {
    words += shape.channels * candidate.rect.area();
  }
  at::Tensor memory = at::empty(
      {words * 4 / static_cast<std::int64_t>(value.word_bytes)},
      at::TensorOptions().dtype(program_.captured.values[id.value].type).device(backend_.device()));
  auto* next = static_cast<std::uint32_t*>(memory.mutable_data_ptr());
  for (Candidate& candidate : candidates) {
    candidate.words = {next, candidate.rect.width(), candidate.rect.area()};
    next += shape.channels * candidate.rect.area();
  }
  owner.memory.push_back(memory);
  held_ += memory.nbytes();
  peak_ = std::max(peak_, held_);
  return memory;
}

// Words of the value's own size from the holder's first one on.
std::uint64_t DeviceSweep::word_of(const WaveValue& value, const at::Tensor& holder,
                                   const Candidate& candidate, std::uint64_t element) const {
  const auto* first = static_cast<const std::uint32_t*>(holder.const_data_ptr());
  if (!value.image) {
    return static_cast<std::uint64_t>(candidate.words.data - first) * 4 / value.word_bytes +
           element;
  }
  const Rect pixel = pixel_of(value, element);
  const auto channel =
      static_cast<std::int64_t>(element / static_cast<std::uint64_t>(value.plane()));
  return static_cast<std::uint64_t>(candidate.words.at(channel,
                                                       pixel.y.first - candidate.rect.y.first,
                                                       pixel.x.first - candidate.rect.x.first) -
                                    first);
}

// `strikes` are sorted by trial; those of trials without a candidate are left alone.
void DeviceSweep::strike(model::ValueId id, const at::Tensor& holder,
                         std::span<const Candidate> candidates,
                         std::span<const Strikable> strikes) {
  const WaveValue& value = program_.value(id);
  std::vector<injectors::Strike> words;
  std::vector<Strikable> struck;
  for (const Candidate& candidate : candidates) {
    for (const Strikable& s : of_trial(strikes, candidate.trial)) {
      const injectors::Corruption& c = strikes_.corruption(s);
      words.push_back({word_of(value, holder, candidate, c.element), c.masks});
      struck.push_back(s);
    }
  }
  if (words.empty()) return;
  const execute::Site& site = program_.profile->site(strikes_.corruption(struck.front()).site);
  std::vector<injectors::Effect> effects(words.size());
  strike_computed(backend_, holder, site.dtype, site.name, words, effects);
  for (std::size_t i = 0; i < struck.size(); ++i) {
    strikes_.record(struck[i], effects[i]);
  }
}

bool DeviceSweep::changed(std::span<const Strikable> own) const {
  return std::any_of(own.begin(), own.end(), [&](const Strikable& s) {
    const injectors::Effect& effect = (*effects_)[s.corruption];
    return effect.before != effect.after;
  });
}

std::vector<Rect> DeviceSweep::differences(model::ValueId id,
                                           std::span<const Candidate> candidates) const {
  std::vector<injectors::ComparedWindow> compared;
  compared.reserve(candidates.size());
  for (const Candidate& c : candidates) {
    compared.push_back(
        {c.words, from(golden(id, c.trial), c.rect), c.rect.height(), c.rect.width()});
  }
  std::vector<Rect> boxes(candidates.size());
  backend_.compare(compared, shape(id).channels, boxes);
  return boxes;
}

// The rare case, on the host.
bool DeviceSweep::same_but_for_nan(model::ValueId id, const Candidate& candidate) const {
  if (!program_.value(id).float32) return false;
  const WordShape shape = this->shape(id);
  const std::int64_t words = shape.channels * candidate.rect.area();
  const at::Tensor both =
      at::empty({2, words}, at::TensorOptions().dtype(at::kFloat).device(backend_.device()));
  std::vector<injectors::LaidWindow> windows;
  for (const Planes& source :
       {candidate.words, from(golden(id, candidate.trial), candidate.rect)}) {
    auto* to = static_cast<std::uint32_t*>(both.mutable_data_ptr()) +
               static_cast<std::ptrdiff_t>(windows.size()) * words;
    windows.push_back({.to = {to, candidate.rect.width(), candidate.rect.area()},
                       .lines = candidate.rect.height(),
                       .columns = candidate.rect.width(),
                       .golden = source,
                       .height = candidate.rect.height(),
                       .width = candidate.rect.width()});
  }
  backend_.lay(windows, shape.channels);
  const at::Tensor host = both.cpu();
  const float* data = host.const_data_ptr<float>();
  return same_words(data, data + words, static_cast<std::uint64_t>(words));
}

bool DeviceSweep::is_golden(model::ValueId id, std::span<const Candidate> clean) const {
  const std::vector<Rect> boxes = differences(id, clean);
  for (std::size_t i = 0; i < clean.size(); ++i) {
    if (!boxes[i].empty() && !same_but_for_nan(id, clean[i])) return false;
  }
  return true;
}

void DeviceSweep::emit(model::ValueId id, const at::Tensor& holder,
                       std::span<const Candidate> candidates) {
  if (candidates.empty()) return;
  if (const auto strikes = strikes_.at_value(id); !strikes.empty()) {
    strike(id, holder, candidates, strikes);
  }
  const std::vector<Rect> boxes = differences(id, candidates);
  std::vector<Candidate> cut;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& c = candidates[i];
    if (zero_fault_) {
      if (!boxes[i].empty() && !same_but_for_nan(id, c)) {
        throw NoWave(fmt::format(
            "the zero-fault wave differs from golden at '{}' (sample {}): a shortcut is not exact "
            "on this device",
            program_.graph->value(id).name, chunk_->trials[c.trial].sample.value));
      }
      cut.push_back(c);
    } else if (!boxes[i].empty() && !program_.value(id).image) {
      cut.push_back(c);  // rows of what is no image are whole
    } else if (!boxes[i].empty()) {
      const Rect& box = boxes[i];
      cut.push_back({c.trial,
                     {{c.rect.y.first + box.y.first, c.rect.y.first + box.y.last},
                      {c.rect.x.first + box.x.first, c.rect.x.first + box.x.last}},
                     from(c.words, box)});
    }
  }
  keep(id, cut);
}

void DeviceSweep::keep(model::ValueId id, std::span<const Candidate> candidates) {
  if (candidates.empty()) return;
  std::vector<Candidate> kept(candidates.begin(), candidates.end());
  allocate(id, kept, rows_[id.value]);
  std::vector<injectors::LaidWindow> windows;
  windows.reserve(kept.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const Candidate& c = kept[i];
    windows.push_back({.to = c.words,
                       .lines = c.rect.height(),
                       .columns = c.rect.width(),
                       .golden = candidates[i].words,
                       .height = c.rect.height(),
                       .width = c.rect.width()});
    rows_[id.value].rows.push_back({c.trial, c.rect, reinterpret_cast<std::byte*>(c.words.data)});
    note_death_at(program_.value(id).last_use, c.trial);
  }
  backend_.lay(windows, shape(id).channels);
}

// Trials that are struck here and were golden so far: their rows are the struck pixels, and differ
// if a word did.
void DeviceSweep::join(model::ValueId id) {
  const auto all = strikes_.at_value(id);
  std::vector<Candidate> starting;
  for (std::size_t s = 0; s < all.size(); ++s) {
    const std::uint32_t trial = all[s].trial;
    if ((s == 0 || all[s - 1].trial != trial) && !strikes_.done(all[s])) {
      starting.push_back({trial, with_struck(id, trial, {}), {}});
    }
  }
  Rows& rows = rows_[id.value];
  if (!starting.empty()) {
    const at::Tensor holder = allocate(id, starting, rows);
    std::vector<injectors::LaidWindow> windows;
    windows.reserve(starting.size());
    for (const Candidate& c : starting) {
      windows.push_back(window(id, c.trial, nullptr, c.rect, c.words));
    }
    backend_.lay(windows, shape(id).channels);
    strike(id, holder, starting, all);
    for (const Candidate& c : starting) {
      if (zero_fault_ || changed(of_trial(all, c.trial))) {
        rows.rows.push_back({c.trial, c.rect, reinterpret_cast<std::byte*>(c.words.data)});
        note_death_at(program_.value(id).last_use, c.trial);
      }
    }
  }
  if (!std::is_sorted(rows.rows.begin(), rows.rows.end(), earlier)) {
    std::sort(rows.rows.begin(), rows.rows.end(), earlier);
  }
}

const ActiveList& DeviceSweep::active(const Step& step) {
  lists_.clear();
  for (const model::ValueId input : step.inputs) {
    lists_.push_back(&rows_[input.value].rows);
  }
  lay_private_rows(step);
  merge_(lists_, {}, active_, none_);
  return active_;
}

// What one node reads through a struck slot is its own: the value's row, or golden, struck.
void DeviceSweep::lay_private_rows(const Step& step) {
  const model::NodeId node = step.nodes.front();
  if (!strikes_.any_at_input(node)) return;
  if (private_.size() < step.inputs.size()) private_.resize(step.inputs.size());
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    const auto all = strikes_.at_input(node, step.slots[i]);
    if (all.empty()) continue;
    const model::ValueId id = step.inputs[i];
    const std::vector<Row>& rows = rows_[id.value].rows;
    Rows& own = private_[i];
    clear(own);
    std::vector<Candidate> struck;
    std::vector<const Row*> below;
    for (std::size_t s = 0; s < all.size(); ++s) {
      const std::uint32_t trial = all[s].trial;
      if (s > 0 && all[s - 1].trial == trial) continue;
      const auto found =
          std::lower_bound(rows.begin(), rows.end(), Row{trial, {}, nullptr}, earlier);
      const Row* row = found != rows.end() && found->trial == trial ? &*found : nullptr;
      Rect rect = row != nullptr ? row->rect : Rect{};
      for (const Strikable& s_of_trial : of_trial(all, trial)) {
        rect = united(rect, pixel_of(program_.value(id), strikes_.corruption(s_of_trial).element));
      }
      struck.push_back({trial, rect, {}});
      below.push_back(row);
    }
    const at::Tensor holder = allocate(id, struck, own);
    std::vector<injectors::LaidWindow> windows;
    for (std::size_t c = 0; c < struck.size(); ++c) {
      windows.push_back(window(id, struck[c].trial, below[c], struck[c].rect, struck[c].words));
    }
    backend_.lay(windows, shape(id).channels);
    strike(id, holder, struck, all);
    own.rows = rows;
    for (std::size_t c = 0; c < struck.size(); ++c) {
      const Row row{struck[c].trial, struck[c].rect,
                    reinterpret_cast<std::byte*>(struck[c].words.data)};
      if (changed(of_trial(all, row.trial))) note_death_at(node, row.trial);
      if (below[c] != nullptr) {
        own.rows[static_cast<std::size_t>(below[c] - rows.data())] = row;
      } else {
        own.rows.push_back(row);
      }
    }
    std::sort(own.rows.begin(), own.rows.end(), earlier);
    lists_[i] = &own.rows;
  }
}

void DeviceSweep::finish(const Step& step) {
  for (const model::ValueId output : step.outputs) join(output);
  for (const model::ValueId dead : step.dead) clear(rows_[dead.value]);
  for (Rows& rows : private_) clear(rows);
}

}  // namespace softbeam::run
