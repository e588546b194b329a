// How many trials a second does the store take as rows and as counts, and what would a bare SQLite
// loop take? Prints all and their ratios; usage: bench_store_rows [TRIALS [CHUNK [FOLDER]]].
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "host/record/store.h"

namespace {

namespace record = softbeam::record;
using Clock = std::chrono::steady_clock;

// Wall time, and the time of this process alone, which other programs on the machine blur less.
struct Seconds {
  double wall = 0, cpu = 0;
  void operator+=(const Seconds& more) {
    wall += more.wall;
    cpu += more.cpu;
  }
};

Seconds seconds_of(const std::function<void()>& work) {
  const auto begin = Clock::now();
  const std::clock_t cpu = std::clock();
  work();
  return {std::chrono::duration<double>(Clock::now() - begin).count(),
          static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC};
}

struct Chunk {
  std::vector<record::TrialRow> trials;
  std::vector<record::CorruptionRow> corruptions;
};

Chunk make_chunk(std::uint64_t first, std::uint64_t last) {
  Chunk chunk;
  for (std::uint64_t i = first; i < last; ++i) {
    record::TrialRow trial;
    trial.trial.value = i;
    trial.fault.value = i;
    trial.sample.value = static_cast<std::uint32_t>(i * 7919 % 1000);
    trial.activated = true;
    trial.depth = static_cast<std::uint32_t>(i % 60);
    trial.verdict.top1 = static_cast<std::int32_t>(i % 10);
    trial.verdict.sdc_1 = trial.verdict.sdc_5 = false;
    trial.verdict.sdc_10 = trial.verdict.sdc_20 = i % 3 == 0;
    trial.verdict.max_abs = static_cast<double>(i) * 0.1;
    trial.verdict.max_rel = static_cast<double>(i) * 0.3;
    record::CorruptionRow corruption;
    corruption.fault.value = i;
    corruption.corruption.site.value = static_cast<std::uint32_t>(i % 20);
    corruption.corruption.element = i * 7919 % 100000;
    corruption.corruption.masks = {.keep = 0xffffffff, .flip = 1ULL << i % 32};
    chunk.trials.push_back(trial);
    chunk.corruptions.push_back(corruption);
  }
  return chunk;
}

// A campaign that counts its trials, with the sites of make_chunk.
record::CampaignRow counting_campaign() {
  record::CampaignRow row;
  row.label = "counts";
  row.aggregate = record::AggregateRule{.keep = 0, .samples_per_fault = 1};
  for (std::uint32_t i = 0; i < 20; ++i) {
    record::FrameSite site;
    site.site.id.value = i;
    row.sites.push_back(site);
  }
  return row;
}

// What a worker does with a chunk, without its rows.
record::Tally count(const record::Classifier& classifier, const Chunk& chunk) {
  record::Tally tally(1);
  for (std::size_t i = 0; i < chunk.trials.size(); ++i) {
    const auto struck = classifier.struck(std::span(chunk.corruptions).subspan(i, 1));
    tally.add(chunk.trials[i], record::pack(classifier.classify(chunk.trials[i], struck)));
  }
  tally.close();
  return tally;
}

void run(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    fmt::print(stderr, "{}\n", sqlite3_errmsg(db));
    std::exit(1);
  }
}

// The peer: one table of twelve plain columns, one prepared INSERT a row.
Seconds bare_loop(const std::string& path, std::uint64_t rows, std::uint64_t chunk) {
  sqlite3* db = nullptr;
  sqlite3_open(path.c_str(), &db);
  run(db,
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t(a INTEGER "
      "PRIMARY KEY, b, c, d, e, f, g, h, i, j, k, l)");
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db, "INSERT INTO t VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", -1, &insert, nullptr);
  const Seconds seconds = seconds_of([&] {
    for (std::uint64_t first = 0; first < rows; first += chunk) {
      run(db, "BEGIN");
      for (std::uint64_t i = first; i < std::min(rows, first + chunk); ++i) {
        const auto value = static_cast<std::int64_t>(i);
        for (int column = 1; column <= 10; ++column) {
          sqlite3_bind_int64(insert, column, column == 1 ? value : value % (column * 50));
        }
        sqlite3_bind_double(insert, 11, static_cast<double>(i) * 0.1);
        sqlite3_bind_double(insert, 12, static_cast<double>(i) * 0.3);
        sqlite3_step(insert);
        sqlite3_reset(insert);
      }
      run(db, "COMMIT");
    }
  });
  sqlite3_finalize(insert);
  sqlite3_close(db);
  return seconds;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t trials = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
  const std::uint64_t chunk = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10'000;
  namespace fs = std::filesystem;
  std::string folder = (argc > 3 ? fs::path(argv[3]) : fs::temp_directory_path()) / "rows-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 1;

  Seconds writing;
  Seconds counting;
  Seconds reading;
  Seconds gaps;
  {
    record::Store store = record::Store::open_for_writing(folder + "/counts.db");
    const record::CampaignRow campaign = counting_campaign();
    const std::int64_t id = store.add(campaign, {});
    const record::Classifier classifier(campaign.sites, {});
    for (std::uint64_t first = 0; first < trials; first += chunk) {
      const Chunk rows = make_chunk(first, std::min(trials, first + chunk));
      counting += seconds_of([&] { store.append(id, count(classifier, rows), {}); });
    }
    if (store.count(id) != trials) return 1;
  }
  {
    record::Store store = record::Store::open_for_writing(folder + "/store.db");
    const std::int64_t id = store.add({}, {});
    for (std::uint64_t first = 0; first < trials; first += chunk) {
      const Chunk rows = make_chunk(first, std::min(trials, first + chunk));
      writing += seconds_of([&] { store.append(id, rows.trials, rows.corruptions); });
    }
    std::uint64_t seen = 0;
    reading = seconds_of([&] {
      store.for_each(
          id, [&](const record::TrialRow&, auto corruptions) { seen += corruptions.size(); });
    });
    gaps = seconds_of([&] { store.missing(id, trials); });
    if (seen != trials) return 1;
  }
  const auto count = static_cast<double>(trials);
  const double bytes = static_cast<double>(fs::file_size(folder + "/store.db")) / count;
  const Seconds bare = bare_loop(folder + "/bare.db", trials, chunk);
  const auto print = [&](const char* what, const Seconds& seconds) {
    fmt::print("  {:<28} {:>10.0f} /s  {:>10.0f} /CPU s\n", what, count / seconds.wall,
               count / seconds.cpu);
  };
  fmt::print("{} trials with one corruption each, {} a transaction, {:.0f} bytes a trial\n", trials,
             chunk, bytes);
  print("append, trials", writing);
  print("count and append, trials", counting);
  print("for_each, trials", reading);
  print("missing, trials", gaps);
  print("bare SQLite loop, rows", bare);
  fmt::print("  append writes {:.2f} times the rows per CPU second of the bare loop\n",
             2 * bare.cpu / writing.cpu);
  fmt::print("  counting takes 1 / {:.1f} of the CPU time of rows\n", writing.cpu / counting.cpu);
  fs::remove_all(folder);
  return 0;
}
