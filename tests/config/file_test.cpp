#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <thread>

#include "tests/config/campaign_file.h"

namespace softbeam::config {
namespace {

using support::message_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(CampaignFile, FillsInTheDefaults) {
  CampaignConfig expected;
  expected.model.file = "m.pt2";
  expected.data.file = "d.npz";
  EXPECT_EQ(load_with(""), expected);
}

TEST_F(CampaignFile, SetsWhatItSays) {
  const CampaignConfig config = load(write(R"(# every section
model:    {file: lenet5.pt2, output: probabilities}
data:     {file: mnist.npz, limit: 1000}
faults:
  where: weights
  sites: ["conv1", layer1.*]
  ops:   [conv2d, linear]
  weight: bytes
  what:  stuck_at_1
  bits:  [0-7, 30, sign]
  count: 2
campaign: {trials: 500, seed: 0, samples_per_fault: 3, confidence: 0.99}
run:      {device: "cuda:1", mode: plain, verify: 0.25, threads: 2, batch: 16, max_time: 10m}
)"),
                                     {});
  EXPECT_EQ(config.model.output, OutputKind::probabilities);
  EXPECT_EQ(config.data.limit, 1000U);
  EXPECT_EQ(config.faults.where, Where::weights);
  EXPECT_THAT(config.faults.sites, ElementsAre("conv1", "layer1.*"));
  EXPECT_THAT(config.faults.ops, ElementsAre("conv2d", "linear"));
  EXPECT_EQ(config.faults.weight, SiteWeight::bytes);
  EXPECT_EQ(config.faults.what, injectors::Operation::stuck_at_1);
  ASSERT_EQ(config.faults.bits.size(), 3U);
  EXPECT_EQ(config.faults.bits[0], injectors::BitSelector(injectors::BitRange{0, 8}));
  EXPECT_EQ(config.faults.bits[2], injectors::BitSelector(injectors::Field::sign));
  EXPECT_EQ(config.faults.count, 2U);
  EXPECT_EQ(config.campaign.trials, 500U);
  EXPECT_EQ(config.campaign.seed, 0U);
  EXPECT_EQ(config.campaign.samples_per_fault, 3U);
  EXPECT_EQ(config.campaign.confidence, 0.99);
  EXPECT_EQ(config.run.device, "cuda:1");
  EXPECT_EQ(config.run.mode, Mode::plain);
  EXPECT_EQ(config.run.verify, 0.25);
  EXPECT_EQ(config.run.threads, 2U);
  EXPECT_EQ(config.run.batch, 16U);
  EXPECT_EQ(config.run.max_time_s, 600.0);
}

TEST_F(CampaignFile, RefusesAnUnknownSectionWithTheNearestOne) {
  EXPECT_THAT(refuse("fualts: {count: 1}\n"),
              AllOf(HasSubstr("campaign.yaml:3"), HasSubstr("unknown section 'fualts'"),
                    HasSubstr("did you mean 'faults'?"), HasSubstr("campaign, run")));
}

TEST_F(CampaignFile, SaysToWhichSectionAKeyAtTheTopBelongs) {
  EXPECT_THAT(refuse("bits: [3]\n"), AllOf(HasSubstr("campaign.yaml:3"), HasSubstr("'faults'"),
                                           HasSubstr("faults: {bits: ...}")));
  EXPECT_THAT(refuse("faults.bits: [3]\n"), HasSubstr("faults: {bits: ...}"));
}

TEST_F(CampaignFile, RefusesAnUnknownKeyWithTheNearestOne) {
  EXPECT_THAT(refuse("campaign:\n  seed: 1\n  trails: 7\n"),
              AllOf(HasSubstr("campaign.yaml:5"), HasSubstr("unknown key 'campaign.trails'"),
                    HasSubstr("did you mean 'campaign.trials'?")));
}

TEST_F(CampaignFile, FindsAKeyThatStandsInTheWrongSection) {
  EXPECT_THAT(refuse("run: {seed: 7}\n"),
              AllOf(HasSubstr("'run.seed'"), HasSubstr("did you mean 'campaign.seed'?")));
}

TEST_F(CampaignFile, ListsTheKeysOfTheSectionWhereNothingIsNear) {
  EXPECT_THAT(refuse("run: {qqqqqq: 7}\n"),
              AllOf(HasSubstr("'run.qqqqqq'"), HasSubstr("device, mode, threads")));
}

TEST_F(CampaignFile, AsksForASpaceBehindTheColon) {
  EXPECT_THAT(refuse("campaign: {trials:7}\n"), HasSubstr("`trials: 7`"));
}

TEST_F(CampaignFile, RefusesASectionThatIsNotAMapping) {
  for (const char* body : {"12", "[a, b]"}) {
    EXPECT_THAT(refuse(std::string("run: ") + body + "\n"),
                AllOf(HasSubstr("campaign.yaml:3"), HasSubstr("'run' is not a mapping")));
  }
  EXPECT_THAT(refuse("run:\n"), AllOf(HasSubstr("campaign.yaml:3"), HasSubstr("'run' is empty")));
}

TEST_F(CampaignFile, RefusesASectionThatIsGivenTwice) {
  EXPECT_THAT(
      refuse("run: {threads: 1}\nfaults: {count: 1}\nrun: {batch: 1}\n"),
      AllOf(HasSubstr("campaign.yaml:5"), HasSubstr("section 'run'"), HasSubstr("second time")));
}

TEST_F(CampaignFile, RefusesAKeyThatIsGivenTwice) {
  EXPECT_THAT(refuse("run:\n  threads: 1\n  batch: 1\n  threads: 1\n"),
              AllOf(HasSubstr("campaign.yaml:6: run.threads"), HasSubstr("second time")));
}

TEST_F(CampaignFile, RefusesAKeyThatIsNotText) {
  EXPECT_THAT(refuse("? [a, b]\n: 1\n"), HasSubstr("key is not plain text"));
  EXPECT_THAT(refuse("run: {[a]: 1}\n"), HasSubstr("key is not plain text"));
}

TEST_F(CampaignFile, RefusesAnEmptyFile) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n"}) {
    EXPECT_THAT(refuse_whole(text), AllOf(HasSubstr("empty"), HasSubstr("model: {file:")));
  }
}

