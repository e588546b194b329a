// The keys that scripts may rely on.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/report/campaigns.h"

namespace softbeam::report {
namespace {

using compare::Outcome;
using fixtures::Campaign;
using fixtures::campaign_row;
using fixtures::golden_rows;
using Json = nlohmann::ordered_json;

std::vector<std::string> keys(const Json& json) {
  std::vector<std::string> all;
  for (const auto& [key, value] : json.items()) all.push_back(key);
  return all;
}

using ::testing::ElementsAre;

Report small_report(bool clustered, const std::vector<GroupKey>& by) {
  record::CampaignRow row = campaign_row("point");
  row.clustered = clustered;
  Campaign campaign(row, golden_rows());
  campaign.add(Outcome::sdc_critical, {{3, 30}});
  campaign.add(Outcome::masked, {{7, 30}, {7, 2}});
  return campaign.report(fixtures::by(by));
}

TEST(Json, HasExactlyTheKeysOfTheContract) {
  const Json json = Json::parse(to_json(small_report(false, {})));
  EXPECT_THAT(keys(json), ElementsAre("campaign", "trials", "activated", "outcomes", "rates",
                                      "rates_activated", "accuracy", "execution"));
  EXPECT_THAT(keys(json["outcomes"]), ElementsAre("corrected", "due_detected", "masked",
                                                  "nonfinite", "sdc_critical", "sdc_tolerable"));
  EXPECT_THAT(keys(json["rates"]),
              ElementsAre("corrected", "due_detected", "masked", "nonfinite", "sdc", "sdc_1",
                          "sdc_10", "sdc_20", "sdc_5", "sdc_critical", "sdc_tolerable"));
  EXPECT_THAT(keys(json["rates"]["sdc_critical"]),
              ElementsAre("count", "trials", "rate", "low", "high", "confidence", "method"));
  EXPECT_THAT(keys(json["accuracy"]),
              ElementsAre("golden", "faulty", "labelled", "golden_all", "labelled_samples"));
  EXPECT_EQ(json["trials"], 2);
  EXPECT_EQ(json["activated"], 2);
  EXPECT_EQ(json["rates"]["sdc_critical"]["count"], 1);
  EXPECT_EQ(json["rates"]["sdc_critical"]["rate"], 0.5);
  EXPECT_EQ(json["rates"]["sdc_critical"]["method"], "wilson");
  EXPECT_EQ(json["campaign"]["label"], "point");
  EXPECT_EQ(json["campaign"]["planned"], 1000);
  EXPECT_EQ(json["campaign"]["versions"]["softbeam"], "0.1.0");
  EXPECT_EQ(json["campaign"]["fingerprint"]["model"], "abc");
  EXPECT_EQ(json["campaign"]["sites"][1]["name"], "fc1");
}

TEST(Json, GivesGroupsWithBitsAsNumbers) {
  const Json json = Json::parse(to_json(small_report(false, {GroupKey::site, GroupKey::bit})));
  ASSERT_EQ(json["groups"].size(), 2U);
  EXPECT_EQ(json["groups"][0]["by"].dump(), R"({"site":"conv1","bit":30})");
  EXPECT_EQ(json["groups"][1]["by"].dump(), R"({"site":"several","bit":"several"})");
  EXPECT_THAT(keys(json["groups"][0]),
              ElementsAre("by", "trials", "activated", "outcomes", "rates", "rates_activated"));
}

TEST(Json, SaysWhereTrialsAreNotIndependent) {
  const Json json = Json::parse(to_json(small_report(true, {})));
  EXPECT_EQ(json["rates"]["sdc"]["independent"], false);
  EXPECT_TRUE(json["rates"]["sdc"].contains("note"));
}

TEST(Json, SaysWhetherTrialsWereDrawn) {
  EXPECT_EQ(Json::parse(to_json(small_report(false, {})))["campaign"]["drawn"], true);
  record::CampaignRow row = campaign_row();
  row.fingerprint.emplace_back("plan", "5ad3e1");
  Campaign campaign(row, golden_rows());
  const Json json = Json::parse(to_json(campaign.report()))["campaign"];
  EXPECT_EQ(json["drawn"], false);
  EXPECT_EQ(json["note"], not_drawn);
}

TEST(Json, SaysHowTrialsWereRun) {
  Campaign campaign(campaign_row(), golden_rows());
  EXPECT_EQ(Json::parse(to_json(campaign.report()))["execution"].dump(),
            R"({"mode":null,"notes":[]})");
  campaign.store.set_notes(campaign.id, {{"mode", "wave"}, {"forms", "dense 3"}});
  EXPECT_EQ(Json::parse(to_json(campaign.report()))["execution"].dump(),
            R"({"mode":"wave","notes":[{"key":"forms","value":"dense 3"}]})");
}

TEST(Json, SaysWhereTheModelIsNotDeterministic) {
  EXPECT_EQ(Json::parse(to_json(small_report(false, {})))["campaign"]["deterministic"], true);
  record::CampaignRow row = campaign_row();
  row.fingerprint.emplace_back(record::deterministic_fact, "no");
  Campaign campaign(row, golden_rows());
  const Json json = Json::parse(to_json(campaign.report()))["campaign"];
  EXPECT_EQ(json["deterministic"], false);
  EXPECT_EQ(json["note"], not_deterministic);
}

TEST(Json, GivesNullForWhatIsNotKnown) {
  Campaign campaign(campaign_row(), {});
  const Json json = Json::parse(to_json(campaign.report()));
  EXPECT_TRUE(json["accuracy"].is_null());
  EXPECT_TRUE(json["rates"]["sdc"]["rate"].is_null());
  EXPECT_EQ(json["rates"]["sdc"]["low"], 0.0);
}

TEST(Json, ComparesSeveralCampaigns) {
  const Report report = small_report(false, {});
  const Json json = Json::parse(compare_json({report, report}));
  ASSERT_EQ(json["campaigns"].size(), 2U);
  EXPECT_EQ(json["campaigns"][1]["campaign"]["label"], "point");
}

}  // namespace
}  // namespace softbeam::report
