#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/plan/plan_file.h"
#include "tests/plan/small_model.h"
#include "tests/support/temp_dir.h"

namespace softbeam::plan {
namespace {

using injectors::Masks;
using injectors::Operation;
using small_model::fault_of;
using small_model::trials_of;
using testing::SizeIs;

std::unique_ptr<FaultPlan> read(const std::string& text) {
  const support::TempDir folder;
  return read_plan(folder.write("plan", text), small_model::sites(), small_model::samples);
}

// The one corruption of a plan with one trial.
injectors::Corruption corruption_of(const std::string& fields) {
  const auto plan = read(R"([{"sample":3,"corruptions":[{)" + fields + "}]}]");
  return fault_of(*plan, 0).front();
}

TEST(HandWrittenPlan, NeedsOnlyTheSampleAndTheWordsBits) {
  const auto plan = read(R"([
    {"sample": 3, "corruptions": [{"site": "fc", "element": 7, "bits": [30]}]},
    {"sample": 0, "corruptions": [{"site": "conv1", "element": 0, "bits": [0, 31]}]}
  ])");
  const std::vector<Trial> expected{{{0}, {0}, {3}}, {{1}, {1}, {0}}};
  EXPECT_EQ(trials_of(*plan), expected);
  const auto first = fault_of(*plan, 0);
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(first[0].site.value, 5U);
  EXPECT_EQ(first[0].element, 7U);
  EXPECT_EQ(first[0].operation, Operation::bit_flip);
  EXPECT_EQ(first[0].masks, (Masks{0xffffffff, 0x40000000}));
  EXPECT_EQ(fault_of(*plan, 1)[0].masks, (Masks{0xffffffff, 0x80000001}));
}

TEST(HandWrittenPlan, TheSameAsCsv) {
  const auto plan = read(
      "sample,site,element,bits\n"
      "3,fc,7,30\r\n"
      "\n"
      "0,conv1,0,0 31\n");
  ASSERT_EQ(plan->trials(), 2U);
  EXPECT_EQ(fault_of(*plan, 0)[0].masks, (Masks{0xffffffff, 0x40000000}));
  EXPECT_EQ(fault_of(*plan, 1)[0].masks, (Masks{0xffffffff, 0x80000001}));
}

TEST(HandWrittenPlan, MasksFollowFromTheOperation) {
  const std::string place = R"("site":"fc","element":0,)";
  EXPECT_EQ(corruption_of(place + R"("operation":"stuck_at_0","bits":[4])").masks,
            (Masks{0xffffffef, 0}));
  EXPECT_EQ(corruption_of(place + R"("operation":"stuck_at_1","bits":[4])").masks,
            (Masks{0xffffffef, 0x10}));
  EXPECT_EQ(corruption_of(place + R"("operation":"zero")").masks, (Masks{0, 0}));
  EXPECT_EQ(corruption_of(place + R"("operation":"set","value":-2)").masks, (Masks{0, 0xc0000000}));
  EXPECT_EQ(corruption_of(place + R"("operation":"random","keep":"0x0","flip":"0x12345678")").masks,
            (Masks{0, 0x12345678}));
}

TEST(HandWrittenPlan, MasksStandForTheirBits) {
  const std::string place = R"("site":"bytes","element":1,)";
  EXPECT_EQ(corruption_of(place + R"("keep":"0xff","flip":"0x81")").masks, (Masks{0xff, 0x81}));
  EXPECT_EQ(corruption_of(place + R"("operation":"stuck_at_1","keep":"0xFE","flip":"0X01")").masks,
            (Masks{0xfe, 1}));
}

TEST(HandWrittenPlan, OneFaultMayMeetSeveralSamples) {
  const std::string words = R"("corruptions":[{"site":"conv1.weight","element":26,"bits":[1]}]})";
  const auto plan =
      read(R"([{"fault":9,"sample":0,)" + words + R"(,{"fault":9,"sample":4,)" + words + "]");
  const std::vector<Trial> expected{{{0}, {9}, {0}}, {{1}, {9}, {4}}};
  EXPECT_EQ(trials_of(*plan), expected);
  EXPECT_THAT(fault_of(*plan, 9), SizeIs(1));
}

TEST(HandWrittenPlan, LinesOfOneTrialMakeOneFault) {
  const auto plan = read(
      "trial,sample,site,element,operation,value,bits\n"
      "0,1,fc,0,bitflip,,3\n"
      "0,1,fc,1,set,0.5,\n"
      "1,2,fc,0,zero,,\n");
  ASSERT_EQ(plan->trials(), 2U);
  const auto words = fault_of(*plan, 0);
  ASSERT_THAT(words, SizeIs(2));
  EXPECT_EQ(words[1].masks, (Masks{0, 0x3f000000}));
}

}  // namespace
}  // namespace softbeam::plan
