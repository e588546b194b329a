#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/error.h"
#include "host/plan/plan_file.h"
#include "tests/plan/small_model.h"
#include "tests/support/message_of.h"
#include "tests/support/temp_dir.h"

namespace softbeam::plan {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class RefusedPlan : public testing::Test {
 protected:
  std::string refuse(const std::string& text) {
    const std::string path = folder_.write("plan.txt", text);
    std::string message = support::message_of<UsageError>(
        [&] { read_plan(path, small_model::sites(), small_model::samples); });
    EXPECT_THAT(message, HasSubstr(path));
    return message;
  }

  // A good trial, then one with these fields of its only corruption.
  std::string refuse_word(const std::string& fields) {
    std::string message = refuse(good + R"({"sample":0,"corruptions":[{)" + fields + "}]}]");
    EXPECT_THAT(message, HasSubstr("trial 1"));
    return message;
  }

  std::string refuse_trial(const std::string& fields) {
    std::string message = refuse(good + "{" + fields + "}]");
    EXPECT_THAT(message, HasSubstr("trial 1"));
    return message;
  }

  std::string refuse_line(const std::string& line) {
    std::string message = refuse("sample,site,element,operation,bits,value,flip,keep\n" + line);
    EXPECT_THAT(message, HasSubstr("line 2"));
    return message;
  }

