#include <nlohmann/json.hpp>

#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::IsSupersetOf;

class Json : public CommandLine {
 protected:
  static json parsed(const Arguments& arguments) { return json::parse(output_of(arguments)); }

  static std::vector<std::string> keys_of(const json& object) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items()) keys.push_back(key);
    return keys;
  }

  Arguments campaign(const std::string& store) {
    return run_lenet5(store, {"--campaign.trials", "600", "--json", "--by", "site,bit"});
  }

  static void expect_report(const json& report) {
    EXPECT_THAT(keys_of(report),
                IsSupersetOf({"campaign", "trials", "activated", "outcomes", "rates", "accuracy"}));
    EXPECT_EQ(report["trials"], 600);
    std::uint64_t outcomes = 0;
    for (const auto& [outcome, count] : report["outcomes"].items()) {
      outcomes += count.get<std::uint64_t>();
    }
    EXPECT_EQ(outcomes, 600U);
    EXPECT_THAT(keys_of(report["outcomes"]),
                IsSupersetOf({"masked", "sdc_critical", "sdc_tolerable", "nonfinite"}));
    for (const auto& [name, rate] : report["rates"].items()) {
      EXPECT_THAT(keys_of(rate),
                  IsSupersetOf({"count", "trials", "rate", "low", "high", "confidence", "method"}))
          << name;
      EXPECT_LE(rate["low"], rate["rate"]) << name;
      EXPECT_GE(rate["high"], rate["rate"]) << name;
    }
    EXPECT_THAT(keys_of(report["rates"]), Contains("sdc_critical"));
    EXPECT_THAT(keys_of(report["accuracy"]), IsSupersetOf({"golden", "faulty", "labelled"}));
    EXPECT_EQ(report["accuracy"]["labelled"], 600);
  }
};

TEST_F(Json, OfRunAndReportHasTheContractsKeys) {
  const json run = parsed(campaign("a.db"));
  expect_report(run);
  const json report = parsed({"report", path("a.db"), "--json"});
  expect_report(report);
  EXPECT_FALSE(report.contains("groups"));
  EXPECT_EQ(run["outcomes"], report["outcomes"]);
}

TEST_F(Json, GroupsSayByWhatTheyAre) {
  output_of(campaign("a.db"));
  const json report = parsed({"report", path("a.db"), "--json", "--by", "site,bit"});
  std::uint64_t trials = 0;
  for (const json& group : report["groups"]) {
    EXPECT_THAT(keys_of(group), IsSupersetOf({"by", "trials", "outcomes", "rates"}));
    EXPECT_TRUE(group["by"]["site"].is_string());
    EXPECT_TRUE(group["by"]["bit"].is_number());
    trials += group["trials"].get<std::uint64_t>();
  }
  EXPECT_EQ(trials, 600U);
}

TEST_F(Json, ExactIntervalsAreNamed) {
  output_of(campaign("a.db"));
  const json report =
      parsed({"report", path("a.db"), "--json", "--interval", "exact", "--confidence", "0.99"});
  const json& rate = report["rates"]["sdc_critical"];
  EXPECT_THAT(rate["method"].get<std::string>(), testing::HasSubstr("clopper-pearson"));
  EXPECT_EQ(rate["confidence"], 0.99);
}

TEST_F(Json, OfPlanIsTheContractsList) {
  const json plan = parsed(lenet5("plan", {"--json", "--campaign.trials", "5"}));
  ASSERT_EQ(plan.size(), 5U);
  for (const json& trial : plan) {
    EXPECT_THAT(keys_of(trial),
                testing::UnorderedElementsAre("trial", "fault", "sample", "corruptions"));
    EXPECT_THAT(
        keys_of(trial["corruptions"][0]),
        testing::UnorderedElementsAre("site", "element", "operation", "bits", "flip", "keep"));
    EXPECT_TRUE(trial["corruptions"][0]["flip"].get<std::string>().starts_with("0x"));
  }
}

TEST_F(Json, OfInspectListsTheSites) {
  const json inspected = parsed({"inspect", model("lenet5.pt2"), "--json"});
  EXPECT_THAT(keys_of(inspected), IsSupersetOf({"model", "sites"}));
  bool found = false;
  for (const json& site : inspected["sites"]) {
    EXPECT_THAT(keys_of(site), IsSupersetOf({"name", "op", "where", "dtype", "shape", "elements",
                                             "bytes", "macs"}));
    if (site["name"] != "conv1") continue;
    found = true;
    EXPECT_EQ(site["op"], "conv2d");
    EXPECT_EQ(site["node"], 1);  // behind the padding
    EXPECT_EQ(site["where"], "neurons");
    EXPECT_EQ(site["dtype"], "float32");
    EXPECT_EQ(site["shape"], json({6, 28, 28}));
    EXPECT_EQ(site["elements"], 4704);
    EXPECT_EQ(site["bytes"], 4 * 4704);
    EXPECT_EQ(site["macs"], 117600);  // 25 products for each of 4,704 words
  }
  EXPECT_TRUE(found);
}

TEST_F(Json, OfReplaySaysEveryThing) {
  output_of(campaign("a.db"));
  const json replay = parsed({"replay", path("a.db"), "--trial", "3", "--json"});
  EXPECT_THAT(keys_of(replay),
              IsSupersetOf({"trial", "fault", "sample", "words", "values", "depth", "equal"}));
  EXPECT_EQ(replay["trial"], 3);
  EXPECT_EQ(replay["equal"], true);
  EXPECT_THAT(keys_of(replay["words"][0]),
              IsSupersetOf({"site", "element", "operation", "before", "after"}));
}

TEST_F(Json, ASweepHoldsOneReportPerPoint) {
  const std::string file = folder_.write(
      "sweep.yaml", fmt::format("model: {{file: {}}}\ndata: {{file: {}}}\n"
                                "campaign: {{trials: 600}}\nsweep: {{faults.bits: [[30], [0]]}}\n",
                                model("lenet5.pt2"), model("digits.npz")));
  const json sweep = parsed({"sweep", file, "--store", path("s.db"), "--json"});
  ASSERT_EQ(sweep["campaigns"].size(), 2U);
  for (const json& report : sweep["campaigns"]) expect_report(report);
  EXPECT_EQ(sweep["campaigns"][0]["campaign"]["label"], "faults.bits=[30]");
}

}  // namespace
}  // namespace softbeam::cli
