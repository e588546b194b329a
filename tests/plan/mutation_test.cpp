#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "host/base/error.h"
#include "host/plan/plan_file.h"
#include "tests/plan/small_model.h"
#include "tests/support/temp_dir.h"

namespace softbeam::plan {
namespace {

std::string valid_plan(FileFormat format) {
  config::CampaignConfig config;
  config.faults.sites = {"*"};
  config.faults.count = 2;
  config.campaign.trials = 12;
  std::ostringstream out;
  write_plan(*small_model::drawn(config), small_model::sites(), 0, 12, format, out);
  return out.str();
}

// Changes, inserts or removes one to three bytes.
std::string mutated(std::string text, std::mt19937_64& random) {
  static const std::string likely = "0123456789,:[]{}\"-.eExXn \n\r";
  const auto below = [&](std::size_t n) { return std::size_t{random() % n}; };
  for (std::size_t n = 1 + below(3); n > 0; --n) {
    const std::size_t at = below(text.size());
    const char byte = below(2) == 0 ? likely[below(likely.size())] : static_cast<char>(below(256));
    switch (below(3)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1, byte);
        break;
      default:
        text.erase(at, 1 + below(4));
        break;
    }
  }
  return text;
}

// Loads, or is refused by an error that a user can act on; any other exception fails the test.
bool loads(const std::string& path) {
  try {
    const auto plan = read_plan(path, small_model::sites(), small_model::samples);
    for (const Trial& trial : small_model::trials_of(*plan)) {
      for (const auto& corruption : small_model::fault_of(*plan, trial.fault.value)) {
        EXPECT_LT(corruption.element, small_model::sites().at(corruption.site.value).elements);
      }
      EXPECT_LT(trial.sample.value, small_model::samples);
    }
    return true;
  } catch (const UsageError&) {
    return false;
  } catch (const RunError&) {
    return false;
  }
}

TEST(PlanFile, SurvivesRandomMutationsOfItsBytes) {
  constexpr std::uint64_t seed = 20260117;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const support::TempDir folder;
  int loaded = 0;
  for (const FileFormat format : {FileFormat::json, FileFormat::csv}) {
    const std::string text = valid_plan(format);
    for (int round = 0; round < 1000; ++round) {
      const std::string path = folder.write("plan", mutated(text, random));
      EXPECT_NO_THROW(loaded += loads(path)) << path;
    }
  }
  EXPECT_GT(loaded, 5);  // some mutations mean something else, not only nonsense
  EXPECT_LT(loaded, 1995);
}

}  // namespace
}  // namespace softbeam::plan
