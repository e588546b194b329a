// A campaign file in a temporary folder, loaded or refused. Used by the tests of this folder.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.h"
#include "host/config/load.h"
#include "tests/support/message_of.h"
#include "tests/support/temp_dir.h"

namespace softbeam::config {

class CampaignFile : public testing::Test {
 protected:
  // What every campaign needs, on lines 1 and 2; the text under test begins on line 3.
  static constexpr std::string_view required = "model: {file: m.pt2}\ndata: {file: d.npz}\n";

  std::string write(std::string_view text) { return folder_.write("campaign.yaml", text); }

  CampaignConfig load_with(std::string_view text, const std::vector<Setting>& settings = {}) {
    return load(write(std::string(required) + std::string(text)), settings);
  }

  // The message for the file as it is given.
  std::string refuse_whole(std::string_view text) {
    const std::string path = write(text);
    std::string message = support::message_of<UsageError>([&] { load(path, {}); });
    EXPECT_THAT(message, testing::HasSubstr(path));
    return message;
  }

  // The message for the required keys and this text; places read "campaign.yaml:3".
  std::string refuse(std::string_view text) {
    return refuse_whole(std::string(required) + std::string(text));
  }

  // The message for a flag over the required keys.
  std::string refuse_flag(const std::string& key, const std::string& value) {
    const std::string path = write(required);
    return support::message_of<UsageError>([&] { load(path, {{key, value}}); });
  }

  support::TempDir folder_;
};

}  // namespace softbeam::config
