// The flags that all commands with a campaign share: the file, every key as a flag, --dump-config.
// Private to host/cli.
#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/config/load.h"

namespace softbeam::cli {

class ConfigFlags {
 public:
  // Short spellings of keys, for one command.
  using ShortNames = std::map<std::string, std::string>;

  // Adds the positional CONFIG and a flag for every key of the schema.
  explicit ConfigFlags(CLI::App& command);
  // The flags alone, and no --dump-config.
  ConfigFlags(CLI::App& command, const ShortNames& short_names);

  const std::string& file() const { return *file_; }
  bool dump() const { return *dump_; }
  // The flags that were given, in the schema's order.
  std::vector<config::Setting> settings() const;
  config::CampaignConfig load() const { return config::load(file(), settings()); }

 private:
  std::shared_ptr<std::string> file_ = std::make_shared<std::string>();
  std::shared_ptr<bool> dump_ = std::make_shared<bool>(false);
  std::shared_ptr<bool> allow_ = std::make_shared<bool>(false);
  std::shared_ptr<std::map<std::string, std::string>> given_ =
      std::make_shared<std::map<std::string, std::string>>();
  std::vector<std::pair<std::string, CLI::Option*>> options_;
};

}  // namespace softbeam::cli
