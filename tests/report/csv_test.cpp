// One line per trial, columns as documented.
#include <gmock/gmock.h>

#include <limits>
#include <sstream>

#include "host/base/error.h"
#include "tests/report/campaigns.h"

namespace softbeam::report {
namespace {

using compare::Outcome;
using fixtures::Campaign;
using fixtures::campaign_row;
using fixtures::golden_rows;
using ::testing::ElementsAre;

std::vector<std::string> lines(const Campaign& campaign) {
  std::stringstream out;
  export_csv(campaign.store, campaign.id, out);
  std::vector<std::string> all;
  for (std::string line; std::getline(out, line);) all.push_back(line);
  return all;
}

TEST(Csv, HasTheColumnsOfTheContractFirst) {
  Campaign campaign(campaign_row(), golden_rows());
  EXPECT_THAT(lines(campaign),
              ElementsAre("trial,fault,sample,site,element,bits,activated,outcome,depth,operation,"
                          "keep,flip,label,golden_top1,golden_confidence,golden_correct,top1,sdc_1,"
                          "sdc_5,sdc_10,sdc_20,max_abs,max_rel"));
}

TEST(Csv, WritesATrialOnALine) {
  Campaign campaign(campaign_row(), golden_rows());
  record::TrialRow& row = campaign.add(Outcome::sdc_critical, {{3, 30}});
  row.depth = 4;
  row.verdict.top1 = 8;
  row.verdict.sdc_1 = true;
  row.verdict.sdc_5 = false;
  row.verdict.max_abs = 0.1;
  row.verdict.max_rel = std::numeric_limits<double>::infinity();
  record::TrialRow& several = campaign.add(Outcome::nonfinite, {{3, 1}, {7, 31}});
  several.verdict.max_abs = std::numeric_limits<double>::quiet_NaN();
  campaign.report();
  EXPECT_THAT(lines(campaign),
              ElementsAre(::testing::_,
                          "0,0,0,conv1,0,30,1,sdc_critical,4,bitflip,0xffffffff,0x40000000,0,0,"
                          "0.5,1,8,1,0,,,0.1,inf",
                          "1,1,1,conv1;fc1,3;4,1;31,1,nonfinite,,bitflip;bitflip,"
                          "0xffffffff;0xffffffff,0x2;0x80000000,1,1,0.51,1,,,,,,,0"));
}

TEST(Csv, QuotesNamesThatNeedIt) {
  record::CampaignRow row = campaign_row();
  row.sites[0].site.name = "a,\"b\"";
  Campaign campaign(row, golden_rows());
  campaign.add(Outcome::masked, {{3, 0}});
  campaign.corruptions[0].corruption.operation = injectors::Operation::set_value;
  campaign.report();
  EXPECT_THAT(lines(campaign)[1],
              ::testing::StartsWith("0,0,0,\"a,\"\"b\"\"\",0,word,1,masked,,set,"));
}

TEST(Csv, FailsLoudlyIfTheOutputDoes) {
  Campaign campaign(campaign_row(), golden_rows());
  std::stringstream out;
  out.setstate(std::ios::badbit);
  EXPECT_THROW(export_csv(campaign.store, campaign.id, out), RunError);
  EXPECT_THROW(export_csv(campaign.store, 42, out), RunError);
}

}  // namespace
}  // namespace softbeam::report
