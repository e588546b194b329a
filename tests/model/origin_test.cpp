#include "host/model/exported/origin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/model/exported/signature.h"

namespace softbeam::model::exported {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ModuleCalls, SplitIntoKeyAndPath) {
  const auto calls =
      module_calls("L__self__,,models.Net;L__self__layer1.0.relu@1,layer1.0.relu,torch.nn.ReLU");
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].key, "L__self__");
  EXPECT_EQ(calls[0].path, "");
  EXPECT_EQ(calls[1].key, "L__self__layer1.0.relu@1");
  EXPECT_EQ(calls[1].path, "layer1.0.relu");
}

TEST(ModuleCalls, ClassNamesMayHoldCommas) {
  const auto calls = module_calls("L__self__a,a,Pair[int, float];L__self__a.b,a.b,cls");
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].path, "a");
  EXPECT_EQ(calls[1].path, "a.b");
}

TEST(ModuleCalls, WhatIsNoStackGivesNone) {
  EXPECT_THAT(module_calls(""), IsEmpty());
  EXPECT_THAT(module_calls("nonsense"), IsEmpty());
  EXPECT_THAT(module_calls("_empty_nn_module_stack_from_metadata_hook,"
                           "_empty_nn_module_stack_from_metadata_hook,x"),
              IsEmpty());
}

TEST(SourceLine, IsTheInnermostFrameOutsideTorch) {
  EXPECT_EQ(source_line("File \"/home/u/net/model.py\", line 40, in forward\n    self.a(x)\n"
                        "  File \"/home/u/net/block.py\", line 41, in forward\n    self.conv(x)\n"
                        "  File \"/v/site-packages/torch/nn/modules/conv.py\", line 553, in f\n"),
            "block.py:41");
}

TEST(SourceLine, PackagesBesideTorchAreUserCode) {
  EXPECT_EQ(source_line("File \"/v/site-packages/torchvision/models/resnet.py\", line 285, in f\n"
                        "  File \"/v/site-packages/torch/nn/modules/conv.py\", line 553, in f\n"),
            "resnet.py:285");
}

TEST(SourceLine, GeneratedCodeIsNotTheUsers) {
  EXPECT_EQ(source_line("File \"/home/u/net/model.py\", line 40, in forward\n"
                        "  File \"<eval_with_key>.172\", line 5, in forward\n"),
            "model.py:40");
}

TEST(SourceLine, FallsBackToTheLastFrame) {
  EXPECT_EQ(source_line("File \"/v/site-packages/torch/nn/modules/conv.py\", line 5, in f\n"),
            "conv.py:5");
  EXPECT_EQ(source_line(""), "");
  EXPECT_EQ(source_line("File \"unfinished"), "");
}

TEST(LeafNames, FollowKeysAndPositions) {
  const std::string leaf = R"({"type": null, "context": null, "children_spec": []})";
  EXPECT_THAT(leaf_names("[1, " + leaf + "]"), ElementsAre("0"));
  EXPECT_THAT(leaf_names(R"([1, {"type": "builtins.tuple", "context": "null", "children_spec": [)" +
                         leaf + "," + leaf + "]}]"),
              ElementsAre("0", "1"));
  EXPECT_THAT(
      leaf_names(R"([1, {"type": "builtins.dict", "context": "[\"a\", \"b\"]",
                              "children_spec": [)" +
                 leaf + R"(, {"type": "builtins.list", "context": "null", "children_spec": [)" +
                 leaf + "," + leaf + "]}]}]"),
      ElementsAre("a", "b.0", "b.1"));
}

TEST(LeafNames, OfSomethingElseAreNone) {
  for (const char* text : {"", "nonsense", "[]", "{}", "[1, 2", R"([1, {"type": "x"}])"}) {
    EXPECT_THAT(leaf_names(text), IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace softbeam::model::exported
