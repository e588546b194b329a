// softbeam bench
#include <fmt/format.h>

#include <algorithm>

#include "host/base/error.h"
#include "host/bench/bench.h"
#include "host/cli/commands.h"
#include "host/cli/config_flags.h"
#include "host/cli/number_flags.h"
#include "host/cli/streams.h"
#include "host/config/values.h"

namespace softbeam::cli {
namespace {

struct State {
  std::string model;
  std::string shape;
  std::string seconds = "2";
  std::string plain_trials;
  bool json = false;
};

bool is_campaign_file(const std::string& path) {
  return path == "-" || path.ends_with(".yaml") || path.ends_with(".yml");
}

bool names_trials(const std::string& key) {
  return key == "campaign.trials" || key == "campaign.trials_per_sample";
}

config::CampaignConfig load(const State& state, std::vector<config::Setting> settings,
                            bool& choose_trials) {
  std::string file;
  for (const config::Setting& setting : settings) {
    if (setting.key == "run.mode") {
      throw UsageError("--run.mode: bench measures both modes; remove it");
    }
    choose_trials = choose_trials && !names_trials(setting.key);
  }
  if (is_campaign_file(state.model)) {
    file = state.model;
    const auto keys = config::keys_in(file);
    choose_trials = choose_trials && std::none_of(keys.begin(), keys.end(), names_trials);
  } else {
    for (const config::Setting& setting : settings) {
      if (setting.key == "model.file") {
        throw UsageError(fmt::format(
            "--model.file: given beside the model '{}'; remove one of the two", state.model));
      }
    }
    settings.push_back({"model.file", state.model});
  }
  auto config =
      config::load(file, settings, config::SweepSection::refuse, config::DataFile::optional);
  if (config.run.device != "cpu") {
    throw UsageError(
        fmt::format("run.device: bench on '{}' is not built yet; measure with `--run.device cpu`",
                    config.run.device));
  }
  return config;
}

std::vector<std::int64_t> sample_shape(const State& state, const config::CampaignConfig& config) {
  if (state.shape.empty()) {
    return {};
  }
  if (!config.data.file.empty()) {
    throw UsageError(
        "--input-shape: given beside --data (the samples have a shape); remove one of the two");
  }
  return read_shape_flag("--input-shape", state.shape);
}

}  // namespace

void add_bench(Commands& commands) {
  CLI::App* command = commands.app.add_subcommand(
      "bench", "measure trials a second against fault-free images a second of LibTorch");
  auto state = std::make_shared<State>();
  command
      ->add_option("MODEL", state->model,
                   "a .pt2 or TorchScript file, or a campaign file (.yaml) that names one")
      ->required();
  command
      ->add_option("--input-shape", state->shape,
                   "of one sample, where there is no data, such as 1,28,28")
      ->type_name("SIZES");
  command
      ->add_option("--seconds", state->seconds,
                   "of each measurement of images a second (default 2)")
      ->type_name("TIME");
  command
      ->add_option("--plain-trials", state->plain_trials,
                   "trials of plain mode (default: as many as take about 5 s)")
      ->type_name("COUNT");
  command->add_flag("--json", state->json, "print JSON for scripts");
  auto config_flags =
      std::make_shared<ConfigFlags>(*command, ConfigFlags::ShortNames{{"data.file", "--data"}});
  command->footer(
      "Without data the samples are random numbers. Without campaign.trials there are 8192, or as "
      "many as eager LibTorch computes images in 20 s if that is more.\n"
      "Example: softbeam bench models/lenet5.pt2 --data models/lenet5-digits.npz --data.limit 64");

  commands.actions.emplace_back(command, [=] {
    bench::Options options;
    const config::CampaignConfig config =
        load(*state, config_flags->settings(), options.choose_trials);
    const auto shape = sample_shape(*state, config);
    try {
      options.seconds = config::parse_time_s(state->seconds);
    } catch (const UsageError& error) {
      throw UsageError(fmt::format("--seconds: {}", error.what()));
    }
    if (!state->plain_trials.empty()) {
      options.plain_trials = read_count_flag("--plain-trials", state->plain_trials, 1);
    }
    watch_signals();
    const auto subject = config.data.file.empty()
                             ? campaign::load_on_random_samples(config, shape)
                             : campaign::load_subject(config, /*with_golden=*/false);
    options.stop = &stop_flag();
    if (campaign::stderr_is_terminal()) {
      options.said = [](const std::string& what) { say_plainly("measuring " + what); };
    }
    stop_after_the_chunk(true);
    try {
      const bench::Result result = bench::measure(*subject, config, options);
      print_out(state->json ? to_json(*subject, result) : to_text(*subject, result));
    } catch (const bench::Stopped&) {
      constexpr int stopped_by_signal = 130;
      say("stopped: nothing was kept");
      return stopped_by_signal;
    }
    return 0;
  });
}

}  // namespace softbeam::cli
