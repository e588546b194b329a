// softbeam run
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/base/error.h"
#include "host/campaign/campaign.h"
#include "host/cli/commands.h"
#include "host/cli/config_flags.h"
#include "host/cli/ending.h"
#include "host/cli/report_flags.h"
#include "host/cli/streams.h"

namespace softbeam::cli {
namespace {

// What the plan's file says instead of the configuration.
bool is_planned(const std::string& key) {
  return key.starts_with("faults.") || key == "campaign.trials" ||
         key == "campaign.trials_per_sample" || key == "campaign.samples_per_fault" ||
         key == "campaign.seed";
}

void check_plan(const std::string& plan_file, const ConfigFlags& flags) {
  for (const config::Setting& setting : flags.settings()) {
    if (is_planned(setting.key)) {
      throw UsageError(fmt::format(
          "--{}: given beside --plan ('{}' says which faults meet which samples); remove one of "
          "the two",
          setting.key, plan_file));
    }
  }
  std::vector<std::string> unused = config::keys_in(flags.file());
  std::erase_if(unused, [](const std::string& key) { return !is_planned(key); });
  if (!unused.empty()) {
    say(fmt::format("faults and trials are those of '{}'; not used: {} of '{}'", plan_file,
                    fmt::join(unused, ", "), flags.file()));
  }
}

}  // namespace

void add_run(Commands& commands) {
  CLI::App* command =
      commands.app.add_subcommand("run", "run a campaign, or go on with it, and print its report");
  auto config_flags = std::make_shared<ConfigFlags>(*command);
  auto report_flags = std::make_shared<ReportFlags>(*command);
  auto store_path = std::make_shared<std::string>();
  auto plan_file = std::make_shared<std::string>();
  command->add_option("--store", *store_path, "the campaign store; created, or continued")
      ->type_name("FILE");
  command->add_option("--plan", *plan_file, "run the faults of this file (JSON or CSV, see `plan`)")
      ->type_name("FILE");
  command->footer(
      "Example: softbeam run configs/quickstart_lenet5.yaml --store lenet5.db "
      "--campaign.trials 50000");

  commands.actions.emplace_back(command, [=] {
    const config::CampaignConfig config = config_flags->load();
    if (config_flags->dump()) {
      print_out(config::dump(config));
      return 0;
    }
    report::Options options = report_flags->options();
    options.confidence = options.confidence.value_or(config.campaign.confidence);
    if (!plan_file->empty()) {
      check_plan(*plan_file, *config_flags);
    }
    const auto deadline = campaign::deadline_of(config);
    if (store_path->empty()) {
      throw UsageError(
          "--store is missing (the file that keeps the trials); such as --store "
          "campaign.db");
    }
    watch_signals();
    // The store before the model: a path that cannot be written is found at once.
    record::Store store = record::Store::open_for_writing(*store_path);
    const auto subject = campaign::load_subject(config, /*with_golden=*/true);
    stop_after_the_chunk(true);
    const auto result = campaign::run_campaign(*subject, config, store,
                                               {.label = "",
                                                .plan_file = *plan_file,
                                                .show_progress = campaign::stderr_is_terminal(),
                                                .stop = &stop_flag(),
                                                .deadline = deadline});
    print_report(store, {result.id}, options, report_flags->json());
    return say_how_it_ended(result);
  });
}

}  // namespace softbeam::cli
