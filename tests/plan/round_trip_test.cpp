#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "host/plan/plan_file.h"
#include "tests/plan/small_model.h"
#include "tests/support/temp_dir.h"

namespace softbeam::plan {
namespace {

using injectors::Operation;
using small_model::fault_of;
using small_model::trials_of;
using testing::ElementsAre;

std::string written(const FaultPlan& plan, FileFormat format, std::uint64_t first = 0,
                    std::uint64_t last = ~std::uint64_t{0}) {
  std::ostringstream out;
  write_plan(plan, small_model::sites(), first, std::min(last, plan.trials()), format, out);
  return out.str();
}

config::CampaignConfig campaign(Operation what, config::Where where) {
  config::CampaignConfig config;
  config.faults.where = where;
  config.faults.sites = {"*"};
  config.faults.what = what;
  config.faults.value = 7;
  config.faults.count = 2;
  config.campaign.trials = 60;
  config.campaign.samples_per_fault = where == config::Where::weights ? 3 : 1;
  return config;
}

void expect_equal_after_a_round_trip(const config::CampaignConfig& config, FileFormat format) {
  const auto plan = small_model::drawn(config);
  const support::TempDir folder;
  const std::string path = folder.write("plan", written(*plan, format));
  const auto again = read_plan(path, small_model::sites(), small_model::samples);
  ASSERT_EQ(trials_of(*again), trials_of(*plan));
  for (const Trial& trial : trials_of(*plan)) {
    EXPECT_EQ(fault_of(*again, trial.fault.value), fault_of(*plan, trial.fault.value));
  }
}

TEST(PlanFile, ReadsBackWhatWasWrittenForEveryOperation) {
  for (const FileFormat format : {FileFormat::json, FileFormat::csv}) {
    for (const auto where : {config::Where::neurons, config::Where::weights}) {
      for (const Operation what :
           {Operation::bit_flip, Operation::stuck_at_0, Operation::stuck_at_1, Operation::zero,
            Operation::set_value, Operation::random_value}) {
        SCOPED_TRACE(injectors::name(what));
        expect_equal_after_a_round_trip(campaign(what, where), format);
      }
    }
  }
}

TEST(PlanFile, WritesTheKeysOfTheContract) {
  const auto plan = small_model::drawn(campaign(Operation::bit_flip, config::Where::neurons));
  const auto document = nlohmann::json::parse(written(*plan, FileFormat::json));
  ASSERT_EQ(document.size(), 60U);
  std::vector<std::string> keys;
  for (const auto& [key, value] : document[0].items()) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("corruptions", "fault", "sample", "trial"));
  keys.clear();
  for (const auto& [key, value] : document[0]["corruptions"][0].items()) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("bits", "element", "flip", "keep", "operation", "site"));
}

TEST(PlanFile, WritesMasksAsHexadecimalWordsOfTheSitesWidth) {
  config::CampaignConfig config = campaign(Operation::stuck_at_0, config::Where::neurons);
  config.faults.sites = {"bytes"};
  config.faults.bits = {injectors::BitRange{6, 7}};
  config.faults.count = 1;
  const auto document =
      nlohmann::json::parse(written(*small_model::drawn(config), FileFormat::json));
  const auto& corruption = document[0]["corruptions"][0];
  EXPECT_EQ(corruption["keep"], "0xbf");
  EXPECT_EQ(corruption["flip"], "0x00");
  EXPECT_EQ(corruption["bits"], nlohmann::json({6}));
}

TEST(PlanFile, WritesTheAskedForTrialsAlone) {
  const auto plan = small_model::drawn(campaign(Operation::bit_flip, config::Where::neurons));
  const auto document = nlohmann::json::parse(written(*plan, FileFormat::json, 7, 9));
  ASSERT_EQ(document.size(), 2U);
  EXPECT_EQ(document[0]["trial"], 7);
  const std::string csv = written(*plan, FileFormat::csv, 7, 9);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 2 * 2);
}

TEST(PlanFile, KeepsTrialsWithoutFaults) {
  const support::TempDir folder;
  const std::string json = R"([{"sample":1,"corruptions":[]},{"sample":2,"corruptions":[]}])";
  const auto plan = read_plan(folder.write("a.json", json), small_model::sites(), 10);
  EXPECT_EQ(plan->trials(), 2U);
  for (const FileFormat format : {FileFormat::json, FileFormat::csv}) {
    const auto again =
        read_plan(folder.write("b", written(*plan, format)), small_model::sites(), 10);
    EXPECT_EQ(trials_of(*again), trials_of(*plan));
    EXPECT_TRUE(fault_of(*again, 1).empty());
  }
}

}  // namespace
}  // namespace softbeam::plan
