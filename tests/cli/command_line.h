// The program under test, with the test models at hand. Used by the tests of this folder.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "host/record/store.h"
#include "tests/support/program.h"
#include "tests/support/temp_dir.h"

namespace softbeam::cli {

using Arguments = std::vector<std::string>;

class CommandLine : public testing::Test {
 protected:
  static std::string model(const std::string& name) { return SB_TEST_MODELS "/" + name; }

  static support::Launch launch(Arguments arguments) {
    return {.program = SB_PROGRAM, .arguments = std::move(arguments)};
  }
  static support::Finished softbeam(Arguments arguments) {
    support::Finished finished = support::run_program(launch(std::move(arguments)));
    EXPECT_EQ(finished.signal, 0) << finished.err;
    return finished;
  }

  // A command on LeNet-5 and its 64 digits, with more flags behind.
  static Arguments lenet5(const std::string& command, const Arguments& more = {}) {
    Arguments all{command, "--model.file", model("lenet5.pt2"), "--data.file", model("digits.npz")};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Arguments run_lenet5(const std::string& store, const Arguments& more = {}) {
    Arguments all = lenet5("run", {"--store", path(store)});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  // What the program prints; it must succeed.
  static std::string output_of(Arguments arguments) {
    const support::Finished finished = softbeam(std::move(arguments));
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return finished.out;
  }
  // The message on stderr; the program must end with this exit code and print nothing to stdout.
  static std::string refused(int exit_code, Arguments arguments) {
    const support::Finished finished = softbeam(std::move(arguments));
    EXPECT_EQ(finished.exit_code, exit_code) << finished.err;
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, testing::StartsWith("softbeam: "));
    return finished.err;
  }

  std::string path(const std::string& name) const { return folder_.path(name); }
  std::string exported(const std::string& store) {
    return output_of({"export", path(store), "--csv"});
  }
  // Trials in the store's first campaign; 0 where there is none yet.
  std::uint64_t trials_in(const std::string& store) const {
    if (!std::filesystem::exists(path(store))) return 0;
    const auto opened = record::Store::open_for_reading(path(store));
    return opened.campaigns().empty() ? 0 : opened.count(opened.campaigns().front().id);
  }
  std::string bytes_of(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  support::TempDir folder_;
};

}  // namespace softbeam::cli