TEST_F(CampaignFile, RefusesAFileThatIsNotAMapping) {
  EXPECT_THAT(refuse_whole("\njust words\n"),
              AllOf(HasSubstr("campaign.yaml:2"), HasSubstr("not a campaign")));
  EXPECT_THAT(refuse_whole("- a\n- b\n"), HasSubstr("campaign.yaml:1"));
}

TEST_F(CampaignFile, SaysWhereTheYamlIsBroken) {
  EXPECT_THAT(refuse("faults: {count: 1\nrun: {threads: 1}\n"),
              AllOf(HasSubstr("campaign.yaml:4:"), HasSubstr("not valid YAML")));
  EXPECT_THAT(refuse("faults:\n\tcount: 1\n"),
              AllOf(HasSubstr("campaign.yaml:4:"), HasSubstr("by spaces, not by tabs")));
}

TEST_F(CampaignFile, AsksForQuotesAroundALeadingStar) {
  EXPECT_THAT(refuse("faults: {sites: [*conv]}\n"),
              AllOf(HasSubstr("campaign.yaml:3:"), HasSubstr("quote")));
  EXPECT_THAT(refuse("faults:\n  sites: [conv1, *]\n"),
              AllOf(HasSubstr("campaign.yaml:4:"), HasSubstr("quote")));
}

TEST_F(CampaignFile, RefusesAnchorsAndAliases) {
  // The first one is a list that holds itself.
  for (const char* sites : {"&a [*a]", "[&a conv1, *a]", "[&a conv1]"}) {
    EXPECT_THAT(refuse(fmt::format("faults:\n  sites: {}\n", sites)),
                AllOf(HasSubstr("campaign.yaml:4:"), HasSubstr("aliases"), HasSubstr("quote")))
        << sites;
  }
  EXPECT_THAT(refuse_flag("faults.sites", "[&a [*a]]"), HasSubstr("aliases"));
}

TEST_F(CampaignFile, SaysWhichKeysItGives) {
  const std::string path = write(std::string(required) + "faults: {bits: [3]}\nrun: {batch: 2}\n");
  EXPECT_THAT(keys_in(path), ElementsAre("model.file", "data.file", "faults.bits", "run.batch"));
  EXPECT_TRUE(keys_in("").empty());
}

TEST_F(CampaignFile, IsReadOnceFromAPipe) {
  const std::string path = folder_.path("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  std::jthread writer(
      [&] { std::ofstream(path) << required << "sweep: {campaign.seed: [1, 2]}\n"; });
  EXPECT_EQ(load_sweep(path, {}).size(), 2U);
  EXPECT_EQ(load(path, {}, SweepSection::allow).model.file, "m.pt2");
}

TEST_F(CampaignFile, RefusesASecondDocument) {
  EXPECT_THAT(refuse("---\nrun: {threads: 2}\n"),
              AllOf(HasSubstr("campaign.yaml:4"), HasSubstr("second YAML document")));
}

