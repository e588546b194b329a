#include <unistd.h>

#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class BadStore : public CommandLine {
 protected:
  static Arguments small(const Arguments& more = {}) {
    Arguments all{"--campaign.trials", "20", "--run.threads", "1", "--run.batch", "16"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  // The store's bytes but for the counters of its header (docs of SQLite's file format, 1.3): they
  // count how often the file was opened for writing.
  std::string content_of(const std::string& store) {
    std::string bytes = bytes_of(store);
    for (const std::size_t counter : {24, 92}) bytes.replace(counter, 4, 4, '\0');
    return bytes;
  }

  // A campaign in a.db; the same store is then refused for these flags and stays as it is.
  std::string refused_for(const Arguments& flags, const std::string& store = "a.db") {
    if (!std::filesystem::exists(path(store))) output_of(run_lenet5(store, small()));
    const std::string before = content_of(store);
    Arguments all{"run", "--store", path(store)};
    all.insert(all.end(), flags.begin(), flags.end());
    const std::string message = refused(2, all);
    EXPECT_THAT(message, HasSubstr(store));
    EXPECT_TRUE(content_of(store) == before) << "the store has changed";
    return message;
  }
  std::string refused_flags(const Arguments& flags) {
    Arguments all{"--model.file",  model("lenet5.pt2"),
                  "--data.file",   model("digits.npz"),
                  "--run.threads", "1",
                  "--run.batch",   "16"};
    all.insert(all.end(), flags.begin(), flags.end());
    return refused_for(all);
  }

  // A file that is no store is refused by every command and stays as it is.
  void expect_untouched(const std::string& name, const std::string& reason) {
    const std::string before = bytes_of(name);
    EXPECT_THAT(refused(1, run_lenet5(name, small())), AllOf(HasSubstr(name), HasSubstr(reason)));
    EXPECT_THAT(refused(1, {"report", path(name)}), HasSubstr(reason));
    EXPECT_THAT(refused(1, {"export", path(name), "--csv"}), HasSubstr(reason));
    EXPECT_TRUE(bytes_of(name) == before) << "the file has changed";
    EXPECT_FALSE(std::filesystem::exists(path(name + "-wal")));
  }
};

TEST_F(BadStore, OfAnotherCampaignNamesTheDifference) {
  EXPECT_THAT(refused_flags({"--campaign.trials", "20", "--campaign.seed", "2"}),
              AllOf(HasSubstr("another campaign"), HasSubstr("campaign.seed: 1 -> 2")));
  EXPECT_THAT(refused_flags({"--campaign.trials", "20", "--faults.bits", "30"}),
              HasSubstr("faults.bits"));
  EXPECT_THAT(refused_flags({"--campaign.trials", "20", "--faults.sites", "conv1"}),
              HasSubstr("faults.sites"));
  EXPECT_THAT(refused_flags({"--campaign.trials", "20", "--model.output", "probabilities"}),
              HasSubstr("model.output"));
}

TEST_F(BadStore, OfAnotherModelOrFormatNamesIt) {
  EXPECT_THAT(
      refused_for({"--model.file", model("lenet5.traced.pt"), "--data.file", model("digits.npz"),
                   "--campaign.trials", "20", "--run.threads", "1", "--run.batch", "16"}),
      HasSubstr("model: "));
}

TEST_F(BadStore, OfOtherDataNamesThem) {
  EXPECT_THAT(refused_flags({"--campaign.trials", "20", "--data.limit", "63"}),
              HasSubstr("data: "));
}

TEST_F(BadStore, OfAnotherThreadCountOrChunkShapeNamesIt) {
  EXPECT_THAT(refused_for({"--model.file", model("lenet5.pt2"), "--data.file", model("digits.npz"),
                           "--campaign.trials", "20", "--run.threads", "2", "--run.batch", "16"}),
              HasSubstr("threads: 1 -> 2"));
  EXPECT_THAT(refused_for({"--model.file", model("lenet5.pt2"), "--data.file", model("digits.npz"),
                           "--campaign.trials", "20", "--run.threads", "1", "--run.batch", "8"}),
              HasSubstr("batch: 16 -> 8"));
}

TEST_F(BadStore, WithMoreTrialsThanAskedForIsRefused) {
  EXPECT_THAT(refused_flags({"--campaign.trials", "19"}),
              AllOf(HasSubstr("campaign.trials: 20 -> 19"), HasSubstr("only grow")));
}

TEST_F(BadStore, OfASweepIsNotForARun) {
  const std::string file = folder_.write(
      "sweep.yaml", fmt::format("model: {{file: {}}}\ndata: {{file: {}}}\ncampaign: {{trials: 4}}\n"
                                "sweep: {{faults.bits: [[30], [29]]}}\n",
                                model("lenet5.pt2"), model("digits.npz")));
  output_of({"sweep", file, "--store", path("sweep.db")});
  EXPECT_THAT(refused_for({"--model.file", model("lenet5.pt2"), "--data.file", model("digits.npz"),
                           "--campaign.trials", "4"},
                          "sweep.db"),
              HasSubstr("sweep"));
}

TEST_F(BadStore, ATextFileIsLeftUntouched) {
  folder_.write("notes.db", "not a database, but somebody's notes\n");
  expect_untouched("notes.db", "SQLite");
}

TEST_F(BadStore, AnEmptyFileIsLeftUntouched) {
  folder_.write("empty.db", "");
  expect_untouched("empty.db", "empty");
}

TEST_F(BadStore, AnotherProgramsDatabaseIsLeftUntouched) {
  // A store whose application id, bytes 68 to 71 of the header, says something else.
  output_of(run_lenet5("a.db", small()));
  std::string bytes = bytes_of("a.db");
  bytes.replace(68, 4, "ABCD");
  folder_.write("other.db", bytes);
  expect_untouched("other.db", "other.db");
}

TEST_F(BadStore, InAMissingFolderSaysSo) {
  EXPECT_THAT(refused(1, run_lenet5("none/a.db", small())), HasSubstr("none"));
}

TEST_F(BadStore, InAFolderThatCannotBeWrittenSaysSo) {
  // root may write anywhere but here
  const std::string folder = geteuid() == 0 ? "/proc" : path("locked");
  if (geteuid() != 0) {
    std::filesystem::create_directory(folder);
    std::filesystem::permissions(folder, std::filesystem::perms(0555));
  }
  Arguments all = lenet5("run", {"--store", folder + "/softbeam.db"});
  EXPECT_THAT(refused(1, all), HasSubstr(folder));
}

TEST_F(BadStore, ThatDoesNotExistIsAFailureOfReaders) {
  for (const std::string command : {"report", "export"}) {
    EXPECT_THAT(refused(1, {command, path("none.db")}), HasSubstr("none.db"));
  }
  EXPECT_THAT(refused(1, {"replay", path("none.db"), "--trial", "0"}), HasSubstr("none.db"));
}

TEST_F(BadStore, UnknownCampaignOrTrialIsAUsageError) {
  output_of(run_lenet5("a.db", small()));
  EXPECT_THAT(refused(2, {"report", path("a.db"), "--campaign", "2"}),
              AllOf(HasSubstr("--campaign"), HasSubstr("2")));
  EXPECT_THAT(refused(2, {"replay", path("a.db"), "--trial", "20"}),
              AllOf(HasSubstr("--trial 20"), HasSubstr("it has 20")));
}

}  // namespace
}  // namespace softbeam::cli
