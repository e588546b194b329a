// Runs every campaign file of configs/ on the test models, with fewer trials. The folder is listed
// when the tests run: a file that is added is run, too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "host/config/load.h"
#include "tests/support/program.h"
#include "tests/support/temp_dir.h"

namespace softbeam {
namespace {

using testing::HasSubstr;

struct Config {
  std::string path;
  std::string name;
  std::string text;
  bool sweep = false;
  config::CampaignConfig campaign;
};

std::vector<Config> all_configs() {
  std::vector<Config> configs;
  for (const auto& entry : std::filesystem::directory_iterator(SB_SOURCE_DIR "/configs")) {
    if (entry.path().filename() == "README.md") continue;
    Config config{.path = entry.path(), .name = entry.path().filename()};
    std::ifstream file(config.path);
    config.text.assign(std::istreambuf_iterator<char>(file), {});
    config.sweep = config.text.find("\nsweep:") != std::string::npos;
    config.campaign = config::load(config.path, {}, config::SweepSection::allow);
    configs.push_back(std::move(config));
  }
  return configs;
}

// The test models have the sites of the trained ones.
std::vector<std::string> on_test_models(const Config& config) {
  const bool small = config.campaign.model.file.find("lenet5") != std::string::npos;
  const std::string folder = SB_TEST_MODELS;
  std::vector<std::string> flags{
      "--model.file", folder + (small ? "/lenet5.pt2" : "/efficientnet_lite0.pt2"), "--data.file",
      folder + (small ? "/digits.npz" : "/photos224.npz")};
  if (!config.campaign.campaign.trials_per_sample) {
    flags.insert(flags.end(), {"--campaign.trials", small ? "200" : "16"});
  } else if (*config.campaign.campaign.trials_per_sample > 8) {
    flags.insert(flags.end(), {"--campaign.trials_per_sample", "8"});
  }
  if (config.campaign.campaign.samples_per_fault > 8) {
    flags.insert(flags.end(), {"--campaign.samples_per_fault", "8"});
  }
  return flags;
}

// The ninth column is the depth; no column before it is quoted.
std::string without_depth(const std::string& line) {
  std::size_t first = 0;
  for (int column = 0; column < 8; ++column) first = line.find(',', first) + 1;
  return line.substr(0, first) + line.substr(line.find(',', first));
}

std::string output_of(const std::vector<std::string>& arguments) {
  const support::Finished finished = support::run_program(
      {.program = SB_PROGRAM, .arguments = arguments, .timeout = std::chrono::minutes(5)});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  return finished.out;
}

// Every trial of every campaign in the store, but for its depth, which plain mode does not know.
std::vector<std::string> rows_of(const Config& config, const std::string& mode) {
  const support::TempDir folder;
  const std::string store = folder.path("a.db");
  std::vector<std::string> arguments{
      config.sweep ? "sweep" : "run", config.path, "--store", store, "--json", "--run.mode", mode};
  for (const std::string& flag : on_test_models(config)) arguments.push_back(flag);
  const auto json = nlohmann::json::parse(output_of(arguments));
  const auto reports = config.sweep ? json["campaigns"] : nlohmann::json::array({json});
  EXPECT_GE(reports.size(), config.sweep ? 2U : 1U);
  std::vector<std::string> rows;
  for (const auto& report : reports) {
    EXPECT_GE(report["trials"], 16);
    EXPECT_EQ(report["trials"], report["campaign"]["planned"]);
    EXPECT_GT(report["activated"], 0);
    rows.push_back(report["outcomes"].dump());  // of all trials, where not all are rows
    EXPECT_EQ(report["execution"]["mode"], mode) << report["execution"].dump();
  }
  // A sweep's campaigns are numbered from 1 on.
  for (std::size_t campaign = 1; campaign <= reports.size(); ++campaign) {
    std::istringstream lines(
        output_of({"export", store, "--csv", "--campaign", std::to_string(campaign)}));
    for (std::string line; std::getline(lines, line);) {
      rows.push_back(without_depth(line));
    }
  }
  return rows;
}

TEST(Configs, EveryFileRunsInBothModesWithTheSameRows) {
  const std::vector<Config> configs = all_configs();
  EXPECT_GE(configs.size(), 8U);
  for (const Config& config : configs) {
    SCOPED_TRACE(config.name);
    EXPECT_TRUE(config.name.ends_with(".yaml"));
    const std::vector<std::string> wave = rows_of(config, "wave");
    EXPECT_GE(wave.size(), 17U);
    EXPECT_EQ(wave, rows_of(config, "plain"));
  }
}

TEST(Configs, EveryFileSaysHowItIsRun) {
  for (const Config& config : all_configs()) {
    const std::string command = config.sweep ? "sweep" : "run";
    EXPECT_THAT(config.text,
                HasSubstr("# softbeam " + command + " configs/" + config.name + " --store "));
  }
}

}  // namespace
}  // namespace softbeam
