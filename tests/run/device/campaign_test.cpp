// The wave as a device takes it, on every device: on a CPU the same steps run over the CPU's
// memory, so what a GPU plans, packs and compares is tested without one.
#include <c10/util/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/error.h"
#include "host/campaign/wave.h"
#include "tests/campaign/csv_rows.h"
#include "tests/support/broken_backend.h"
#include "tests/support/configs.h"
#include "tests/support/devices.h"
#include "tests/support/message_of.h"

namespace softbeam::campaign {
namespace {

using config::CampaignConfig;
using config::Mode;
using testing::HasSubstr;

const CampaignOptions as_on_device{.wave = {.as_on_device = true}};

class DeviceWave : public support::OnDevice {
 protected:
  CampaignConfig lenet(std::uint64_t trials) const {
    CampaignConfig config = support::lenet_config();
    config.run.device = GetParam();
    config.campaign.trials = trials;
    return config;
  }
  // Both modes; their rows are the same but for the depth. What wave mode gave.
  static Ran expect_plain_rows(CampaignConfig config) {
    config.run.mode = Mode::wave;
    Ran wave = run_whole(config, as_on_device);
    config.run.mode = Mode::plain;
    const Ran plain = run_whole(config);
    EXPECT_EQ(wave.note("mode"), "wave") << wave.note("no_wave");
    EXPECT_EQ(without_depth(wave.rows), without_depth(plain.rows));
    return wave;
  }
};

TEST_P(DeviceWave, OnNeuronsEqualsPlainModeAndPacksWindows) {
  CampaignConfig config = lenet(1500);
  config.faults.sites = {"*"};
  for (const std::uint64_t count : {1, 3}) {
    config.faults.count = count;
    const Ran wave = expect_plain_rows(config);
    EXPECT_THAT(wave.note("forms"), HasSubstr("canvas 4"));
  }
}

TEST_P(DeviceWave, OnInputsOfTheModelAndOfNodesEqualsPlainMode) {
  CampaignConfig config = lenet(400);
  config.faults.where = config::Where::inputs;
  expect_plain_rows(config);
  config.faults.where = config::Where::neurons;
  for (const char* site : {"conv2:in0", "fc1:in0", "*:in*"}) {
    SCOPED_TRACE(site);
    config.faults.sites = {site};
    expect_plain_rows(config);
  }
}

TEST_P(DeviceWave, OnWeightsRunsThemAsFullInferences) {
  CampaignConfig config = lenet(100);
  config.faults.where = config::Where::weights;
  config.campaign.samples_per_fault = 20;
  const Ran wave = expect_plain_rows(config);
  EXPECT_THAT(wave.note("plain_trials"), HasSubstr("100 trials"));
}

TEST_P(DeviceWave, RunsTwiceTheSame) {
  const Ran a = run_whole(lenet(500), as_on_device);
  const Ran b = run_whole(lenet(500), as_on_device);
  EXPECT_EQ(a.rows, b.rows);
}

TEST_P(DeviceWave, VerifiedPassesAndAWindowThatIsTooShortIsFound) {
  CampaignConfig config = lenet(400);
  config.faults.sites = {"*"};
  config.run.verify = 1.0;
  EXPECT_EQ(run_whole(config, as_on_device).note("verified"),
            "400 trials replayed as full inferences, all equal");
  CampaignOptions wrong = as_on_device;
  wrong.wave.planted_short_reach = 1;
  const support::TempDir folder;
  EXPECT_THAT(support::message_of<RunError>([&] { run_in(folder.path("a.db"), config, wrong); }),
              HasSubstr("run.verify"));
}

INSTANTIATE_ON_DEVICES(DeviceWave);

// A device that lays more windows at a time than it has memory for.
class SmallDevice : public support::BrokenBackend {
 public:
  SmallDevice(std::unique_ptr<backend::Backend> sound, std::size_t most)
      : BrokenBackend(std::move(sound), support::Breakage::throws), most_(most) {
    armed = false;
  }
  void lay(std::span<const injectors::LaidWindow> windows, std::int32_t channels) override {
    if (windows.size() > most_) {
      ++refused;
      C10_THROW_ERROR(OutOfMemoryError, "the device is full");
    }
    BrokenBackend::lay(windows, channels);
  }
  std::size_t refused = 0;

