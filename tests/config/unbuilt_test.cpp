#include <string>
#include <utility>
#include <vector>

#include "host/config/schema.h"
#include "tests/config/campaign_file.h"

namespace softbeam::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

using NotBuiltYet = CampaignFile;

TEST_F(NotBuiltYet, KeysSaySoAndNameAWayOut) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"campaign: {margin: 0.005}\n", "campaign.trials"},
      {"campaign: {exhaustive: true}\n", "campaign.trials"},
  };
  for (const auto& [text, advice] : cases) {
    EXPECT_THAT(refuse(text), AllOf(HasSubstr("campaign.yaml:3: "), HasSubstr("is not built yet"),
                                    HasSubstr(advice)));
  }
  EXPECT_THAT(refuse_flag("campaign.margin", "0.1"),
              AllOf(StartsWith("--campaign.margin"), HasSubstr("is not built yet")));
}

TEST_F(NotBuiltYet, ValuesSaySoAndNameAWayOut) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"faults: {where: memory}\n", "neurons"},
      {"faults: {where: accumulators}\n", "neurons"},
      {"faults: {what: scale}\n", "set"},
      {"faults: {what: relative_error}\n", "set"},
      {"faults: {what: gaussian}\n", "random"},
      {"faults: {what: nan}\n", "set"},
      {"faults: {what: NaN}\n", "set"},
      {"faults: {what: inf}\n", "set"},
      {"faults: {what: classes.conv_gemm.warp}\n", "bitflip"},
      {"faults: {what: nvbit.single}\n", "bitflip"},
      {"faults: {what: flexgrip.fadd}\n", "bitflip"},
      {"faults: {what: hbm2.secded}\n", "bitflip"},
      {"faults: {what: sram.mbu}\n", "bitflip"},
      {"faults: {what: geom.row}\n", "bitflip"},
  };
  for (const auto& [text, advice] : cases) {
    EXPECT_THAT(refuse(text), AllOf(HasSubstr("campaign.yaml:3: "), HasSubstr("is not built yet"),
                                    HasSubstr(advice)))
        << text;
  }
}

TEST_F(NotBuiltYet, EveryEntryHasAdvice) {
  for (const Unbuilt& unbuilt : unbuilt_keys()) {
    EXPECT_FALSE(unbuilt.name.empty());
    EXPECT_GT(unbuilt.advice.size(), 10U) << unbuilt.name;
  }
}

}  // namespace
}  // namespace softbeam::config
