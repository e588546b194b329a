// What is counted, in which group, and over which trials.
#include "host/report/report.h"

#include <gmock/gmock.h>

#include <cmath>

#include "host/base/error.h"
#include "tests/report/campaigns.h"

namespace softbeam::report {
namespace {

using compare::Outcome;
using fixtures::Campaign;
using fixtures::campaign_row;
using fixtures::golden_rows;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

using By = std::vector<std::pair<std::string, std::string>>;

std::vector<By> groups_of(const Report& report) {
  std::vector<By> all;
  for (const Group& group : report.groups) all.push_back(group.by);
  return all;
}

TEST(Report, CountsEveryOutcomeZerosIncluded) {
  Campaign campaign(campaign_row(), golden_rows());
  campaign.add(Outcome::sdc_critical, {{3, 30}}).verdict.sdc_1 = true;
  campaign.add(Outcome::sdc_tolerable, {{7, 2}});
  campaign.add(Outcome::masked, {{3, 0}});
  campaign.add(Outcome::masked, {{3, 1}}).activated = false;
  const Report report = campaign.report();
  EXPECT_EQ(report.overall.trials, 4U);
  EXPECT_EQ(report.overall.activated, 3U);
  EXPECT_EQ(report.faults, 4U);
  EXPECT_EQ(report.samples_met, 4U);
  EXPECT_THAT(report.overall.outcomes,
              ElementsAre(Pair("corrected", 0), Pair("due_detected", 0), Pair("masked", 2),
                          Pair("nonfinite", 0), Pair("sdc_critical", 1), Pair("sdc_tolerable", 1)));
  const Rate sdc = report.overall.rates.at("sdc");
  EXPECT_EQ(sdc.count, 2U);
  EXPECT_EQ(sdc.trials, 4U);
  EXPECT_DOUBLE_EQ(*sdc.rate, 0.5);
  EXPECT_EQ(sdc.method, "wilson");
  EXPECT_TRUE(sdc.independent);
  EXPECT_DOUBLE_EQ(sdc.bounds.low, wilson(2, 4, 0.95).low);
  EXPECT_DOUBLE_EQ(*report.overall.rates_activated.at("masked").rate, 1.0 / 3);
  EXPECT_DOUBLE_EQ(*report.overall.rates.at("sdc_1").rate, 0.25);
}

TEST(Report, TakesConfidenceFromTheCampaignUnlessAsked) {
  record::CampaignRow row = campaign_row();
  row.confidence = 0.9;
  Campaign campaign(row, golden_rows());
  campaign.add(Outcome::masked, {{3, 0}});
  EXPECT_EQ(campaign.report().overall.rates.at("masked").confidence, 0.9);
  const Options asked{.interval = Interval::exact, .confidence = 0.99, .by = {}};
  const Rate rate = make_report(campaign.store, campaign.id, asked).overall.rates.at("masked");
  EXPECT_EQ(rate.confidence, 0.99);
  EXPECT_EQ(rate.method, "clopper-pearson");
  for (const double confidence : {-0.5, 0.0, 1 - 1e-13, 1.0, 95.0, std::nan("")}) {
    for (const Interval kind : {Interval::wilson, Interval::exact}) {
      const Options wrong{.interval = kind, .confidence = confidence, .by = {}};
      EXPECT_THROW(make_report(campaign.store, campaign.id, wrong), UsageError) << confidence;
    }
  }
  for (const double confidence : {1e-300, 1 - 1e-12}) {
    const Options extreme{.interval = Interval::exact, .confidence = confidence, .by = {}};
    EXPECT_NO_THROW(make_report(campaign.store, campaign.id, extreme)) << confidence;
  }
  EXPECT_THROW(make_report(campaign.store, 99, asked), RunError);
}

TEST(Report, SaysNothingOfCriticalSdcWithoutAClassAnswer) {
  std::vector<record::GoldenRow> golden = golden_rows();
  for (record::GoldenRow& row : golden) row.top1.reset();
  Campaign campaign(campaign_row(), golden);
  campaign.add(Outcome::sdc_tolerable, {{3, 0}});
  const Report report = campaign.report();
  EXPECT_FALSE(report.class_answer);
  EXPECT_EQ(report.overall.rates.count("sdc_critical"), 0U);
  EXPECT_EQ(report.overall.rates.count("sdc_10"), 0U);
  EXPECT_EQ(report.overall.rates.count("sdc"), 1U);
  EXPECT_FALSE(report.accuracy);
}

TEST(Report, GivesEmptyRatesForACampaignWithoutTrials) {
  Campaign campaign(campaign_row(), golden_rows());
  const Rate rate = campaign.report().overall.rates.at("sdc");
  EXPECT_FALSE(rate.rate);
  EXPECT_EQ(rate.bounds.high, 1.0);
  EXPECT_EQ(rate.note, "no trials");
}

TEST(Report, MeasuresBothAccuraciesOverTheSameTrials) {
  std::vector<record::GoldenRow> golden = golden_rows();  // samples 3 and 7 are wrong
  golden[1].label.reset();
  Campaign campaign(campaign_row(), golden);
  campaign.add(Outcome::masked, {{3, 0}}).verdict.top1 = 0;        // sample 0: right
  campaign.add(Outcome::masked, {{3, 0}}).verdict.top1 = 1;        // sample 1: no label
  campaign.add(Outcome::nonfinite, {{3, 0}}).verdict.top1 = 2;     // sample 2: wrong by its outcome
  campaign.add(Outcome::sdc_critical, {{3, 0}}).verdict.top1 = 3;  // sample 3: right by luck
  campaign.add(Outcome::sdc_critical, {{3, 0}}).verdict.top1 = 5;  // sample 4: wrong
  const Accuracy accuracy = campaign.report().accuracy.value();
  EXPECT_EQ(accuracy.labelled, 4U);
  EXPECT_EQ(accuracy.golden, 0.75);
  EXPECT_EQ(accuracy.faulty, 0.5);
  EXPECT_EQ(accuracy.note, "");
  EXPECT_EQ(accuracy.labelled_samples, 9U);
  EXPECT_DOUBLE_EQ(accuracy.golden_all, 7.0 / 9);
}

TEST(Report, PutsFaultsOfSeveralCorruptionsInAGroupOfTheirOwn) {
  Campaign campaign(campaign_row(), golden_rows());
  campaign.add(Outcome::masked, {{3, 30}});
  campaign.add(Outcome::masked, {{3, 30}, {3, 30}});
  campaign.add(Outcome::masked, {{3, 30}, {3, 2}});
  campaign.add(Outcome::masked, {{3, 30}, {7, 30}});
  campaign.add(Outcome::masked, {{7, 31}});
  campaign.add(Outcome::masked, {{3, 5}});
  campaign.corruptions.back().corruption.operation = injectors::Operation::zero;
  campaign.add(Outcome::masked, {{3, 5}});
  campaign.corruptions.back().corruption.masks.flip = 0b110;
  campaign.add(Outcome::masked, {}).activated = false;
  const Report report = campaign.report(fixtures::by({GroupKey::site, GroupKey::bit}));
  EXPECT_THAT(
      groups_of(report),
      ElementsAre(By{{"site", "conv1"}, {"bit", "30"}}, By{{"site", "conv1"}, {"bit", "word"}},
                  By{{"site", "conv1"}, {"bit", "several"}}, By{{"site", "fc1"}, {"bit", "31"}},
                  By{{"site", "none"}, {"bit", "none"}},
                  By{{"site", "several"}, {"bit", "several"}}));
  EXPECT_EQ(report.groups[0].tally.trials, 1U);
  EXPECT_EQ(report.groups[5].tally.trials, 3U);
}

TEST(Report, GivesAMaskOfSeveralBitsTheFieldThatAllOfThemAreIn) {
  Campaign campaign(campaign_row(), golden_rows());
  for (const std::uint64_t flip : {0b110ULL, 0x60000000ULL, 0xC0000000ULL}) {
    campaign.add(Outcome::masked, {{3, 5}});
    campaign.corruptions.back().corruption.masks.flip = flip;
  }
  EXPECT_THAT(groups_of(campaign.report(fixtures::by({GroupKey::field, GroupKey::bit}))),
              ElementsAre(By{{"field", "exponent"}, {"bit", "several"}},
                          By{{"field", "mantissa"}, {"bit", "several"}},
                          By{{"field", "several"}, {"bit", "several"}}));
}

TEST(Report, GroupsByFieldAndOp) {
  Campaign campaign(campaign_row(), golden_rows());
  campaign.add(Outcome::masked, {{3, 31}});
  campaign.add(Outcome::masked, {{3, 30}, {3, 23}});
  campaign.add(Outcome::masked, {{3, 23}});
  campaign.add(Outcome::masked, {{7, 0}});
  EXPECT_THAT(groups_of(campaign.report(fixtures::by({GroupKey::op, GroupKey::field}))),
              ElementsAre(By{{"op", "conv2d"}, {"field", "sign"}},
                          By{{"op", "conv2d"}, {"field", "exponent"}},
                          By{{"op", "linear"}, {"field", "mantissa"}},
                          By{{"op", "several"}, {"field", "several"}}));
}

TEST(Report, ParsesGroupKeysAndNamesTheUnknownOne) {
  EXPECT_THAT(parse_group_keys("site,bit"), ElementsAre(GroupKey::site, GroupKey::bit));
  for (const char* text : {"", "layer", "site,", "site,site"}) {
    EXPECT_THROW(parse_group_keys(text), UsageError) << text;
  }
  try {
    parse_group_keys("site,layer");
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'layer' (accepted: site, op, bit, field)"));
  }
}

record::CampaignRow equal_draws() {
  record::CampaignRow row = campaign_row();
  row.sites = {fixtures::frame_site(3, "conv1", 0.5, 0.9),
               fixtures::frame_site(7, "fc1", 0.5, 0.1)};
  return row;
}

TEST(Report, WeighsSitesByTheirElementsIfTheyWereDrawnOtherwise) {
  Campaign campaign(equal_draws(), golden_rows());
  for (int i = 0; i < 100; ++i) {
    campaign.add(i < 10 ? Outcome::sdc_critical : Outcome::masked, {{3, 30}});
    campaign.add(i < 50 ? Outcome::sdc_critical : Outcome::masked, {{7, 30}});
  }
  const Report report = campaign.report(fixtures::by({GroupKey::site}));
  const Rate rate = report.overall.rates.at("sdc_critical");
  EXPECT_EQ(rate.count, 60U);
  EXPECT_NEAR(*rate.rate, 0.9 * 0.1 + 0.1 * 0.5, 1e-12);
  EXPECT_EQ(rate.method, "wilson, re-weighted to elements");
  EXPECT_THAT(rate.note, HasSubstr("2 sites"));
  EXPECT_LT(rate.bounds.low, 0.14);
  EXPECT_GT(rate.bounds.high, 0.14);
  // One site alone needs no weights.
  EXPECT_EQ(report.groups[0].tally.rates.at("sdc_critical").method, "wilson");
  EXPECT_DOUBLE_EQ(*report.groups[0].tally.rates.at("sdc_critical").rate, 0.1);
  const Report by_bit =
      make_report(campaign.store, campaign.id,
                  {.interval = Interval::exact, .confidence = {}, .by = {GroupKey::bit}});
  EXPECT_NEAR(*by_bit.groups[0].tally.rates.at("sdc_critical").rate, 0.14, 1e-12);
  EXPECT_THAT(by_bit.groups[0].tally.rates.at("sdc_critical").method, HasSubstr("beta quantiles"));
}

TEST(Report, WeighsAccuracyLikeRates) {
  Campaign campaign(equal_draws(), golden_rows());
  for (int i = 0; i < 100; ++i) {
    // Trials of conv1 meet even samples, of fc1 odd ones: golden is right in all and in three of
    // five (3 and 7 are wrong). The faulty answer is right in 80 and in 40 of a hundred.
    record::TrialRow& conv = campaign.add(Outcome::masked, {{3, 30}});
    conv.verdict.top1 = static_cast<std::int32_t>(conv.sample.value) + (i < 80 ? 0 : 1);
    record::TrialRow& fc = campaign.add(Outcome::masked, {{7, 30}});
    fc.verdict.top1 = static_cast<std::int32_t>(fc.sample.value) + (i < 40 ? 0 : 1);
  }
  const Report report = campaign.report();
  const Accuracy accuracy = report.accuracy.value();
  EXPECT_EQ(accuracy.labelled, 200U);
  EXPECT_NEAR(accuracy.golden.value(), 0.9 * 1.0 + 0.1 * 0.6, 1e-12);
  EXPECT_NEAR(accuracy.faulty.value(), 0.9 * 0.8 + 0.1 * 0.4, 1e-12);
  EXPECT_THAT(accuracy.note, HasSubstr("weighted by the elements of 2 sites"));
  EXPECT_THAT(to_text(report), HasSubstr("faulty 76.00 %"));
  EXPECT_THAT(to_text(report), HasSubstr("Note: weighted by the elements of 2 sites"));
}

TEST(Report, GivesNoAccuracyThatItCannotWeigh) {
  Campaign campaign(equal_draws(), golden_rows());
  campaign.add(Outcome::masked, {{3, 30}}).verdict.top1 = 0;
  const Report report = campaign.report();
  const Accuracy accuracy = report.accuracy.value();
  EXPECT_EQ(accuracy.labelled, 1U);
  EXPECT_FALSE(accuracy.golden || accuracy.faulty);
  EXPECT_THAT(accuracy.note, HasSubstr("'fc1'"));
  EXPECT_THAT(to_text(report), HasSubstr("golden -, faulty -"));
  EXPECT_THAT(to_json(report), HasSubstr("\"faulty\": null"));
}

// The corruptions of each fault agree, but the group is of both sites.
TEST(Report, WeighsAGroupOfSeveralCorruptions) {
  Campaign campaign(equal_draws(), golden_rows());
  campaign.add(Outcome::sdc_critical, {{3, 30}, {3, 2}});
  campaign.add(Outcome::masked, {{7, 30}, {7, 2}});
  const Report report = campaign.report(fixtures::by({GroupKey::site}));
  ASSERT_THAT(groups_of(report), ElementsAre(By{{"site", "several"}}));
  EXPECT_NEAR(*report.groups[0].tally.rates.at("sdc_critical").rate, 0.9, 1e-12);
}

TEST(Report, KnowsPlansThatWereNotDrawn) {
  for (const auto& [plan, drawn] : {std::pair("drawn", true), std::pair("5ad3e1", false)}) {
    record::CampaignRow row = campaign_row();
    row.fingerprint.emplace_back("plan", plan);
    Campaign campaign(row, golden_rows());
    campaign.add(Outcome::masked, {{3, 30}});
    const Report report = campaign.report();
    EXPECT_EQ(report.drawn, drawn);
    const std::string text = to_text(report) + compare_text({report, report});
    EXPECT_EQ(text.find("not drawn; intervals treat") == std::string::npos, drawn);
  }
}

TEST(Report, GivesNoPooledRateWhileASiteHasNoTrial) {
  Campaign campaign(equal_draws(), golden_rows());
  campaign.add(Outcome::masked, {{3, 30}});
  const Report report = campaign.report(fixtures::by({GroupKey::site, GroupKey::op}));
  EXPECT_FALSE(report.overall.rates.at("masked").rate);
  EXPECT_THAT(report.overall.rates.at("masked").note, HasSubstr("'fc1'"));
  EXPECT_EQ(report.overall.outcomes.at("masked"), 1U);
  EXPECT_TRUE(report.groups[0].tally.rates.at("masked").rate);
}

TEST(Report, GivesNoPooledRateIfFaultsStrikeSeveralSites) {
  Campaign campaign(equal_draws(), golden_rows());
  campaign.add(Outcome::masked, {{3, 30}});
  campaign.add(Outcome::masked, {{7, 30}});
  campaign.add(Outcome::masked, {{3, 30}, {7, 30}});
  const Report report = campaign.report(fixtures::by({GroupKey::op}));
  EXPECT_FALSE(report.overall.rates.at("masked").rate);
  EXPECT_THAT(report.overall.rates.at("masked").note, HasSubstr("several sites"));
  EXPECT_TRUE(report.groups[0].tally.rates.at("masked").rate);
}

TEST(Report, MarksClusteredTrialsAndWidensTheirIntervals) {
  record::CampaignRow row = campaign_row();
  row.clustered = true;
  Campaign campaign(row, golden_rows());
  for (int fault = 0; fault < 20; ++fault) {
    const Outcome outcome = fault < 5 ? Outcome::sdc_critical : Outcome::masked;
    campaign.add(outcome, {{3, 30}});
    for (int i = 0; i < 9; ++i) campaign.same_fault(outcome);
  }
  const Report report = campaign.report();
  const Rate rate = report.overall.rates.at("sdc_critical");
  EXPECT_EQ(report.faults, 20U);
  EXPECT_FALSE(rate.independent);
  EXPECT_EQ(rate.method, "wilson, cluster-robust");
  EXPECT_DOUBLE_EQ(*rate.rate, 0.25);
  EXPECT_LT(rate.bounds.low, wilson(5, 20, 0.95).low);
  EXPECT_GT(rate.bounds.high, wilson(50, 200, 0.95).high);
}

TEST(Report, CountsAFaultOnceEvenIfItsTrialsAreScattered) {
  record::CampaignRow row = campaign_row();
  row.clustered = true;
  Campaign together(row, golden_rows());
  Campaign scattered(row, golden_rows());
  for (std::uint64_t i = 0; i < 60; ++i) {
    const auto outcome = [](std::uint64_t fault) {
      return fault < 5 ? Outcome::sdc_critical : Outcome::masked;
    };
    together.trials.push_back(fixtures::trial_row(i, i / 3, outcome(i / 3)));
    scattered.trials.push_back(fixtures::trial_row(i, i % 20, outcome(i % 20)));
  }
  for (std::uint64_t fault = 0; fault < 20; ++fault) {
    together.corruptions.push_back(fixtures::corruption_row(fault, 0, 3, 0));
    scattered.corruptions.push_back(fixtures::corruption_row(fault, 0, 3, 0));
  }
  const Report one = together.report();
  const Report other = scattered.report();
  EXPECT_EQ(other.faults, 20U);
  EXPECT_DOUBLE_EQ(one.overall.rates.at("sdc").bounds.high,
                   other.overall.rates.at("sdc").bounds.high);
}

TEST(Report, RefusesAFaultOnASiteThatTheFrameLacks) {
  Campaign campaign(campaign_row(), golden_rows());
  campaign.add(Outcome::masked, {{99, 0}});
  EXPECT_THROW(campaign.report(), RunError);
}

}  // namespace
}  // namespace softbeam::report
