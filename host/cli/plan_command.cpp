// softbeam plan
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <optional>

#include "host/base/error.h"
#include "host/campaign/identity.h"
#include "host/cli/commands.h"
#include "host/cli/config_flags.h"
#include "host/cli/number_flags.h"
#include "host/cli/output_file.h"
#include "host/cli/streams.h"
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
    std::string first = "0";
    std::optional<std::string> count;
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
    const std::uint64_t first = read_count_flag("--first", state->first, 0);
    const std::uint64_t count =
        state->count ? read_count_flag("--count", *state->count, 1) : largest_number;
    std::optional<OutputFile> file;
    if (!state->out.empty()) {
      file.emplace(state->out, std::vector<InputFile>{{"the campaign file", config_flags->file()},
                                                      {"the model", config.model.file},
                                                      {"the data", config.data.file}});
    }
    const auto subject = campaign::load_subject(config, /*with_golden=*/false);
    const campaign::Planned planned = campaign::make_plan(*subject, config, "");
    const std::uint64_t trials = planned.plan->trials();
    if (first >= trials) {
      throw UsageError(
          fmt::format("--first: trial {} does not exist (the plan has 0-{})", first, trials - 1));
    }
    std::ostream& out = file ? file->stream() : std::cout;
    plan::write_plan(*planned.plan, subject->profile.sites, first,
                     first + std::min(count, trials - first),
                     state->csv ? plan::FileFormat::csv : plan::FileFormat::json, out);
    if (file) {
      file->finish();
    } else if (!out.flush()) {
      throw RunError("standard output: writing failed (is the disk full?)");
    }
    return 0;
  });
}

}  // namespace softbeam::cli