 private:
  std::size_t most_;
};

// A CPU that lays the last word of many windows wrong, as long as it is told to.
class WrongInCrowds : public support::BrokenBackend {
 public:
  explicit WrongInCrowds(std::unique_ptr<backend::Backend> sound)
      : BrokenBackend(std::move(sound), support::Breakage::throws) {
    armed = false;
  }
  void lay(std::span<const injectors::LaidWindow> windows, std::int32_t channels) override {
    BrokenBackend::lay(windows, channels);
    constexpr std::size_t crowd = 200;  // more than whole rows or the zero-fault wave
    if (wrong && windows.size() > crowd) *windows.back().to.data ^= 1;
  }
  bool wrong = true;
};

// Puts the subject's workers on another backend, which owns the one that they had.
template <class Backend>
Backend& move_to(Subject& subject, std::unique_ptr<Backend> backend) {
  Backend& device = *backend;
  subject.backend = std::move(backend);
  subject.runners.clear();
  for (auto& executor : subject.executors) {
    executor = std::make_unique<execute::Executor>(subject.graph, device);
    subject.runners.push_back(
        std::make_unique<run::PlainRunner>(*executor, subject.profile, subject.data));
  }
  return device;
}

TEST(DeviceWaveProofs, HoldForAllWorkers) {
  CampaignConfig config = support::lenet_config();
  config.campaign.trials = 400;
  config.run.threads = 2;
  const auto rows_on_canvases = [&](bool wrong) {
    auto subject = load_subject(config, true);
    WrongInCrowds& device =
        move_to(*subject, std::make_unique<WrongInCrowds>(std::move(subject->backend)));
    device.wrong = wrong;
    const Planned planned = make_plan(*subject, config, "");
    Wave wave(*subject, config, planned, as_on_device.wave);
    EXPECT_EQ(wave.refusal(), "");
    device.wrong = false;
    run::Chunk chunk;
    chunk.fill(*planned.plan, 0, planned.plan->trials());
    std::vector<injectors::Effect> effects;
    std::vector<std::uint64_t> rows;  // by worker
    for (std::size_t worker = 0; worker < 2; ++worker) {
      wave.runner(worker).run(chunk, wave.golden(), effects);
      rows.push_back(0);
      for (const auto& forms : wave.runner(worker).counters().rows_by_form) {
        rows.back() += forms[static_cast<std::size_t>(run::Form::canvas)];
      }
    }
    return rows;
  };
  EXPECT_THAT(rows_on_canvases(false), testing::Each(testing::Gt(400U)));
  EXPECT_THAT(rows_on_canvases(true), testing::Each(0U));
}

TEST(DeviceWaveMemory, ThatIsTooSmallForAWaveHalvesIt) {
  CampaignConfig config = support::lenet_config();
  config.campaign.trials = 3000;  // which join at once
  config.run.threads = 1;
  config.faults.sites = {"conv1"};
  const auto run_with = [&](std::size_t most) {
    const support::TempDir folder;
    record::Store store = record::Store::open_for_writing(folder.path("a.db"));
    auto subject = load_subject(config, true);
    const SmallDevice& device =
        move_to(*subject, std::make_unique<SmallDevice>(std::move(subject->backend), most));
    run_campaign(*subject, config, store, as_on_device);
    return std::pair(csv(store), device.refused);
  };
  const auto [rows, none] = run_with(SIZE_MAX);
  const auto [halved, refused] = run_with(1500);  // more than the proofs lay
  EXPECT_EQ(none, 0U);
  EXPECT_GT(refused, 0U);
  EXPECT_EQ(halved, rows);
}

}  // namespace
}  // namespace softbeam::campaign
