// softbeam plan
#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "host/base/error.h"
#include "host/campaign/identity.h"
#include "host/cli/commands.h"
#include "host/cli/config_flags.h"
#include "host/cli/report_flags.h"
#include "host/plan/plan_file.h"

namespace softbeam::cli {

void add_plan(Commands& commands) {
  CLI::App* command = commands.app.add_subcommand(
      "plan", "print the faults and samples of every trial without running them");
  auto config_flags = std::make_shared<ConfigFlags>(*command);
  struct State {
    bool json = false;
    bool csv = false;
    std::string out;
    std::uint64_t first = 0;
    std::optional<std::uint64_t> count;
  };
  auto state = std::make_shared<State>();
  command->add_flag("--json", state->json, "JSON (the default)");
  command->add_flag("--csv", state->csv, "CSV, one line per corruption");
  command->add_option("--out", state->out, "write to this file")->type_name("FILE");
  command->add_option("--first", state->first, "from this trial on (default 0)")
      ->type_name("TRIAL");
  command->add_option("--count", state->count, "so many trials (default: all)")->type_name("COUNT");
  command->footer(
      "`softbeam run --plan FILE` runs such a file, also one written by hand.\n"
      "Example: softbeam plan configs/quickstart_lenet5.yaml --count 3");

  commands.actions.emplace_back(command, [=] {
    const config::CampaignConfig config = config_flags->load();
    if (config_flags->dump()) {
      print_out(config::dump(config));
      return 0;
    }
    if (state->csv && state->json) {
      throw UsageError("--json and --csv do not go together; choose one");
    }
    const auto subject = campaign::load_subject(config, /*with_golden=*/false);
    const campaign::Planned planned = campaign::make_plan(*subject, config, "");
    const std::uint64_t trials = planned.plan->trials();
    if (state->first >= trials) {
      throw UsageError(fmt::format("--first: trial {} does not exist (the plan has 0-{})",
                                   state->first, trials - 1));
    }
    const std::uint64_t last = state->count && *state->count < trials - state->first
                                   ? state->first + *state->count
                                   : trials;
    std::ofstream file;
    if (!state->out.empty()) {
      file.open(state->out, std::ios::trunc);
      if (!file) {
        throw RunError(fmt::format("{}: cannot be written", state->out));
      }
    }
    std::ostream& out = state->out.empty() ? std::cout : file;
    plan::write_plan(*planned.plan, subject->profile.sites, state->first, last,
                     state->csv ? plan::FileFormat::csv : plan::FileFormat::json, out);
    out.flush();
    if (!out) {
      throw RunError(fmt::format("{}: writing failed (is the disk full?)",
                                 state->out.empty() ? "standard output" : state->out));
    }
    return 0;
  });
}

}  // namespace softbeam::cli
