#include "host/bench/trials.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "host/base/error.h"
#include "host/bench/images.h"

namespace softbeam::bench {
namespace {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code problem;
    const auto place = std::filesystem::temp_directory_path(problem);
    std::string name = (place / "softbeam-bench-XXXXXX").string();
    if (problem || mkdtemp(name.data()) == nullptr) {
      throw RunError(fmt::format(
          "no temporary folder can be made ({}); name one that can be written with TMPDIR",
          problem ? problem.message() : std::strerror(errno)));
    }
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

Trials time_campaign(campaign::Subject& subject, const config::CampaignConfig& config,
                     const campaign::CampaignOptions& options) {
  subject.config.run = config.run;
  subject.answers.clear();
  subject.golden.reset();
  const TemporaryFolder folder;
  Trials trials;
  const auto start = std::chrono::steady_clock::now();
  const double cpu_start = cpu_seconds();
  campaign::run_golden(subject);
  trials.golden_seconds = seconds_since(start);
  record::Store store = record::Store::open_for_writing(folder.file("bench.db"));
  trials.result = campaign::run_campaign(subject, config, store, options);
  trials.seconds = seconds_since(start);
  trials.cpu_seconds = cpu_seconds() - cpu_start;
  if (trials.result.ending == campaign::Ending::stopped) {
    throw Stopped{};
  }
  trials.notes = store.notes(trials.result.id);
  return trials;
}

}  // namespace softbeam::bench
