#include "host/record/counted_trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "host/base/error.h"
#include "host/record/schema.h"

namespace softbeam::record {
namespace {

constexpr std::uint64_t chunk_trials = std::uint64_t{1} << chunk_bits;
constexpr std::size_t chunk_words = chunk_trials / 64;
constexpr int chunk_id_bits = trial_bits - chunk_bits;

std::uint64_t ones(const std::vector<std::uint64_t>& words) {
  std::uint64_t count = 0;
  for (const std::uint64_t word : words) count += static_cast<std::uint64_t>(std::popcount(word));
  return count;
}

void extend(std::vector<TrialRange>& ranges, std::uint64_t first, std::uint64_t last) {
  if (!ranges.empty() && ranges.back().last == first) {
    ranges.back().last = last;
  } else if (first < last) {
    ranges.push_back({first, last});
  }
}

// The stored bytes stand in the order of the ids on every machine that softbeam runs on.
static_assert(std::endian::native == std::endian::little);

}  // namespace

CountedTrials::CountedTrials(sqlite3* db, std::int64_t campaign, std::string path)
    : db_(db), campaign_(campaign), path_(std::move(path)) {}

std::int64_t CountedTrials::first_row() const { return campaign_ << chunk_id_bits; }

std::vector<std::uint64_t> CountedTrials::read(const Statement& from, int column) const {
  if (from.is_null(column)) return {};
  const std::string bytes = from.blob(column);
  std::vector<std::uint64_t> words(chunk_words);
  if (bytes.size() != chunk_trials / 8) {
    throw RunError(fmt::format(
        "the store '{}' is damaged (a bitmap of counted trials has {} bytes instead of {})", path_,
        bytes.size(), chunk_trials / 8));
  }
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

CountedTrials::Chunk& CountedTrials::open(std::uint64_t chunk) {
  const auto found = open_.find(chunk);
  if (found != open_.end()) return found->second;
  Chunk& fresh = open_[chunk];
  fresh.words.assign(chunk_words, 0);
  Statement select(db_, "SELECT trials FROM counted WHERE id = ?");
  select.bind(1, first_row() + static_cast<std::int64_t>(chunk));
  if (!select.step()) return fresh;
  const std::vector<std::uint64_t> stored = read(select, 0);
  if (stored.empty()) {
    fresh.words.assign(chunk_words, ~std::uint64_t{0});
  } else {
    fresh.words = stored;
  }
  fresh.trials = ones(fresh.words);
  return fresh;
}

void CountedTrials::add(TrialRange trials) {
  if (trials.last > std::uint64_t{1} << trial_bits) {
    throw RunError(fmt::format("trial {} is too large for the store (below 2^{})", trials.last - 1,
                               trial_bits));
  }
  for (std::uint64_t first = trials.first; first < trials.last;) {
    const std::uint64_t chunk = first >> chunk_bits;
    const std::uint64_t last = std::min(trials.last, (chunk + 1) << chunk_bits);
    mark(open(chunk), chunk, first - (chunk << chunk_bits), last - (chunk << chunk_bits));
    first = last;
  }
}

void CountedTrials::mark(Chunk& chunk, std::uint64_t chunk_id, std::uint64_t first,
                         std::uint64_t last) {
  for (std::uint64_t at = first; at < last;) {
    const std::uint64_t end = std::min(last, (at / 64 + 1) * 64);
    const std::uint64_t bits = (~std::uint64_t{0} >> (64 - (end - at))) << at % 64;
    std::uint64_t& word = chunk.words[at / 64];
    if ((word & bits) != 0) {
      throw RunError(fmt::format("trial {} is counted in the store '{}' already",
                                 (chunk_id << chunk_bits) + at / 64 * 64 +
                                     static_cast<std::uint64_t>(std::countr_zero(word & bits)),
                                 path_));
    }
    word |= bits;
    at = end;
  }
  chunk.trials += last - first;
  chunk.changed = true;
}

void CountedTrials::write() {
  Statement insert(db_, "INSERT OR REPLACE INTO counted(id, trials) VALUES (?, ?)");
  for (auto at = open_.begin(); at != open_.end();) {
    Chunk& chunk = at->second;
    const bool full = chunk.trials == chunk_trials;
    if (chunk.changed) {
      insert.bind(1, first_row() + static_cast<std::int64_t>(at->first));
      if (full) {
        insert.bind_null(2);
      } else {
        insert.bind_blob(2, chunk.words.data(), chunk_trials / 8);
      }
      insert.run();
      chunk.changed = false;
    }
    at = full ? open_.erase(at) : std::next(at);
  }
}

std::vector<TrialRange> CountedTrials::missing(std::uint64_t planned) const {
  std::vector<TrialRange> gaps;
  Statement select(db_, "SELECT id, trials FROM counted WHERE id >= ? AND id < ? ORDER BY id");
  select.bind(1, first_row());
  select.bind(2, (campaign_ + 1) << chunk_id_bits);
  std::uint64_t next = 0;
  while (next < planned && select.step()) {
    const std::uint64_t first = static_cast<std::uint64_t>(select.integer(0) - first_row())
                                << chunk_bits;
    extend(gaps, next, std::min(first, planned));
    next = first + chunk_trials;
    const std::vector<std::uint64_t> words = read(select, 1);
    for (std::size_t w = 0; w < words.size(); ++w) {
      // Ends of runs of zeros, a word at a time.
      for (std::uint64_t open = ~words[w]; open != 0;) {
        const int begin = std::countr_zero(open);
        const int length = std::countr_one(open >> begin);
        const std::uint64_t id = first + 64 * w + static_cast<std::uint64_t>(begin);
        const std::uint64_t end = id + static_cast<std::uint64_t>(length);
        extend(gaps, std::min(id, planned), std::min(end, planned));
        if (begin + length == 64) break;
        open &= ~std::uint64_t{0} << (begin + length);
      }
    }
  }
  extend(gaps, std::min(next, planned), planned);
  return gaps;
}

bool CountedTrials::has(std::uint64_t trial) const {
  if (trial >> trial_bits != 0) return false;
  Statement select(db_, "SELECT trials FROM counted WHERE id = ?");
  select.bind(1, first_row() + static_cast<std::int64_t>(trial >> chunk_bits));
  if (!select.step()) return false;
  const std::vector<std::uint64_t> words = read(select, 0);
  const std::uint64_t at = trial % chunk_trials;
  return words.empty() || (words[at / 64] >> at % 64 & 1U) != 0;
}

std::uint64_t CountedTrials::count() const {
  std::uint64_t trials = 0;
  Statement select(db_, "SELECT trials FROM counted WHERE id >= ? AND id < ?");
  select.bind(1, first_row());
  select.bind(2, (campaign_ + 1) << chunk_id_bits);
  while (select.step()) {
    const std::vector<std::uint64_t> words = read(select, 0);
    trials += words.empty() ? chunk_trials : ones(words);
  }
  return trials;
}

}  // namespace softbeam::record
