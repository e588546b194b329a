#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "host/base/error.h"
#include "tests/injectors/chi_square.h"
#include "tests/plan/small_model.h"
#include "tests/support/message_of.h"

namespace softbeam::plan {
namespace {

using config::SiteWeight;
using config::Where;
using small_model::drawn;
using small_model::fault_of;
using small_model::trials_of;
using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

constexpr double improbable = 1e-4;

config::CampaignConfig neurons(std::uint64_t trials) {
  config::CampaignConfig config;
  config.faults.ops = {"conv2d", "linear", "relu"};
  config.campaign.trials = trials;
  return config;
}

config::CampaignConfig weights(std::uint64_t trials, std::uint64_t samples_per_fault) {
  config::CampaignConfig config;
  config.faults.where = Where::weights;
  config.campaign.trials = trials;
  config.campaign.samples_per_fault = samples_per_fault;
  return config;
}

TEST(Draw, AFaultIsTheSameAloneInARangeAndInAnyOrder) {
  const auto plan = drawn(neurons(1000));
  const auto again = drawn(neurons(1000));
  const std::vector<Trial> all = trials_of(*plan);
  ASSERT_THAT(all, SizeIs(1000));
  for (std::uint64_t t = 1000; t-- > 0;) {
    EXPECT_EQ(trials_of(*again, t, t + 1).front(), all[t]);
    EXPECT_EQ(fault_of(*again, t), fault_of(*plan, t));
    EXPECT_EQ(all[t].id.value, t);
    EXPECT_EQ(all[t].fault.value, t);
  }
  const std::vector<Trial> middle = trials_of(*plan, 313, 420);
  EXPECT_TRUE(std::equal(middle.begin(), middle.end(), all.begin() + 313));
}

TEST(Draw, AFaultDoesNotDependOnHowManyTrialsThereAre) {
  const auto few = drawn(neurons(10));
  const auto many = drawn(neurons(100000));
  EXPECT_EQ(trials_of(*few), trials_of(*many, 0, 10));
  EXPECT_EQ(fault_of(*few, 9), fault_of(*many, 9));
}

TEST(Draw, AnotherSeedGivesOtherFaultsAndSamples) {
  config::CampaignConfig other = neurons(200);
  other.campaign.seed = 2;
  const auto plan = drawn(neurons(200));
  const auto reseeded = drawn(other);
  int same_fault = 0;
  int same_sample = 0;
  for (std::uint64_t t = 0; t < 200; ++t) {
    same_fault += fault_of(*plan, t) == fault_of(*reseeded, t);
    same_sample += trials_of(*plan, t, t + 1) == trials_of(*reseeded, t, t + 1);
  }
  EXPECT_LT(same_fault, 5);
  EXPECT_LT(same_sample, 60);  // one in ten by chance
}

TEST(Draw, RangesWithinTheSamplesOfOneWeightFaultAgree) {
  const auto plan = drawn(weights(40, 7));
  const std::vector<Trial> all = trials_of(*plan);
  for (std::uint64_t first = 0; first < 40; ++first) {
    for (std::uint64_t last = first; last <= 40; last += 3) {
      const std::vector<Trial> part = trials_of(*plan, first, last);
      ASSERT_THAT(part, SizeIs(last - first));
      EXPECT_TRUE(
          std::equal(part.begin(), part.end(), all.begin() + static_cast<std::ptrdiff_t>(first)));
    }
  }
}

TEST(Draw, IsUniformOverTheWordsOfAllSites) {
  const auto plan = drawn(neurons(1));
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t> met;
  for (std::uint64_t f = 0; f < 56000; ++f) {
    const auto corruption = fault_of(*plan, f).front();
    ++met[{corruption.site.value, corruption.element}];
  }
  std::vector<std::uint64_t> counts;
  for (const auto& [word, count] : met) counts.push_back(count);
  ASSERT_THAT(counts, SizeIs(48 + 48 + 8 + 8));
  EXPECT_GT(tests::uniform_p_value(counts), improbable);
}

// How often each site is met, each word of a site, and each bit of a float32 word.
struct Tally {
  std::map<std::uint32_t, std::map<std::uint64_t, std::uint64_t>> words;
  std::map<std::uint32_t, std::uint64_t> sites;
};

Tally tally(SiteWeight weight, std::uint64_t faults) {
  config::CampaignConfig config = neurons(1);
  config.faults.weight = weight;
  const auto plan = drawn(config);
  Tally result;
  for (std::uint64_t f = 0; f < faults; ++f) {
    const auto corruption = fault_of(*plan, f).front();
    ++result.sites[corruption.site.value];
    ++result.words[corruption.site.value][corruption.element];
  }
  for (const auto& [site, words] : result.words) {
    EXPECT_THAT(words, SizeIs(small_model::sites()[site].elements));
    std::vector<std::uint64_t> counts;
    for (const auto& [element, count] : words) counts.push_back(count);
    EXPECT_GT(tests::uniform_p_value(counts), improbable) << "site " << site;
  }
  return result;
}

TEST(Draw, BySiteMeetsEachSiteAlikeAndItsWordsUniformly) {
  std::vector<std::uint64_t> counts;
  for (const auto& [site, count] : tally(SiteWeight::site, 40000).sites) counts.push_back(count);
  ASSERT_THAT(counts, SizeIs(4));
  EXPECT_GT(tests::uniform_p_value(counts), improbable);
}

TEST(Draw, ByBytesMeetsHalfWordsHalfAsOften) {
  const Tally result = tally(SiteWeight::bytes, 54000);
  // 48, 48 and 8 words of four bytes, 8 words of two: 432 bytes.
  const std::map<std::uint32_t, double> bytes{{2, 192}, {3, 192}, {4, 16}, {5, 32}};
  double statistic = 0;
  for (const auto& [site, size] : bytes) {
    const double expected = 54000 * size / 432;
    const double difference = static_cast<double>(result.sites.at(site)) - expected;
    statistic += difference * difference / expected;
  }
  EXPECT_LT(statistic, 21.1);  // chi-square, 3 degrees of freedom, p = 1e-4
}

TEST(Draw, EveryAllowedBitIsDrawnAlikeAndNoOther) {
  config::CampaignConfig config = neurons(1);
  config.faults.sites = {"fc"};
  config.faults.bits = {injectors::Field::exponent};
  const auto plan = drawn(config);
  std::map<std::uint64_t, std::uint64_t> met;
  for (std::uint64_t f = 0; f < 8000; ++f) {
    const auto corruption = fault_of(*plan, f).front();
    EXPECT_EQ(corruption.masks.keep, 0xffffffffU);
    ++met[corruption.masks.flip];
  }
  std::vector<std::uint64_t> counts;
  for (int bit = 23; bit < 31; ++bit) counts.push_back(met[std::uint64_t{1} << bit]);
  EXPECT_THAT(met, SizeIs(8));
  EXPECT_GT(tests::uniform_p_value(counts), improbable);
}

// A few are told apart by looking through them, more by a table.
TEST(Draw, CorruptionsOfAFaultAreTheFirstOfOneWithMore) {
  config::CampaignConfig config = neurons(1);
  config.faults.sites = {"fc", "layer1.conv2", "relu1"};
  config.faults.weight = SiteWeight::site;  // words are often drawn again
  config.faults.count = 16;
  const auto few = drawn(config);
  config.faults.count = 17;
  const auto many = drawn(config);
  for (std::uint64_t f = 0; f < 200; ++f) {
    auto longer = fault_of(*many, f);
    ASSERT_THAT(longer, SizeIs(17));
    longer.pop_back();
    EXPECT_EQ(fault_of(*few, f), longer);
  }
}

TEST(Draw, CorruptionsOfOneFaultStrikeDistinctWords) {
  for (const SiteWeight weight : {SiteWeight::elements, SiteWeight::bytes, SiteWeight::site}) {
    config::CampaignConfig config = neurons(1);
    config.faults.sites = {"fc", "layer1.conv2"};
    config.faults.weight = weight;
    config.faults.count = 16;  // every word there is
    const auto plan = drawn(config);
    for (std::uint64_t f = 0; f < 50; ++f) {
      std::set<std::pair<std::uint32_t, std::uint64_t>> words;
      for (const auto& corruption : fault_of(*plan, f)) {
        words.insert({corruption.site.value, corruption.element});
      }
      EXPECT_THAT(words, SizeIs(16));
    }
  }
}

TEST(Draw, ASampleIsDrawnUniformlyForEachTrial) {
  std::vector<std::uint64_t> counts(small_model::samples);
  for (const Trial& trial : trials_of(*drawn(neurons(20000)))) ++counts[trial.sample.value];
  EXPECT_GT(tests::uniform_p_value(counts), improbable);
}

TEST(Draw, AWeightFaultMeetsDistinctSamplesEachEquallyOften) {
  std::vector<std::uint64_t> counts(small_model::samples);
  std::map<std::uint64_t, std::set<std::uint32_t>> met;
  for (const Trial& trial : trials_of(*drawn(weights(28000, 7)))) {
    EXPECT_EQ(trial.fault.value, trial.id.value / 7);
    met[trial.fault.value].insert(trial.sample.value);
    ++counts[trial.sample.value];
  }
  ASSERT_THAT(met, SizeIs(4000));
  for (const auto& [fault, samples] : met) EXPECT_THAT(samples, SizeIs(7)) << fault;
  EXPECT_GT(tests::uniform_p_value(counts), improbable);
}

TEST(Draw, AWeightFaultMayMeetEverySample) {
  std::set<std::uint32_t> met;
  for (const Trial& trial : trials_of(*drawn(weights(10, 10)))) met.insert(trial.sample.value);
  EXPECT_THAT(met, SizeIs(10));
}

TEST(Draw, TrialsPerSampleMeetsTheSamplesRoundAfterRound) {
  config::CampaignConfig config = neurons(1);
  config.campaign.trials_per_sample = 3;
  const auto plan = drawn(config);
  ASSERT_EQ(plan->trials(), 3 * small_model::samples);
  for (const Trial& trial : trials_of(*plan)) {
    EXPECT_EQ(trial.sample.value, trial.id.value % small_model::samples);
  }
}

TEST(Draw, RefusesMoreSamplesPerFaultThanThereAre) {
  EXPECT_THAT(support::message_of<UsageError>([] { drawn(weights(100, 11)); }),
              AllOf(HasSubstr("campaign.samples_per_fault"), HasSubstr("11"), HasSubstr("10")));
}

TEST(Draw, RefusesTrialsPerSampleBesideSeveralSamplesPerFault) {
  config::CampaignConfig config = weights(100, 2);
  config.campaign.trials_per_sample = 3;
  EXPECT_THAT(support::message_of<UsageError>([&] { drawn(config); }),
              AllOf(HasSubstr("campaign.samples_per_fault"), HasSubstr("trials_per_sample")));
}

TEST(Draw, RefusesMoreTrialsThanAStoreCanNumber) {
  config::CampaignConfig config = neurons(std::uint64_t{1} << 40);
  EXPECT_EQ(drawn(config)->trials(), std::uint64_t{1} << 40);
  ++config.campaign.trials;
  EXPECT_THAT(support::message_of<UsageError>([&] { drawn(config); }),
              AllOf(HasSubstr("campaign.trials"), HasSubstr("1099511627776")));
}

TEST(Draw, RefusesACountOfTrialsThatOverflows) {
  config::CampaignConfig config = neurons(1);
  config.campaign.trials_per_sample = std::uint64_t{1} << 62;
  EXPECT_THAT(support::message_of<UsageError>([&] { drawn(config); }),
              HasSubstr("campaign.trials_per_sample"));
}

}  // namespace
}  // namespace softbeam::plan
