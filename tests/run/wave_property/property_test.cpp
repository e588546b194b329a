// The property of the wave: whatever the model, the data and the faults, every word that it gives
// is the word that plain mode gives.
//
// SB_PROPERTY_SEED=N runs the graph of one seed alone, SB_PROPERTY_GRAPHS=N so many in each shard.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <map>

#include "host/base/error.h"
#include "host/run/wave/own/kernel.h"
#include "tests/run/wave_property/depth_oracle.h"
#include "tests/run/wave_property/drawn.h"
#include "tests/run/wave_property/outputs.h"
#include "tests/support/random/dice.h"
#include "tests/support/random_plan.h"

namespace softbeam::run {
namespace {

constexpr std::uint64_t shards = 8;
constexpr std::uint64_t graphs_in_shard = 130;

std::optional<std::uint64_t> number_from(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? std::nullopt
                         : std::optional<std::uint64_t>(std::strtoull(text, nullptr, 10));
}

std::vector<std::uint64_t> seeds_of(std::uint64_t shard) {
  if (const auto seed = number_from("SB_PROPERTY_SEED")) {
    return {*seed};
  }
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t i = 0; i < number_from("SB_PROPERTY_GRAPHS").value_or(graphs_in_shard); ++i) {
    seeds.push_back(1'000'000 * (shard + 1) + i);
  }
  return seeds;
}

WaveSettings draw_settings(std::uint64_t seed) {
  support::Dice dice(seed);
  WaveSettings settings;
  settings.forms =
      dice.among({FormChoice::fastest, FormChoice::own, FormChoice::crop, FormChoice::canvas,
                  FormChoice::canvas, FormChoice::dense, FormChoice::random, FormChoice::random});
  settings.fuse = dice.chance(0.7);
  settings.seed = dice.bits();
  return settings;
}

std::string describe(const WaveSettings& settings) {
  constexpr const char* forms[] = {"fastest", "own", "crop", "canvas", "dense", "random"};
  return fmt::format("forms {}, fuse {}, seed {}", forms[static_cast<int>(settings.forms)],
                     settings.fuse, settings.seed);
}

// Of the convolutions of many graphs.
struct Forms {
  std::uint64_t convolutions = 0;  // that some trial reached
  RowsByForm with{};               // of those, computed in this form for some row

