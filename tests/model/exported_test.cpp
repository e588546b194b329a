#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "host/model/load.h"
#include "tests/support/plain_run.h"
#include "tests/support/reference.h"

namespace softbeam::model {
namespace {

using support::plain_run;
using support::plain_values;
using support::read_reference;
using support::same_bits;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

std::shared_ptr<const Graph> load(const std::string& name) {
  return load_model(std::string(SB_TEST_MODELS) + "/" + name + ".pt2");
}

const Stored* stored(const Graph& graph, const std::string& name) {
  for (const Stored& one : graph.stored) {
    if (graph.value(one.value).name == name) {
      return &one;
    }
  }
  return nullptr;
}

class ExportedModel : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { at::set_num_threads(1); }
};

TEST_P(ExportedModel, GivesTheBitsOfEagerPyTorch) {
  const auto graph = load(GetParam());
  const auto reference = read_reference(SB_TEST_MODELS, GetParam());
  for (int run = 0; run < 2; ++run) {  // a second time: nothing of the model may have changed
    const auto outputs = plain_run(*graph, {reference.input});
    ASSERT_EQ(outputs.size(), reference.outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      EXPECT_TRUE(same_bits(outputs[i], reference.outputs[i])) << "output " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ExportedModel,
                         testing::Values("lenet5", "resnet18", "efficientnet_lite0",
                                         "inplace_views", "scalars", "mixes_samples",
                                         "train_mode_bn", "static_batch", "static_flatten", "tied",
                                         "two_calls", "nan_output", "two_outputs", "named_outputs",
                                         "segmentation", "batch_moves", "bfloat16", "float16",
                                         "float64"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST(Exported, KeepsWhatTheFileSaysOfItself) {
  const auto graph = load("lenet5");
  EXPECT_EQ(graph->format, "torch.export");
  EXPECT_EQ(graph->digest.size(), 32U);
  ASSERT_EQ(graph->inputs.size(), 1U);
  EXPECT_EQ(graph->value(graph->inputs[0].value).name, "x");
  EXPECT_THAT(graph->inputs[0].shape, ElementsAre(-1, 1, 28, 28));
  EXPECT_EQ(graph->static_batch, std::nullopt);
}

TEST(Exported, StaticBatchIsTheExportedOne) {
  const auto graph = load("static_batch");
  EXPECT_THAT(graph->static_batch, Optional(2));
  EXPECT_THAT(graph->inputs[0].shape, ElementsAre(2, 3, 12, 12));
}

TEST(Exported, IdsIndexTheirOwnLists) {
  const auto graph = load("resnet18");
  for (std::size_t i = 0; i < graph->values.size(); ++i) {
    EXPECT_EQ(graph->values[i].id.value, i);
  }
  for (std::size_t i = 0; i < graph->nodes.size(); ++i) {
    const Node& node = graph->nodes[i];
    EXPECT_EQ(node.id.value, i);
    EXPECT_EQ(node.arguments.size(), node.argument_names.size());
    for (const Slot& slot : node.slots) {
      const NodeId producer = graph->value(slot.value).producer;
      EXPECT_TRUE(producer == no_node || producer < node.id) << describe(node);
    }
    for (const ValueId output : node.outputs) {
      EXPECT_EQ(graph->value(output).producer, node.id);
    }
  }
}

TEST(Exported, TiedWeightsAreOneValueOfTheFirstName) {
  const auto graph = load("tied");
  const Stored* first = stored(*graph, "first.weight");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(stored(*graph, "second.weight"), nullptr);
  int users = 0;
  for (const Node& node : graph->nodes) {
    for (const Slot& slot : node.slots) {
      users += static_cast<int>(slot.value == first->value);
    }
  }
  EXPECT_EQ(users, 2);
}

TEST(Exported, ParametersAndBuffersAreToldApart) {
  const auto graph = load("resnet18");
  const auto kind = [&](const char* name) {
    const Stored* one = stored(*graph, name);
    return one == nullptr ? ValueKind::result : graph->value(one->value).kind;
  };
  EXPECT_EQ(kind("conv1.weight"), ValueKind::parameter);
  EXPECT_EQ(kind("bn1.running_mean"), ValueKind::buffer);
  EXPECT_EQ(stored(*graph, "bn1.num_batches_tracked"), nullptr) << "nothing uses it";
}

TEST(Exported, InPlaceOperatorsSayWhatTheyWrite) {
  const auto graph = load("two_calls");
  for (const Node& node : graph->nodes) {
    if (node.target == "aten::relu_") {
      EXPECT_EQ(node.op, "relu");
      EXPECT_THAT(node.writes, ElementsAre(0U));
    } else {
      EXPECT_THAT(node.writes, IsEmpty()) << describe(node);
    }
  }
}

TEST(Exported, DictionaryResultsKeepTheirKeys) {
  EXPECT_THAT(load("named_outputs")->output_names, ElementsAre("features", "logits"));
  EXPECT_THAT(load("two_outputs")->output_names, ElementsAre("0", "1"));
  EXPECT_THAT(load("lenet5")->output_names, ElementsAre("0"));
}

TEST(Exported, LocationIsTheUsersOwnLine) {
  const auto graph = load("two_calls");
  for (const Node& node : graph->nodes) {
    EXPECT_TRUE(node.location.starts_with("special.py:")) << describe(node);
  }
}

TEST(Exported, EarlierValuesSurviveInPlaceOperators) {
  at::set_num_threads(1);
  const auto graph = load("resnet18");
  const auto reference = read_reference(SB_TEST_MODELS, "resnet18");
  const auto values = plain_values(*graph, {reference.input});
  for (const Node& node : graph->nodes) {
    if (node.target == "aten::relu_") {
      const at::Tensor& before = values[node.slots[0].value.value].toTensor();
      const at::Tensor& after = values[node.outputs[0].value].toTensor();
      EXPECT_TRUE(same_bits(before.relu(), after)) << describe(node);
      EXPECT_FALSE(same_bits(before, after)) << describe(node);
    }
  }
}

}  // namespace
}  // namespace softbeam::model
