// stdout is the result and stderr the rest; a reader that goes away costs no trial.
#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::HasSubstr;

class Output : public CommandLine {
 protected:
  Arguments small(const std::string& store) {
    return run_lenet5(store, {"--campaign.trials", "300", "--run.batch", "32"});
  }
};

TEST_F(Output, StandardErrorIsQuietWhereItIsNoTerminal) {
  const support::Finished run = softbeam(small("a.db"));
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, HasSubstr("300 of 300 trials done"));
  for (const Arguments& command :
       {Arguments{"report", path("a.db")}, Arguments{"export", path("a.db"), "--csv"},
        Arguments{"replay", path("a.db"), "--trial", "0"},
        Arguments{"inspect", model("lenet5.pt2")}}) {
    const support::Finished finished = softbeam(command);
    EXPECT_EQ(finished.err, "") << command.front();
    EXPECT_NE(finished.out, "") << command.front();
  }
}

TEST_F(Output, RunPrintsWhatReportPrints) {
  const std::string run = output_of(small("a.db"));
  EXPECT_EQ(output_of({"report", path("a.db")}), run);
}

TEST_F(Output, AClosedPipeCostsNoTrialAndLeavesTheStoreInOrder) {
  support::Launch closed = launch(small("a.db"));
  closed.out = support::Stdout::closed_pipe;
  const support::Finished finished = support::run_program(closed);
  EXPECT_EQ(finished.signal, 0);
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(finished.err, HasSubstr("standard output"));
  EXPECT_EQ(trials_in("a.db"), 300U);
  EXPECT_FALSE(std::filesystem::exists(path("a.db-wal")));
  EXPECT_FALSE(std::filesystem::exists(path("a.db.lock")));
  output_of(small("b.db"));
  EXPECT_EQ(exported("a.db"), exported("b.db"));
}

TEST_F(Output, ExportHasTheDocumentedColumns) {
  output_of(small("a.db"));
  const std::string csv = exported("a.db");
  const std::string header = csv.substr(0, csv.find('\n'));
  EXPECT_EQ(header,
            "trial,fault,sample,site,element,bits,activated,outcome,depth,operation,keep,flip,"
            "label,golden_top1,golden_confidence,golden_correct,top1,sdc_1,sdc_5,sdc_10,sdc_20,"
            "max_abs,max_rel");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 301);
  std::istringstream lines(csv);
  std::string line;
  while (std::getline(lines, line)) {
    EXPECT_EQ(std::count(line.begin(), line.end(), ','),
              std::count(header.begin(), header.end(), ','));
  }
}

TEST_F(Output, ExportWritesTheSameToAFile) {
  output_of(small("a.db"));
  EXPECT_EQ(output_of({"export", path("a.db"), "--csv", "--out", path("a.csv")}), "");
  EXPECT_EQ(bytes_of("a.csv"), exported("a.db"));
  EXPECT_THAT(refused(1, {"export", path("a.db"), "--out", path("none/a.csv")}),
              HasSubstr("none/a.csv"));
}

TEST_F(Output, ThatCannotBeWrittenIsAFailure) {
  output_of(small("a.db"));
  for (const std::string command : {"report ", "export --csv "}) {
    const support::Finished finished = support::run_program(
        {.program = "/bin/sh",
         .arguments = {"-c", SB_PROGRAM " " + command + path("a.db") + " > /dev/full"}});
    EXPECT_EQ(finished.exit_code, 1) << command;
    EXPECT_THAT(finished.err, HasSubstr("softbeam: ")) << command;
  }
}

TEST_F(Output, TheExitCodeIsRightAlsoWithoutStandardError) {
  for (const std::string where : {" 2> /dev/full", " 2>&-"}) {
    const support::Finished finished = support::run_program(
        {.program = "/bin/sh", .arguments = {"-c", SB_PROGRAM " reprot" + where + "; exit $?"}});
    EXPECT_EQ(finished.exit_code, 2) << where;
  }
}

TEST_F(Output, ExportToAFullDiskIsAFailure) {
  output_of(small("a.db"));
  EXPECT_THAT(refused(1, {"export", path("a.db"), "--out", "/dev/full"}), HasSubstr("full"));
}

}  // namespace
}  // namespace softbeam::cli