  void add(const Outputs& outputs) {
    for (const RowsByForm& rows : outputs.convolutions) {
      convolutions += rows != RowsByForm{};
      for (std::size_t f = 0; f < rows.size(); ++f) with[f] += rows[f] > 0;
    }
  }
};

bool is_masked(const campaign::Subject& subject, const Outputs& plain, const plan::Trial& trial) {
  for (std::size_t o = 0; o < plain.rows.size(); ++o) {
    const auto golden = subject.golden->row(o, trial.sample.value);
    const float* row = plain.rows[o].data() + trial.id.value * golden.size();
    if (std::memcmp(row, golden.data(), golden.size_bytes()) != 0) return false;
  }
  return true;
}

// The wave's depths of a few masked trials against the oracle's.
void expect_same_depths(campaign::Subject& subject, const plan::FaultPlan& plan,
                        const Outputs& plain, const Outputs& wave, std::uint64_t& compared) {
  std::vector<plan::Trial> trials;
  plan.trials(0, plan.trials(), trials);
  int left = 3;
  for (std::size_t t = trials.size() % 3; t < trials.size() && left > 0; t += 3) {
    if (!wave.in_wave[t] || !is_masked(subject, plain, trials[t])) continue;
    --left;
    ++compared;
    const auto expected = plain_depth(subject, plan, trials[t]);
    EXPECT_EQ(wave.depths[t], expected)
        << "trial " << t << " (" << describe_fault(plan, trials[t].fault, subject.profile)
        << "): " << (wave.depths[t] ? std::to_string(*wave.depths[t]) : "none") << ", not "
        << (expected ? std::to_string(*expected) : "none");
  }
}

// Trials that differ are failures, unless plain mode does not know its own answer.
void expect_same(campaign::Subject& subject, const plan::FaultPlan& plan,
                 const Comparison& compared, std::uint64_t& unstable) {
  std::vector<plan::Trial> trials;
  plan.trials(0, plan.trials(), trials);
  for (const auto& [trial, difference] : compared.differing) {
    if (depends_on_place(subject, plan, trials[trial])) {
      ++unstable;
    } else {
      ADD_FAILURE() << difference;
    }
  }
}

bool golden_depends_on_place(campaign::Subject& subject) {
  class NoFault : public plan::FaultPlan {
   public:
    std::uint64_t trials() const override { return 0; }
    bool clustered() const override { return false; }
    void trials(std::uint64_t, std::uint64_t, std::vector<plan::Trial>&) const override {}
    void fault(injectors::FaultId, std::vector<injectors::Corruption>&) const override {}
  } plan;
  for (std::uint32_t s = 0; s < subject.data.samples; ++s) {
    if (depends_on_place(subject, plan, {{0}, {0}, {s}})) return true;
  }
  return false;
}

class WaveProperty : public testing::TestWithParam<std::uint64_t> {
 protected:
  static void expect_plain_words(std::uint64_t shard, bool as_on_device);
};

TEST_P(WaveProperty, EveryWordOfEveryTrialIsPlainModes) {
  expect_plain_words(GetParam(), /*as_on_device=*/false);
}

TEST_P(WaveProperty, EveryWordOfEveryTrialIsPlainModesAsADeviceTakesTheSteps) {
  expect_plain_words(GetParam(), /*as_on_device=*/true);
}

void WaveProperty::expect_plain_words(std::uint64_t shard, bool as_on_device) {
  std::map<std::string, int> redrawn;
  Forms forms;
  std::uint64_t payloads = 0;
  std::uint64_t unstable = 0;
  std::uint64_t refused = 0;
  std::uint64_t depths = 0;
  std::uint64_t trials = 0;
  const std::vector<std::uint64_t> seeds = seeds_of(shard);
  int failures = 0;
  for (const std::uint64_t seed : seeds) {
    const Drawn drawn = draw_subject(seed, redrawn);
    campaign::Subject& subject = *drawn.subject;
    const support::RandomPlan plan(seed, subject.profile, subject.data.samples);
    WaveSettings settings = draw_settings(seed);
    settings.as_on_device = as_on_device;
    SCOPED_TRACE(fmt::format("SB_PROPERTY_SEED={} ({}, batch {})\n{}", seed, describe(settings),
                             subject.profile.batch, listing(*subject.graph)));
    const Outputs plain = run_plain(subject, plan);
    try {
      const Outputs wave = run_wave(subject, plan, settings);
      const Comparison compared = compare(plain, wave, plan, subject.profile);
      expect_same(subject, plan, compared, unstable);
      payloads += compared.payloads;
      if (!drawn.writes_through_views && wave.refusal.empty()) {
        expect_same_depths(subject, plan, plain, wave, depths);
      }
      if (!as_on_device) {  // whose rows are the library's memory
        EXPECT_LE(wave.row_bytes, wave.row_bound);
      }
      forms.add(wave);
      refused += !wave.refusal.empty();
      if (wave.refusal.find("a shortcut is not exact") != std::string::npos) {
        const bool expected = golden_depends_on_place(subject);
        unstable += expected;
        if (!expected) ADD_FAILURE() << wave.refusal;
      }
    } catch (const RunError& error) {
      // A clean row that is not golden's: right where plain mode gives a clean row several answers.
      const bool expected = golden_depends_on_place(subject);
      unstable += expected;
      if (!expected) ADD_FAILURE() << error.what();
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
    trials += plan.trials();
    failures += HasFailure() ? 1 : 0;
    if (failures == 3) break;
  }
  std::printf(
      "%zu graphs, %lu trials, %lu convolutions, with rows by own kernel %lu, as crop %lu, canvas "
      "%lu, dense %lu; "
      "%lu graphs without a wave; %lu depths compared; %lu NaN words with another payload; "
      "%lu trials left out whose place matters in plain mode\n",
      seeds.size(), trials, forms.convolutions, forms.with[0], forms.with[1], forms.with[2],
      forms.with[3], refused, depths, payloads, unstable);
  if (seeds.size() >= 100) {
    EXPECT_LT(unstable, trials / 500);
    EXPECT_LT(refused, seeds.size() / 4);
    for (std::size_t f = 0; f < forms.with.size(); ++f) {
      const auto form = static_cast<Form>(f);
      if (as_on_device ? form == Form::canvas || form == Form::dense
                       : form != Form::own || instruction_set()) {  // not every processor has one
        EXPECT_GE(forms.with[f] * 10, forms.convolutions) << "form " << name(form);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shard, WaveProperty, testing::Range(std::uint64_t{0}, shards));

// The comparison must notice a wave that is wrong: windows that reach one pixel too short.
TEST(WavePropertyItself, NoticesWindowsThatReachTooShort) {
  std::map<std::string, int> redrawn;
  int reached = 0;
  int noticed = 0;
  for (std::uint64_t seed = 500; seed < 560; ++seed) {
    const Drawn drawn = draw_subject(seed, redrawn);
    campaign::Subject& subject = *drawn.subject;
    const support::RandomPlan plan(seed, subject.profile, subject.data.samples);
    WaveSettings settings = draw_settings(seed);
    settings.forms = seed % 2 == 0 ? FormChoice::crop : FormChoice::canvas;
    settings.planted_short_reach = 1;
    const Outputs plain = run_plain(subject, plan);
    try {
      const Outputs wave = run_wave(subject, plan, settings);
      Forms forms;
      forms.add(wave);
      if (forms.with[1] + forms.with[2] == 0) continue;  // no window was convolved
      ++reached;
      noticed += !compare(plain, wave, plan, subject.profile).differing.empty();
    } catch (const RunError&) {
      ++reached;
      ++noticed;
    }
  }
  std::printf("%d of %d graphs with windows show the planted error\n", noticed, reached);
  EXPECT_GT(reached, 20);
  EXPECT_GT(noticed * 2, reached);
}

}  // namespace
}  // namespace softbeam::run