  const std::string good = R"([{"sample":0,"corruptions":[{"site":"fc","element":0,"bits":[0]}]},)";
  support::TempDir folder_;
};

TEST_F(RefusedPlan, AFileThatCannotBeReadIsAFailure) {
  for (const std::string& path : {folder_.path("none.json"), folder_.path(".")}) {
    EXPECT_THAT(support::message_of<RunError>(
                    [&] { read_plan(path, small_model::sites(), small_model::samples); }),
                HasSubstr(path));
  }
}

TEST_F(RefusedPlan, NoTrials) {
  EXPECT_THAT(refuse("  \n"), HasSubstr("empty"));
  EXPECT_THAT(refuse("[]"), HasSubstr("no trials"));
  EXPECT_THAT(refuse("sample,site,element\n"), HasSubstr("no trials"));
}

TEST_F(RefusedPlan, BrokenJson) {
  EXPECT_THAT(refuse("[{\"sample\": 1,"), AllOf(HasSubstr("JSON"), HasSubstr("byte")));
  EXPECT_THAT(refuse(R"({"sample": 1})"), HasSubstr("not a list of trials"));
  EXPECT_THAT(refuse("[7]"), AllOf(HasSubstr("trial 0"), HasSubstr("not an object")));
  EXPECT_THAT(refuse("[{\"sample\": \"\xff\"}]"), HasSubstr("JSON"));
}

TEST_F(RefusedPlan, ANumberBeyondFloat64) {
  EXPECT_THAT(refuse(R"([{"sample":0,"corruptions":[{"site":"fc","element":0,)"
                     R"("operation":"set","value":1e999}]}])"),
              HasSubstr("plan.txt"));
}

TEST_F(RefusedPlan, DeepNesting) {
  refuse(R"([{"corruptions":[],"sample":)" + std::string(200000, '[') + std::string(200000, ']') +
         "}]");
}

TEST_F(RefusedPlan, UnknownKeysWithTheNearestOne) {
  EXPECT_THAT(refuse_trial(R"("smaple":1,"corruptions":[])"),
              AllOf(HasSubstr("'smaple'"), HasSubstr("did you mean 'sample'?")));
  EXPECT_THAT(refuse_word(R"("site":"fc","element":0,"bit":[0])"),
              AllOf(HasSubstr("'bit'"), HasSubstr("did you mean 'bits'?")));
  EXPECT_THAT(refuse("sample,stie,element\n0,fc,0\n"),
              AllOf(HasSubstr("line 1"), HasSubstr("'stie'"), HasSubstr("did you mean 'site'?")));
}

TEST_F(RefusedPlan, AKeyThatIsGivenTwice) {
  EXPECT_THAT(refuse(R"([{"sample":0,"sample":1,"corruptions":[]}])"), HasSubstr("sample"));
  EXPECT_THAT(refuse("sample,site,element,site\n"),
              AllOf(HasSubstr("line 1"), HasSubstr("'site'"), HasSubstr("twice")));
}

TEST_F(RefusedPlan, MissingKeys) {
  EXPECT_THAT(refuse_trial(R"("corruptions":[])"), HasSubstr("'sample' is missing"));
  EXPECT_THAT(refuse_trial(R"("sample":1)"), HasSubstr("'corruptions' is missing"));
  EXPECT_THAT(refuse_word(R"("element":0,"bits":[0])"), HasSubstr("'site' is missing"));
  EXPECT_THAT(refuse_word(R"("site":"fc","bits":[0])"), HasSubstr("'element' is missing"));
  EXPECT_THAT(refuse("sample,site\n0,fc\n"), HasSubstr("'element' is missing"));
}

TEST_F(RefusedPlan, WrongTypes) {
  EXPECT_THAT(refuse_trial(R"("sample":-1,"corruptions":[])"), HasSubstr("'-1'"));
  EXPECT_THAT(refuse_trial(R"("sample":1.5,"corruptions":[])"), HasSubstr("1.5"));
  EXPECT_THAT(refuse_trial(R"("sample":1,"corruptions":{})"), HasSubstr("not a list"));
  EXPECT_THAT(refuse_trial(R"("sample":1,"corruptions":[4])"), HasSubstr("not an object"));
  EXPECT_THAT(refuse_word(R"("site":5,"element":0)"), HasSubstr("site: 5 is not a text"));
  EXPECT_THAT(refuse_word(R"("site":"fc","element":"0")"), HasSubstr("element"));
  EXPECT_THAT(refuse_word(R"("site":"fc","element":0,"bits":3)"), HasSubstr("bits: 3"));
  EXPECT_THAT(refuse_word(R"("site":"fc","element":0,"operation":"set","value":"1")"),
              HasSubstr("value"));
  EXPECT_THAT(refuse_line("x,fc,0,,1,,,\n"), AllOf(HasSubstr("sample"), HasSubstr("'x'")));
  EXPECT_THAT(refuse_line("0,fc,0,set,,1.5x,,\n"), AllOf(HasSubstr("value"), HasSubstr("'1.5x'")));
  EXPECT_THAT(refuse_line("0,fc,0\n"), HasSubstr("3 fields"));
}

TEST_F(RefusedPlan, UnknownSitesAndOperations) {
  EXPECT_THAT(refuse_word(R"("site":"fcc","element":0,"bits":[0])"),
              AllOf(HasSubstr("'fcc'"), HasSubstr("did you mean 'fc'?")));
  EXPECT_THAT(refuse_word(R"("site":"fc","element":0,"bits":[0],"operation":"flip")"),
              AllOf(HasSubstr("'flip'"), HasSubstr("bitflip")));
}

TEST_F(RefusedPlan, NumbersOutOfRange) {
  EXPECT_THAT(refuse_word(R"("site":"fc","element":8,"bits":[0])"),
              AllOf(HasSubstr("element 8"), HasSubstr("'fc'"), HasSubstr("0-7")));
  EXPECT_THAT(refuse_trial(R"("sample":10,"corruptions":[])"),
              AllOf(HasSubstr("sample 10"), HasSubstr("0-9")));
  EXPECT_THAT(refuse_word(R"("site":"fc","element":0,"bits":[32])"),
              AllOf(HasSubstr("bit 32"), HasSubstr("float32"), HasSubstr("0-31")));
  EXPECT_THAT(refuse_word(R"("site":"bytes","element":0,"bits":[8])"),
              AllOf(HasSubstr("bit 8"), HasSubstr("int8"), HasSubstr("0-7")));
  EXPECT_THAT(refuse_word(R"("site":"bytes","element":0,"operation":"set","value":300)"),
              AllOf(HasSubstr("value 300"), HasSubstr("int8")));
}

TEST_F(RefusedPlan, MasksThatAreNoWordOfTheType) {
  const std::string place = R"("site":"bytes","element":0,)";
  for (const char* mask : {"0x1ff", "7f", "0x", "0xg1", "", "-0x1"}) {
    EXPECT_THAT(refuse_word(fmt::format(R"({}"keep":"0xff","flip":"{}")", place, mask)),
                AllOf(HasSubstr(fmt::format("'{}'", mask)), HasSubstr("hexadecimal")));
  }
  EXPECT_THAT(refuse_word(place + R"("flip":"0x01")"), HasSubstr("go together"));
}

TEST_F(RefusedPlan, MasksAtOddsWithBitsOrOperation) {
  const std::string place = R"("site":"bytes","element":0,)";
  EXPECT_THAT(refuse_word(place + R"("bits":[1],"keep":"0xff","flip":"0x01")"),
              AllOf(HasSubstr("0x01"), HasSubstr("bitflip")));
  EXPECT_THAT(refuse_word(place + R"("keep":"0xfe","flip":"0x01")"),
              AllOf(HasSubstr("0xfe"), HasSubstr("'bitflip'")));
  EXPECT_THAT(refuse_word(place + R"("operation":"stuck_at_0","keep":"0xfe","flip":"0x01")"),
              HasSubstr("'stuck_at_0'"));
  EXPECT_THAT(refuse_word(place + R"("operation":"stuck_at_1","keep":"0xff","flip":"0x01")"),
              HasSubstr("'stuck_at_1'"));
  EXPECT_THAT(refuse_word(place + R"("operation":"zero","keep":"0x00","flip":"0x01")"),
              HasSubstr("'zero'"));
  EXPECT_THAT(refuse_word(place + R"("operation":"random","keep":"0x01","flip":"0x01")"),
              HasSubstr("'random'"));
}

TEST_F(RefusedPlan, OperationsWithoutWhatTheyNeed) {
  const std::string place = R"("site":"fc","element":0)";
  EXPECT_THAT(refuse_word(place), AllOf(HasSubstr("'bitflip'"), HasSubstr("needs bits")));
  EXPECT_THAT(refuse_word(place + R"(,"operation":"set")"), HasSubstr("needs a value"));
  EXPECT_THAT(refuse_word(place + R"(,"operation":"random")"), HasSubstr("masks flip and keep"));
  EXPECT_THAT(refuse_word(place + R"(,"operation":"zero","bits":[1])"),
              HasSubstr("bits do not go with operation 'zero'"));
}

TEST_F(RefusedPlan, AValueThatWouldNotBeUsed) {
  EXPECT_THAT(refuse_word(R"("site":"fc","element":0,"bits":[1],"value":3)"),
              AllOf(HasSubstr("value"), HasSubstr("'bitflip'")));
}

TEST_F(RefusedPlan, TwoCorruptionsOfOneWord) {
  EXPECT_THAT(refuse_trial(R"("sample":0,"corruptions":[{"site":"fc","element":3,"bits":[0]},)"
                           R"({"site":"fc","element":3,"bits":[1]}])"),
              AllOf(HasSubstr("element 3"), HasSubstr("'fc'"), HasSubstr("twice")));
}

TEST_F(RefusedPlan, OneFaultIdWithDifferentCorruptions) {
  EXPECT_THAT(
      refuse_trial(R"("fault":0,"sample":0,"corruptions":[{"site":"fc","element":3,"bits":[0]}])"),
      AllOf(HasSubstr("fault 0"), HasSubstr("other corruptions")));
}

TEST_F(RefusedPlan, TrialIdsThatDoNotCountUpFromZero) {
  EXPECT_THAT(refuse_trial(R"("trial":2,"sample":0,"corruptions":[])"),
              AllOf(HasSubstr("trial 2"), HasSubstr("1 is due")));
  EXPECT_THAT(refuse_trial(R"("trial":0,"sample":0,"corruptions":[])"), HasSubstr("count up"));
  EXPECT_THAT(refuse("trial,sample,site,element,bits\n0,1,fc,0,1\n0,2,fc,1,1\n"),
              AllOf(HasSubstr("line 3"), HasSubstr("trial 0")));
}

}  // namespace
}  // namespace softbeam::plan
