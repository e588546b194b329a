#include "host/plan/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/error.h"
#include "tests/plan/small_model.h"
#include "tests/support/message_of.h"

namespace softbeam::plan {
namespace {

using config::SiteWeight;
using injectors::BitRange;
using injectors::Operation;
using testing::AllOf;
using testing::HasSubstr;
using Faults = config::CampaignConfig::Faults;

Frame frame_of(const Faults& faults) { return make_frame(faults, small_model::sites()); }

std::string refused(const Faults& faults) {
  return support::message_of<UsageError>([&] { frame_of(faults); });
}

TEST(Frame, SharesFollowTheWeight) {
  const Faults faults{.sites = {"conv1", "layer1.conv2"}};  // 48 words of 4 bytes, 8 of 2
  Faults by_bytes = faults;
  by_bytes.weight = SiteWeight::bytes;
  Faults by_site = faults;
  by_site.weight = SiteWeight::site;
  EXPECT_DOUBLE_EQ(frame_of(faults).draw_share(0), 48.0 / 56);
  EXPECT_DOUBLE_EQ(frame_of(faults).draw_share(1), 8.0 / 56);
  EXPECT_DOUBLE_EQ(frame_of(by_bytes).draw_share(0), 192.0 / 208);
  EXPECT_DOUBLE_EQ(frame_of(by_bytes).draw_share(1), 16.0 / 208);
  EXPECT_DOUBLE_EQ(frame_of(by_site).draw_share(0), 0.5);
  for (const Faults& each : {faults, by_bytes, by_site}) {
    EXPECT_DOUBLE_EQ(frame_of(each).element_share(0), 48.0 / 56);
    EXPECT_EQ(frame_of(each).elements, 56U);
  }
}

TEST(Frame, SaysInOneSentenceWhatIsDrawn) {
  EXPECT_THAT(
      frame_of({.sites = {"conv1", "fc"}, .count = 2}).sentence(64),
      AllOf(HasSubstr("2 x bitflip"), HasSubstr("56 words of 2 sites"), HasSubstr("conv2d, linear"),
            HasSubstr("with replacement"), HasSubstr("64 samples")));
  EXPECT_THAT(frame_of({.sites = {"fc"}, .weight = SiteWeight::site}).sentence(1),
              AllOf(HasSubstr("1 site "), HasSubstr("uniformly over sites")));
}

TEST(Frame, RefusesABitThatASitesTypeDoesNotHave) {
  EXPECT_THAT(
      refused({.sites = {"fc"}, .bits = {BitRange{32, 33}}}),
      AllOf(HasSubstr("faults.bits"), HasSubstr("32"), HasSubstr("float32"), HasSubstr("'fc'")));
  EXPECT_THAT(
      refused({.sites = {"bytes"}, .bits = {BitRange{8, 9}}}),
      AllOf(HasSubstr("faults.bits"), HasSubstr("8"), HasSubstr("int8"), HasSubstr("'bytes'")));
  EXPECT_THAT(refused({.sites = {"fc", "layer1.conv2"}, .bits = {BitRange{0, 32}}}),
              AllOf(HasSubstr("float16"), HasSubstr("'layer1.conv2'")));
}

TEST(Frame, RefusesAFieldThatASitesTypeDoesNotHave) {
  EXPECT_THAT(refused({.sites = {"bytes"}, .bits = {injectors::Field::exponent}}),
              AllOf(HasSubstr("exponent"), HasSubstr("int8")));
}

TEST(Frame, RefusesAValueThatASitesTypeCannotHold) {
  EXPECT_THAT(refused({.sites = {"bytes"}, .what = Operation::set_value, .value = 128}),
              AllOf(HasSubstr("faults.value"), HasSubstr("128"), HasSubstr("int8")));
  EXPECT_EQ(frame_of({.sites = {"bytes"}, .what = Operation::set_value, .value = -1})
                .models.front()
                .value,
            0xffU);
}

TEST(Frame, RefusesMoreDistinctCorruptionsThanWords) {
  EXPECT_THAT(refused({.sites = {"fc"}, .count = 9}),
              AllOf(HasSubstr("faults.count"), HasSubstr("9"), HasSubstr("8 words")));
  EXPECT_EQ(frame_of({.sites = {"fc"}, .count = 8}).count, 8U);
}

}  // namespace
}  // namespace softbeam::plan