TEST_F(CampaignFile, RefusesBinaryAndHugeFiles) {
  EXPECT_THAT(refuse(std::string("run: {threads: 1}\n\x04 more", 24)),
              AllOf(HasSubstr("campaign.yaml:4"), HasSubstr("0x04")));
  EXPECT_THAT(refuse_whole(std::string(4 << 20, '#')), HasSubstr("not a campaign file"));
}

TEST_F(CampaignFile, SurvivesDeepNesting) {
  EXPECT_THAT(refuse("run: " + std::string(100000, '[')), HasSubstr("campaign.yaml"));
}

TEST_F(CampaignFile, FailsOnAFileThatCannotBeRead) {
  EXPECT_THAT(message_of<RunError>([&] { load(folder_.path("none.yaml"), {}); }),
              AllOf(HasSubstr("none.yaml"), HasSubstr("no such file")));
  EXPECT_THAT(message_of<RunError>([&] { load(folder_.path("."), {}); }), HasSubstr("folder"));
}

TEST_F(CampaignFile, NeedsAModelAndData) {
  EXPECT_THAT(refuse_whole("data: {file: d.npz}\n"),
              AllOf(HasSubstr("model.file is missing"), HasSubstr("--model.file")));
  EXPECT_THAT(refuse_whole("model: {file: m.pt2}\n"), HasSubstr("data.file is missing"));
  EXPECT_THAT(message_of<UsageError>([] {
                load("", {{"model.file", "m.pt2"}});
              }),
              StartsWith("data.file is missing"));
  EXPECT_THAT(refuse_whole("model: {file: ''}\ndata: {file: d.npz}\n"),
              AllOf(HasSubstr("campaign.yaml:1: model.file"), HasSubstr("empty")));
}

TEST_F(CampaignFile, RefusesASweepUnlessAllowed) {
  const std::string text = std::string(required) + "sweep: {faults.bits: [[1], [2]]}\n";
  EXPECT_THAT(refuse_whole(text), AllOf(HasSubstr("campaign.yaml:3"), HasSubstr("softbeam sweep")));
  EXPECT_EQ(load(write(text), {}, SweepSection::allow).model.file, "m.pt2");
}

TEST_F(CampaignFile, RefusesBitsThatWouldNotBeUsed) {
  for (const char* what : {"zero", "set\n  value: 1", "random"}) {
    EXPECT_THAT(refuse(std::string("faults:\n  bits: [1]\n  what: ") + what + "\n"),
                HasSubstr("campaign.yaml:4: faults.bits: bits are given"));
  }
  EXPECT_THAT(
      refuse("faults:\n  bits: [1]\n  what: zero\n"),
      AllOf(HasSubstr("campaign.yaml:4: faults.bits"), HasSubstr("'zero'"), HasSubstr("bitflip")));
}

TEST_F(CampaignFile, WantsAValueForSetAndForNothingElse) {
  EXPECT_THAT(refuse("faults: {what: set}\n"),
              AllOf(HasSubstr("campaign.yaml:3: faults.what"), HasSubstr("faults.value")));
  EXPECT_THAT(refuse("faults: {value: 3}\n"),
              AllOf(HasSubstr("campaign.yaml:3: faults.value"), HasSubstr("'bitflip'")));
  EXPECT_EQ(load_with("faults: {what: set, value: -1.5}\n").faults.value, -1.5);
}

TEST_F(CampaignFile, RefusesSeveralSamplesForAFaultThatMeetsOne) {
  EXPECT_THAT(
      refuse("campaign: {samples_per_fault: 4}\n"),
      AllOf(HasSubstr("campaign.yaml:3: campaign.samples_per_fault"), HasSubstr("neurons")));
  EXPECT_THAT(refuse("campaign: {samples_per_fault: 4}\nfaults: {where: inputs}\n"),
              HasSubstr("inputs"));
  EXPECT_EQ(load_with("campaign: {samples_per_fault: 4}\nfaults: {where: biases}\n")
                .campaign.samples_per_fault,
            4U);
}

TEST_F(CampaignFile, RefusesTwoWaysToCountTrials) {
  EXPECT_THAT(refuse("campaign:\n  trials: 5\n  trials_per_sample: 5\n"),
              AllOf(HasSubstr("campaign.yaml:5: campaign.trials_per_sample"),
                    HasSubstr("campaign.yaml:4"), HasSubstr("remove one")));
  EXPECT_EQ(load_with("campaign: {trials_per_sample: 5}\n").campaign.trials_per_sample, 5U);
}

}  // namespace
}  // namespace softbeam::config
