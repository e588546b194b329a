// softbeam sweep
#include <fmt/format.h>

#include "host/base/error.h"
#include "host/campaign/campaign.h"
#include "host/cli/commands.h"
#include "host/cli/config_flags.h"
#include "host/cli/ending.h"
#include "host/cli/report_flags.h"

namespace softbeam::cli {
namespace {

struct Point {
  std::string label;
  config::CampaignConfig config;
};

std::string label_of(const std::vector<config::Setting>& settings) {
  std::string label;
  for (const config::Setting& setting : settings) {
    label += fmt::format("{}{}={}", label.empty() ? "" : " ", setting.key, setting.value);
  }
  return label;
}

// All points are read before the first one runs: a mistake in the last costs nothing.
std::vector<Point> read_points(const ConfigFlags& flags) {
  std::vector<Point> points;
  for (const auto& swept : config::load_sweep(flags.file(), flags.settings())) {
    std::vector<config::Setting> settings = flags.settings();
    settings.insert(settings.end(), swept.begin(), swept.end());
    points.push_back(
        {label_of(swept), config::load(flags.file(), settings, config::SweepSection::allow)});
  }
  return points;
}

}  // namespace

void add_sweep(Commands& commands) {
  CLI::App* command = commands.app.add_subcommand(
      "sweep", "run one campaign for each value of some keys and compare them");
  auto config_flags = std::make_shared<ConfigFlags>(*command);
  auto report_flags = std::make_shared<ReportFlags>(*command);
  auto store_path = std::make_shared<std::string>();
  command->add_option("--store", *store_path, "the store of all campaigns; created, or continued")
      ->type_name("FILE");
  command->footer(
      "The file's section `sweep:` maps keys to lists of values; all combinations "
      "run.\nExample: softbeam sweep configs/bits_sweep.yaml --store bits.db");

  commands.actions.emplace_back(command, [=] {
    const std::vector<Point> points = read_points(*config_flags);
    if (config_flags->dump()) {
      for (const Point& point : points) {
        print_out(fmt::format("# {}\n{}---\n", point.label, config::dump(point.config)));
      }
      return 0;
    }
    const report::Options options = report_flags->options();
    const auto deadline = campaign::deadline_of(points.front().config);
    if (store_path->empty()) {
      throw UsageError(
          "--store is missing (the file that keeps the trials); such as --store "
          "sweep.db");
    }
    watch_signals();
    record::Store store = record::Store::open_for_writing(*store_path);
    std::unique_ptr<campaign::Subject> subject;
    std::vector<std::int64_t> ids;
    int code = 0;
    bool going_on = true;
    for (std::size_t i = 0; i < points.size() && going_on; ++i) {
      const Point& point = points[i];
      if (!subject || !campaign::same_subject(subject->config, point.config)) {
        subject.reset();
        subject = campaign::load_subject(point.config, /*with_golden=*/true);
      }
      if (campaign::stderr_is_terminal()) {
        say_plainly(fmt::format("{}/{}  {}", i + 1, points.size(), point.label));
      }
      stop_after_the_chunk(true);
      const auto result = campaign::run_campaign(*subject, point.config, store,
                                                 {.label = point.label,
                                                  .plan_file = "",
                                                  .show_progress = campaign::stderr_is_terminal(),
                                                  .stop = &stop_flag(),
                                                  .deadline = deadline});
      ids.push_back(result.id);
      stop_after_the_chunk(false);
      going_on = result.ending == campaign::Ending::complete;
      code = say_how_it_ended(result);
    }
    if (ids.size() < points.size()) {
      say(fmt::format("{} of {} points of the sweep did not run", points.size() - ids.size(),
                      points.size()));
    }
    print_comparison(store, ids, options, report_flags->json());
    return code;
  });
}

}  // namespace softbeam::cli
