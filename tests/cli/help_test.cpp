#include "host/config/schema.h"
#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using Help = CommandLine;

const std::vector<std::string> commands{"run",    "sweep",  "plan",  "inspect", "report",
                                        "replay", "export", "bench", "doctor"};

TEST_F(Help, OfTheProgramNamesEveryCommandAndExitCode) {
  const std::string help = output_of({"--help"});
  for (const std::string& command : commands) EXPECT_THAT(help, HasSubstr("  " + command));
  EXPECT_THAT(help, AllOf(HasSubstr("0 done"), HasSubstr("2 usage"), HasSubstr("3 device"),
                          HasSubstr("130 stopped"), HasSubstr("Example: softbeam run")));
}

TEST_F(Help, OfEachCommandHasAnExampleOfIt) {
  for (const std::string& command : commands) {
    EXPECT_THAT(output_of({command, "--help"}), AllOf(HasSubstr("Usage: softbeam " + command),
                                                      HasSubstr("Example: softbeam " + command)));
  }
}

TEST_F(Help, OfCommandsWithACampaignDocumentsEveryKey) {
  for (const std::string command : {"run", "sweep", "plan", "bench"}) {
    const std::string help = output_of({command, "--help"});
    if (command != "bench") {
      EXPECT_THAT(help, AllOf(HasSubstr("CONFIG"), HasSubstr("--dump-config")));
    }
    for (const config::Key& key : config::keys()) {
      EXPECT_THAT(help, HasSubstr("--" + key.name)) << command;
      // The text is wrapped; its first words stand on one line.
      EXPECT_THAT(help, HasSubstr(key.help.substr(0, 20))) << command;
    }
  }
}

TEST_F(Help, DocumentsTheFlagsOfEachCommand) {
  const std::vector<std::pair<std::string, Arguments>> flags{
      {"run",
       {"--store", "--plan", "--json", "--by", "--interval", "--confidence", "--max-time",
        "--allow-nondeterministic"}},
      {"sweep", {"--store", "--json", "--by", "--interval", "--confidence"}},
      {"plan", {"--json", "--csv", "--out", "--first", "--count"}},
      {"inspect", {"MODEL", "--data", "--input-shape", "--node-inputs", "--json"}},
      {"report", {"STORE", "--campaign", "--json", "--by", "--interval", "--confidence"}},
      {"replay", {"STORE", "--campaign", "--trial", "--json", "--model.file", "--data.file"}},
      {"export", {"STORE", "--campaign", "--csv", "--out"}},
      {"bench",
       {"MODEL", "--data", "--input-shape", "--seconds", "--plain-trials", "--json", "--max-time"}},
      {"doctor", {"--device"}}};
  for (const auto& [command, names] : flags) {
    const std::string help = output_of({command, "--help"});
    for (const std::string& name : names) EXPECT_THAT(help, HasSubstr(name)) << command;
  }
}

TEST_F(Help, EveryFlagHasAText) {
  for (const std::string& command : commands) {
    std::istringstream lines(output_of({command, "--help"}));
    std::string line;
    while (std::getline(lines, line)) {
      if (!line.starts_with("  -")) continue;
      const std::string flag = line;
      // Long flags have their text on the next line.
      const bool here = line.find("  ", 3) != std::string::npos;
      if (!here) {
        ASSERT_TRUE(std::getline(lines, line));
      }
      EXPECT_NE(line.find_first_not_of(' '), std::string::npos) << command << ": " << flag;
      EXPECT_FALSE(!here && line.starts_with("  -")) << command << ": " << flag;
    }
  }
}

TEST_F(Help, VersionIsOneLine) {
  EXPECT_THAT(output_of({"--version"}),
              testing::MatchesRegex("softbeam [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

}  // namespace
}  // namespace softbeam::cli
