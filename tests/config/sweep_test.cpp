#include <string>
#include <vector>

#include "tests/config/campaign_file.h"

namespace softbeam::config {
namespace {

using support::message_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class Sweep : public CampaignFile {
 protected:
  std::vector<std::vector<Setting>> sweep(const std::string& text,
                                          const std::vector<Setting>& over = {}) {
    return load_sweep(write(std::string(required) + text), over);
  }
  std::string refuse_sweep(const std::string& text, const std::vector<Setting>& over = {}) {
    return message_of<UsageError>([&] { sweep(text, over); });
  }
};

TEST_F(Sweep, IsTheProductWithTheFirstKeySlowest) {
  const auto points =
      sweep("sweep:\n  faults.where: [neurons, weights]\n  faults.bits: [[0-7, sign], 30]\n");
  ASSERT_EQ(points.size(), 4U);
  EXPECT_THAT(points[0], ElementsAre(Setting{"faults.where", "neurons"},
                                     Setting{"faults.bits", "[0-7, sign]"}));
  EXPECT_THAT(points[1],
              ElementsAre(Setting{"faults.where", "neurons"}, Setting{"faults.bits", "30"}));
  EXPECT_THAT(points[2], ElementsAre(Setting{"faults.where", "weights"},
                                     Setting{"faults.bits", "[0-7, sign]"}));
}

TEST_F(Sweep, GivesSettingsThatLoadReads) {
  const std::string text =
      "faults: {bits: [3]}\nsweep:\n  model.file: ['a b, c#.pt2']\n"
      "  faults.sites: [['*x', \"q\\\"r\"], conv1]\n  faults.bits: [[0-7]]\n";
  const auto points = sweep(text);
  ASSERT_EQ(points.size(), 2U);
  const auto config = load(write(std::string(required) + text), points[0], SweepSection::allow);
  EXPECT_EQ(config.model.file, "a b, c#.pt2");
  EXPECT_THAT(config.faults.sites, ElementsAre("*x", "q\"r"));
  EXPECT_EQ(config.faults.bits.front(), injectors::BitSelector(injectors::BitRange{0, 8}));
}

TEST_F(Sweep, NeedsItsSection) {
  EXPECT_THAT(refuse_sweep(""), AllOf(HasSubstr("campaign.yaml"), HasSubstr("no section 'sweep'"),
                                      HasSubstr("softbeam run")));
  EXPECT_THAT(message_of<UsageError>([] { load_sweep("", {}); }), HasSubstr("no section 'sweep'"));
  EXPECT_THAT(refuse_sweep("sweep: {}\n"), HasSubstr("empty"));
  EXPECT_THAT(refuse_sweep("sweep: [a]\n"), HasSubstr("not a mapping"));
}

TEST_F(Sweep, RefusesUnknownKeys) {
  EXPECT_THAT(refuse_sweep("sweep:\n  faults.bit: [1]\n"),
              AllOf(HasSubstr("campaign.yaml:4"), HasSubstr("did you mean 'faults.bits'?")));
  EXPECT_THAT(refuse_sweep("sweep: {campaign.margin: [1]}\n"), HasSubstr("is not built yet"));
}

TEST_F(Sweep, RefusesKeysWrittenAsSections) {
  EXPECT_THAT(refuse_sweep("sweep:\n  faults: {bits: [1]}\n"),
              AllOf(HasSubstr("campaign.yaml:4"), HasSubstr("`faults.bits: [[0-7], [sign]]`")));
}

TEST_F(Sweep, RefusesWhatIsNotAListOfValues) {
  EXPECT_THAT(refuse_sweep("sweep: {campaign.seed: 3}\n"),
              AllOf(HasSubstr("campaign.yaml:3: campaign.seed"), HasSubstr("write [3]")));
  EXPECT_THAT(refuse_sweep("sweep: {campaign.seed: []}\n"), HasSubstr("not a list of values"));
  EXPECT_THAT(refuse_sweep("sweep: {campaign.seed: [[1], 2]}\n"), HasSubstr("'[1]'"));
  EXPECT_THAT(refuse_sweep("sweep: {campaign.seed: [1, ~]}\n"), HasSubstr("not a value"));
}

TEST_F(Sweep, RefusesRepetitions) {
  EXPECT_THAT(refuse_sweep("sweep:\n  campaign.seed: [1]\n  campaign.seed: [2]\n"),
              AllOf(HasSubstr("campaign.yaml:5"), HasSubstr("second time")));
  EXPECT_THAT(refuse_sweep("sweep: {campaign.seed: [1, 2, 1]}\n"), HasSubstr("'1' is given twice"));
}

TEST_F(Sweep, RefusesAFlagForASweptKey) {
  EXPECT_THAT(refuse_sweep("sweep: {campaign.seed: [1, 2]}\n", {{"campaign.seed", "7"}}),
              AllOf(HasSubstr("campaign.yaml:3"), HasSubstr("--campaign.seed")));
}

TEST_F(Sweep, ChecksEveryPointWithItsPlace) {
  EXPECT_THAT(refuse_sweep("sweep:\n  campaign.trials: [1, 0]\n"),
              AllOf(HasSubstr("campaign.yaml:4: campaign.trials"), HasSubstr("'0'")));
  EXPECT_THAT(refuse_sweep("faults: {bits: [1]}\nsweep: {faults.what: [bitflip, zero]}\n"),
              AllOf(HasSubstr("campaign.yaml:3: faults.bits"), HasSubstr("'zero'")));
}

TEST_F(Sweep, IsNotWithoutBounds) {
  std::string values;
  for (int i = 0; i < 200; ++i) values += std::to_string(i) + ", ";
  EXPECT_THAT(
      refuse_sweep("sweep:\n  campaign.seed: [" + values + "]\n  run.batch: [" + values + "]\n"),
      HasSubstr("more than 10000"));
}

}  // namespace
}  // namespace softbeam::config
