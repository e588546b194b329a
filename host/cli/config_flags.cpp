#include "host/cli/config_flags.h"

#include <fmt/format.h>

#include "host/base/error.h"
#include "host/config/schema.h"

namespace softbeam::cli {

ConfigFlags::ConfigFlags(CLI::App& command) : ConfigFlags(command, {}) {
  command.add_option("CONFIG", *file_, "campaign file (YAML); '-' reads standard input");
  command.add_flag("--dump-config", *dump_, "print the resolved configuration and stop");
}

ConfigFlags::ConfigFlags(CLI::App& command, const ShortNames& short_names) {
  command.add_flag("--allow-nondeterministic", *allow_,
                   "short for --run.allow_nondeterministic true");
  for (const config::Key& key : config::keys()) {
    // The short spelling of the one key that is about this call alone.
    std::string names = key.name == "run.max_time" ? "--max-time,--run.max_time" : "--" + key.name;
    if (const auto found = short_names.find(key.name); found != short_names.end()) {
      names = found->second + "," + names;
    }
    const std::string text =
        key.fallback.empty() ? key.help : fmt::format("{} (default {})", key.help, key.fallback);
    CLI::Option* option = command.add_option(names, (*given_)[key.name], text);
    option->type_name(key.form)->group(
        fmt::format("Keys of the campaign file: {}", key.name.substr(0, key.name.find('.'))));
    options_.emplace_back(key.name, option);
  }
}

std::vector<config::Setting> ConfigFlags::settings() const {
  std::vector<config::Setting> settings;
  const std::string switched = "run.allow_nondeterministic";
  for (const auto& [name, option] : options_) {
    if (option->count() > 0) {
      settings.push_back({name, given_->at(name)});
      if (*allow_ && name == switched) {
        throw UsageError(fmt::format(
            "--allow-nondeterministic: given beside --{}; remove one of the two", switched));
      }
    }
    if (*allow_ && name == switched) settings.push_back({switched, "true"});
  }
  return settings;
}

}  // namespace softbeam::cli
