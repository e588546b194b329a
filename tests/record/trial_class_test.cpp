// Which trials are counted together, and the number that stands for them.
#include "host/record/trial_class.h"

#include <gmock/gmock.h>

#include <random>

#include "host/base/error.h"
#include "host/record/class_counts.h"
#include "tests/record/fixtures.h"

namespace softbeam::record {
namespace {

using fixtures::campaign_row;
using fixtures::corruption_row;
using fixtures::golden_rows;
using fixtures::trial_row;

TrialClass random_class(std::mt19937_64& random) {
  const auto coin = [&] { return random() % 2 == 0; };
  TrialClass trials;
  trials.struck.site = coin() ? several_sites : static_cast<std::uint32_t>(random() % 100000);
  trials.struck.bit = static_cast<std::uint8_t>(random() % 71);
  if (coin()) trials.depth = static_cast<std::uint32_t>(random() % 100000);
  trials.outcome = compare::all_outcomes[random() % compare::all_outcomes.size()];
  trials.activated = coin();
  trials.sdc_1 = coin();
  trials.sdc_5 = coin();
  trials.sdc_10 = coin();
  trials.sdc_20 = coin();
  trials.labelled = coin();
  trials.golden_right = coin();
  trials.faulty_right = coin();
  return trials;
}

TEST(TrialClass, ComesBackFromItsNumber) {
  constexpr unsigned seed = 20260210;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 10000; ++i) {
    const TrialClass trials = random_class(random);
    const std::uint64_t packed = pack(trials);
    ASSERT_EQ(unpack(packed), trials);
    ASSERT_LT(packed, std::uint64_t{1} << 62U);  // SQLite's integers are signed
    ASSERT_EQ(unpack_struck(packed_struck(packed)), trials.struck);
    TrialClass shallow = trials;
    shallow.depth.reset();
    ASSERT_EQ(without_depth(packed), pack(shallow));
  }
  EXPECT_FALSE(unpack(0));
  EXPECT_FALSE(unpack(7));
}

TEST(TrialClass, NamesTheBitOfOneCorruptionAndWhatIsNoBit) {
  const CampaignRow campaign = campaign_row();
  const Classifier classifier(campaign.sites, {});
  const auto struck = [&](std::vector<CorruptionRow> rows) { return classifier.struck(rows); };
  EXPECT_EQ(struck({corruption_row(0, 0, 3, 30)}), (Struck{.site = 3, .bit = 30}));
  EXPECT_EQ(struck({}), (Struck{.site = no_site, .bit = no_bit}));
  EXPECT_EQ(struck({corruption_row(0, 0, 3, 30), corruption_row(0, 1, 3, 30)}),
            (Struck{.site = 3, .bit = several_corruptions}));
  EXPECT_EQ(struck({corruption_row(0, 0, 3, 30), corruption_row(0, 1, 7, 30)}),
            (Struck{.site = several_sites, .bit = several_corruptions}));
  CorruptionRow row = corruption_row(0, 0, 7, 0);
  row.corruption.operation = injectors::Operation::random_value;
  EXPECT_EQ(struck({row}), (Struck{.site = 7, .bit = whole_word}));
  row.corruption.operation = injectors::Operation::bit_flip;
  row.corruption.masks.flip = 0;
  EXPECT_EQ(struck({row}), (Struck{.site = 7, .bit = no_bit}));
  row.corruption.masks.flip = 0b11;
  EXPECT_EQ(struck({row}).bit, bits_of_field + static_cast<int>(injectors::Field::mantissa));
  row.corruption.masks.flip = 0xC0000000;
  EXPECT_EQ(struck({row}).bit, several_fields);
  EXPECT_THROW(struck({corruption_row(0, 0, 5, 1)}), RunError);
  EXPECT_THROW(struck({corruption_row(0, 0, 3, 1), corruption_row(0, 1, 99, 1)}), RunError);
}

TEST(TrialClass, CountsAnswersOfLabelledSamplesOnly) {
  auto golden = golden_rows();  // samples 3 and 7 are wrong
  golden[1].label.reset();
  const Classifier classifier(campaign_row().sites, golden);
  const auto of = [&](std::uint64_t sample, std::optional<std::int32_t> top1,
                      compare::Outcome outcome) {
    TrialRow row = trial_row(sample, 0, outcome);
    row.verdict.top1 = top1;
    const TrialClass trials = classifier.classify(row, {});
    return std::array{trials.labelled, trials.golden_right, trials.faulty_right};
  };
  using compare::Outcome;
  EXPECT_EQ(of(0, 0, Outcome::masked), (std::array{true, true, true}));
  EXPECT_EQ(of(1, 1, Outcome::masked), (std::array{false, false, false}));
  EXPECT_EQ(of(2, 2, Outcome::nonfinite), (std::array{true, true, false}));
  EXPECT_EQ(of(3, 3, Outcome::sdc_critical), (std::array{true, false, true}));
  EXPECT_EQ(of(4, std::nullopt, Outcome::sdc_tolerable), (std::array{true, true, false}));
}

TEST(ClassCounts, EqualAMapWhateverIsAdded) {
  std::mt19937_64 random(3);
  ClassCounts counts;
  std::map<std::uint64_t, std::uint64_t> expected;
  for (int i = 0; i < 20000; ++i) {
    // Many of one class, and keys that differ in high bits only.
    const std::uint64_t packed = 1 + (random() % 3000 << (i % 2 == 0 ? 40 : 0));
    counts.add(packed, i % 5);
    expected[packed] += static_cast<std::uint64_t>(i % 5);
  }
  std::map<std::uint64_t, std::uint64_t> found;
  counts.for_each([&](std::uint64_t packed, std::uint64_t trials) {
    EXPECT_TRUE(found.emplace(packed, trials).second) << "listed twice";
  });
  EXPECT_EQ(found, expected);
  EXPECT_EQ(counts.size(), expected.size());
}

}  // namespace
}  // namespace softbeam::record
