// What people read.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "host/report/table.h"
#include "tests/report/campaigns.h"

namespace softbeam::report {
namespace {

using compare::Outcome;
using fixtures::Campaign;
using fixtures::campaign_row;
using fixtures::golden_rows;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Table, AlignsItsColumns) {
  Table table({"site", "trials"}, 1);
  table.add({"conv1", "7"});
  table.add({"fc", "12345678"});
  EXPECT_EQ(table.text(), "  site     trials\n  conv1         7\n  fc     12345678\n");
}

TEST(Text, NamesTheFrameTheSamplesTheIntervalsAndTheDefinitions) {
  Campaign campaign(campaign_row("point"), golden_rows());
  campaign.add(Outcome::sdc_critical, {{3, 30}});
  campaign.add(Outcome::masked, {{7, 30}});
  const std::string text = to_text(campaign.report(fixtures::by({GroupKey::site})));
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("Campaign 1 (point)"), HasSubstr("One bit of one element of conv1, fc1."),
            HasSubstr("given these 2 samples (of 10)"), HasSubstr("95 % wilson"),
            HasSubstr("50.00 %"), HasSubstr("Accuracy over the 2 labelled trials"),
            HasSubstr("By site"), HasSubstr(std::string(definition(Outcome::sdc_critical)))));
}

TEST(Text, SaysWhatIsNotDefinedAndWhatIsNotIndependent) {
  record::CampaignRow row = campaign_row();
  row.clustered = true;
  Campaign campaign(row, {});
  campaign.add(Outcome::sdc_tolerable, {{3, 30}});
  EXPECT_THAT(to_text(campaign.report()),
              AllOf(HasSubstr("no class answer"), HasSubstr("cluster-robust"),
                    HasSubstr("not independent"), Not(HasSubstr("Accuracy"))));
}

TEST(Text, SaysWhyAPooledRateIsAbsent) {
  record::CampaignRow row = campaign_row();
  row.sites[0].draw_share = row.sites[1].draw_share = 0.5;
  Campaign campaign(row, golden_rows());
  campaign.add(Outcome::masked, {{3, 30}});
  EXPECT_THAT(to_text(campaign.report()), HasSubstr("have no trial here yet ('fc1')"));
}

TEST(Text, SaysOfASweepOnceWhatItsPointsShareAndElseOfEach) {
  record::CampaignRow row = campaign_row("a");
  row.planned = 3;
  row.confidence = 0.9;
  Campaign one(row, golden_rows());
  one.add(Outcome::masked, {{3, 30}});
  row.label = "b";
  row.planned = 2;
  row.confidence = 0.95;
  Campaign other(row, golden_rows());
  other.add(Outcome::masked, {{3, 30}});
  other.add(Outcome::sdc_critical, {{7, 30}});
  const Report first = one.report(fixtures::by({GroupKey::site}));
  const Report second = other.report(fixtures::by({GroupKey::site}));
  const std::string text = compare_text({first, second});
  EXPECT_THAT(text, AllOf(HasSubstr("1 of 3"), Not(HasSubstr("2 of 2")),
                          HasSubstr("\n  One bit of one element of conv1, fc1.\n"),
                          HasSubstr("\n  a: Given these 1 samples (of 10).\n"),
                          HasSubstr("\n  b: Given these 2 samples (of 10).\n"),
                          HasSubstr("\n  a: Intervals: 90 % wilson.\n"),
                          HasSubstr("\n  b: Intervals: 95 % wilson.\n")));
  EXPECT_THAT(text, AllOf(HasSubstr("\nCampaign a\nBy site\n"),
                          HasSubstr("\nCampaign b\nBy site\n"), HasSubstr("fc1")));
  EXPECT_THAT(compare_text({first, first}),
              AllOf(HasSubstr("\n  Given these 1 samples"), HasSubstr("\n  Intervals: 90 %")));
  EXPECT_EQ(compare_text({}).find("Intervals"), std::string::npos);
}

TEST(Text, SaysHowTrialsWereRun) {
  Campaign campaign(campaign_row("a"), golden_rows());
  campaign.add(Outcome::masked, {{3, 30}});
  EXPECT_THAT(to_text(campaign.report()), Not(HasSubstr("How it was run")));
  campaign.trials.clear();
  campaign.corruptions.clear();
  record::Notes notes{{"mode", "wave"}};
  for (int i = 0; i < 10; ++i) notes.emplace_back("switched_off", fmt::format("conv{}: crop", i));
  campaign.store.set_notes(campaign.id, notes);
  const Report report = campaign.report();
  EXPECT_THAT(to_text(report),
              AllOf(HasSubstr("\n  How it was run\n  mode            wave\n"
                              "  switched off    conv0: crop\n                  conv1: crop\n"),
                    HasSubstr("conv7: crop\n"), Not(HasSubstr("conv8")),
                    HasSubstr("and 2 more switched off")));
  EXPECT_THAT(compare_text({report, report}), HasSubstr("\n  Run: mode wave; 10 switched off.\n"));
}

TEST(Text, SaysOfANonDeterministicModelWhatItsRatesMean) {
  record::CampaignRow row = campaign_row("a");
  row.fingerprint.emplace_back(record::deterministic_fact, "no");
  Campaign campaign(row, golden_rows());
  campaign.add(Outcome::masked, {{3, 30}});
  const Report report = campaign.report();
  EXPECT_THAT(to_text(report), HasSubstr("CAUTION: the model is not deterministic"));
  EXPECT_THAT(compare_text({report, report}), HasSubstr("  CAUTION: the model"));
}

TEST(Text, GivesASweepALinePerPoint) {
  Campaign campaign(campaign_row("faults.bits=30"), golden_rows());
  campaign.add(Outcome::masked, {{3, 30}});
  const Report report = campaign.report();
  EXPECT_THAT(compare_text({report, report}),
              AllOf(HasSubstr("campaign"), HasSubstr("faults.bits=30"), HasSubstr("100.00")));
}

}  // namespace
}  // namespace softbeam::report
