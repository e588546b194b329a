// softbeam report, replay and export: what is read from a store.
#include <fmt/format.h>

#include <iostream>

#include "host/base/error.h"
#include "host/campaign/replay.h"
#include "host/cli/commands.h"
#include "host/cli/number_flags.h"
#include "host/cli/output_file.h"
#include "host/cli/report_flags.h"
#include "host/cli/streams.h"
#include "host/config/load.h"

namespace softbeam::cli {
namespace {

// The campaigns that --campaign chooses: one by its number, or all of a sweep ("").
std::vector<std::int64_t> choose(const record::Store& store, const std::string& number) {
  const std::uint64_t wanted = number.empty() ? 0 : read_count_flag("--campaign", number, 1);
  std::vector<std::int64_t> ids;
  for (const record::CampaignRow& row : store.campaigns()) {
    if (wanted == 0 || row.id == static_cast<std::int64_t>(wanted)) {
      ids.push_back(row.id);
    }
  }
  if (ids.empty()) {
    throw UsageError(wanted == 0 ? fmt::format("{}: holds no campaign yet", store.path())
                                 : fmt::format("--campaign: {} holds no campaign {} (it has {})",
                                               store.path(), wanted, store.campaigns().size()));
  }
  return ids;
}

std::int64_t choose_one(const record::Store& store, const std::string& number) {
  const auto ids = choose(store, number);
  if (ids.size() > 1) {
    throw UsageError(fmt::format("{}: holds {} campaigns; choose one with --campaign 1-{}",
                                 store.path(), ids.size(), ids.size()));
  }
  return ids.front();
}

// The store, and the files that its campaign was run on.
std::vector<InputFile> inputs_of(const record::Store& store, std::int64_t campaign) {
  std::vector<InputFile> inputs{{"the store", store.path()}};
  for (const record::CampaignRow& row : store.campaigns()) {
    if (row.id == campaign) {
      const config::CampaignConfig config = config::parse(row.config);
      inputs.emplace_back("the model", config.model.file);
      inputs.emplace_back("the data", config.data.file);
    }
  }
  return inputs;
}

CLI::Option* add_store(CLI::App& command, std::string& path, std::string& campaign) {
  command.add_option("--campaign", campaign, "number of the campaign in a sweep's store")
      ->type_name("NUMBER");
  return command.add_option("STORE", path, "the campaign store")->required();
}

// A reader of the CSV must not take its lines for all trials.
void say_what_is_missing(const record::Store& store, std::int64_t campaign) {
  const std::uint64_t rows = store.rows(campaign);
  const std::uint64_t trials = store.count(campaign);
  if (rows < trials) {
    say(
        fmt::format("only {} of {} trials are rows (campaign.record: aggregate keeps those with "
                    "SDC or a non-finite output, lowest ids first); `softbeam report` counts all",
                    rows, trials));
  }
}

}  // namespace

void add_report(Commands& commands) {
  CLI::App* command =
      commands.app.add_subcommand("report", "print what a store says: rates with intervals");
  auto path = std::make_shared<std::string>();
  auto number = std::make_shared<std::string>();
  add_store(*command, *path, *number);
  auto flags = std::make_shared<ReportFlags>(*command);
  command->footer("Example: softbeam report lenet5.db --by site,bit");
  commands.actions.emplace_back(command, [=] {
    const report::Options options = flags->options();
    const record::Store store = record::Store::open_for_reading(*path);
    print_report(store, choose(store, *number), options, flags->json());
    return 0;
  });
}

void add_export(Commands& commands) {
  CLI::App* command = commands.app.add_subcommand("export", "write one line per trial as CSV");
  auto path = std::make_shared<std::string>();
  auto number = std::make_shared<std::string>();
  auto out_path = std::make_shared<std::string>();
  auto csv = std::make_shared<bool>(false);
  add_store(*command, *path, *number);
  command->add_flag("--csv", *csv, "comma-separated values (the only form so far)");
  command->add_option("--out", *out_path, "write to this file")->type_name("FILE");
  command->footer(
      "Columns are documented in docs/store.md. Of a campaign that counts its trials "
      "(campaign.record) only those that are kept are rows.\n"
      "Example: softbeam export lenet5.db --csv --out lenet5.csv");
  commands.actions.emplace_back(command, [=] {
    const record::Store store = record::Store::open_for_reading(*path);
    const std::int64_t campaign = choose_one(store, *number);
    say_what_is_missing(store, campaign);
    if (out_path->empty()) {
      report::export_csv(store, campaign, std::cout);
      return 0;
    }
    OutputFile file(*out_path, inputs_of(store, campaign));
    report::export_csv(store, campaign, file.stream());
    file.finish();
    return 0;
  });
}

void add_replay(Commands& commands) {
  CLI::App* command = commands.app.add_subcommand(
      "replay", "run one recorded trial again and show every value that it changed");
  struct State {
    std::string path;
    std::string number;
    std::optional<std::string> trial;
    bool json = false;
    std::string model;
    std::string data;
  };
  auto state = std::make_shared<State>();
  add_store(*command, state->path, state->number);
  command->add_option("--trial", state->trial, "id of the trial")->type_name("TRIAL");
  command->add_flag("--json", state->json, "print JSON for scripts");
  command->add_option("--model.file", state->model, "where the model lies now")->type_name("FILE");
  command->add_option("--data.file", state->data, "where the data lie now")->type_name("FILE");
  command->footer(
      "Exit code 1 if the outcome does not equal the record.\n"
      "Example: softbeam replay lenet5.db --trial 8341");
  commands.actions.emplace_back(command, [=] {
    if (!state->trial) {
      throw UsageError("--trial is missing (the id of a trial); see `softbeam export`");
    }
    const std::uint64_t trial = read_count_flag("--trial", *state->trial, 0);
    const record::Store store = record::Store::open_for_reading(state->path);
    std::vector<config::Setting> settings;
    if (!state->model.empty()) {
      settings.push_back({"model.file", state->model});
    }
    if (!state->data.empty()) {
      settings.push_back({"data.file", state->data});
    }
    const campaign::Replay replay =
        campaign::replay_trial(store, choose_one(store, state->number), trial, settings);
    print_out(state->json ? campaign::to_json(replay) : campaign::to_text(replay));
    return replay.equal ? 0 : 1;
  });
}

}  // namespace softbeam::cli
