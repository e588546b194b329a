// Tests of the TorchScript reader: bits, names, what is refused. Models that need no weights are
// compiled here from TorchScript source.
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.h"
#include "host/model/load.h"
#include "tests/support/message_of.h"
#include "tests/support/plain_run.h"
#include "tests/support/reference.h"
#include "tests/support/temp_dir.h"

namespace softbeam::model {
namespace {

using support::message_of;
using support::plain_run;
using support::same_bits;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::shared_ptr<const Graph> load(const std::string& file) {
  return load_model(std::string(SB_TEST_MODELS) + "/" + file);
}

// Results of the operators that are sites; the formats differ in how they spell sizes and slices.
std::vector<std::string> site_names(const Graph& graph) {
  const std::set<std::string> ops = {"conv2d",   "linear",  "batch_norm", "relu",
                                     "hardtanh", "add",     "max_pool2d", "adaptive_avg_pool2d",
                                     "pad",      "flatten", "cat",        "sigmoid"};
  std::vector<std::string> names;
  for (const Node& node : graph.nodes) {
    if (ops.contains(node.op)) {
      names.push_back(graph.value(node.outputs.at(0)).name);
    }
  }
  return names;
}

std::vector<std::string> parameter_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const Stored& stored : graph.stored) {
    if (graph.value(stored.value).kind == ValueKind::parameter) {
      names.push_back(graph.value(stored.value).name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

const Node* find(const Graph& graph, std::string_view op) {
  const auto it = std::find_if(graph.nodes.begin(), graph.nodes.end(),
                               [&](const Node& node) { return node.op == op; });
  return it == graph.nodes.end() ? nullptr : &*it;
}

// A module with these methods, saved and read again.
std::shared_ptr<const Graph> compiled(const std::string& source, int numbers = 0) {
  const support::TempDir folder;
  const std::string file = folder.path("model.pt");
  torch::jit::Module module("Model");
  module.register_attribute("number", c10::IntType::get(), c10::IValue(numbers));
  module.define(source);
  module.save(file);
  return load_model(file);
}

class TorchScriptModel : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { at::set_num_threads(1); }
  static std::string name() {
    const std::string file = GetParam();
    return file.substr(0, file.find('.'));
  }
};

TEST_P(TorchScriptModel, GivesTheBitsOfEagerPyTorch) {
  const auto graph = load(GetParam());
  const auto reference = support::read_reference(SB_TEST_MODELS, name());
  for (int run = 0; run < 2; ++run) {  // a second time: nothing of the model may have changed
    const auto outputs = plain_run(*graph, {reference.input});
    ASSERT_EQ(outputs.size(), reference.outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      EXPECT_TRUE(same_bits(outputs[i], reference.outputs[i])) << "output " << i;
    }
  }
}

TEST_P(TorchScriptModel, HasUniqueNamesAndKeepsWhatTheFileSays) {
  const auto graph = load(GetParam());
  EXPECT_EQ(graph->format, "TorchScript");
  EXPECT_THAT(graph->digest, SizeIs(32));
  EXPECT_EQ(graph->static_batch, std::nullopt);
  ASSERT_THAT(graph->inputs, SizeIs(1));
  const auto exported = load(name() + ".pt2");
  EXPECT_EQ(graph->value(graph->inputs[0].value).name,
            exported->value(exported->inputs[0].value).name);
  EXPECT_THAT(graph->inputs[0].shape, IsEmpty());
  std::set<std::string> names;
  for (const Value& value : graph->values) {
    EXPECT_FALSE(value.name.empty());
    EXPECT_TRUE(names.insert(value.name).second) << value.name;
  }
}

std::string test_name(const testing::TestParamInfo<const char*>& instance) {
  std::string name = instance.param;
  name.resize(name.size() - 3);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    All, TorchScriptModel,
    testing::Values("lenet5.traced.pt", "lenet5.scripted.pt", "resnet18.traced.pt",
                    "resnet18.scripted.pt", "efficientnet_lite0.traced.pt",
                    "inplace_views.traced.pt", "inplace_views.scripted.pt", "scalars.traced.pt",
                    "scalars.scripted.pt", "mixes_samples.traced.pt", "train_mode_bn.traced.pt",
                    "train_mode_bn.scripted.pt", "static_batch.scripted.pt", "tied.traced.pt",
                    "tied.scripted.pt", "two_calls.traced.pt", "two_calls.scripted.pt",
                    "nan_output.traced.pt", "two_outputs.traced.pt", "two_outputs.scripted.pt",
                    "named_outputs.traced.pt", "named_outputs.scripted.pt",
                    "segmentation.traced.pt", "batch_moves.traced.pt", "batch_moves.scripted.pt",
                    "bfloat16.traced.pt", "float16.scripted.pt", "float64.traced.pt"),
    test_name);

TEST(TorchScript, NamesSitesAndParametersAsTheExportOfTheSameModel) {
  for (const char* name : {"lenet5", "resnet18", "efficientnet_lite0", "two_calls", "tied"}) {
    const auto exported = load(std::string(name) + ".pt2");
    for (const char* form : {".traced.pt", ".scripted.pt"}) {
      if (name == std::string_view("efficientnet_lite0") &&
          form == std::string_view(".scripted.pt")) {
        continue;  // cannot be scripted
      }
      const auto graph = load(std::string(name) + form);
      EXPECT_EQ(site_names(*graph), site_names(*exported)) << name << form;
      EXPECT_EQ(parameter_names(*graph), parameter_names(*exported)) << name << form;
    }
  }
}

TEST(TorchScript, CallsTracedConvolutionsWhatTheyAre) {
  const auto graph = load("lenet5.traced.pt");
  const Node* node = find(*graph, "conv2d");
  ASSERT_NE(node, nullptr);
  EXPECT_EQ(node->target, "aten::conv2d");
  EXPECT_EQ(node->module, "conv1");
  EXPECT_THAT(node->location, testing::StartsWith("lenet5.py:"));
  EXPECT_THAT(node->argument_names,
              ElementsAre("input", "weight", "bias", "stride", "padding", "dilation", "groups"));
}

TEST(TorchScript, KnowsWhichArgumentsAreWritten) {
  const auto graph = load("two_calls.scripted.pt");
  const Node* relu = find(*graph, "relu");
  ASSERT_NE(relu, nullptr);
  EXPECT_EQ(relu->target, "aten::relu_");
  EXPECT_THAT(relu->writes, ElementsAre(0));
  EXPECT_THAT(find(*graph, "conv2d")->writes, IsEmpty());
  // the running statistics, about which the operator's schema says nothing
  EXPECT_THAT(find(*load("train_mode_bn.traced.pt"), "batch_norm")->writes, ElementsAre(3, 4));
}

TEST(TorchScript, ATiedWeightIsOneValueUnderItsFirstName) {
  for (const char* file : {"tied.traced.pt", "tied.scripted.pt"}) {
    EXPECT_THAT(
        parameter_names(*load(file)),
        AllOf(Contains("first.weight"), Not(Contains("second.weight")), Contains("second.bias")));
  }
}

TEST(TorchScript, NamesTheOutputsOfADictionaryByItsKeys) {
  for (const char* file : {"named_outputs.traced.pt", "named_outputs.scripted.pt"}) {
    EXPECT_THAT(load(file)->output_names, ElementsAre("features", "logits"));
  }
  EXPECT_THAT(load("two_outputs.traced.pt")->output_names, ElementsAre("0", "1"));
}

TEST(TorchScript, UnrollsLoopsAndListsThatDoNotDependOnData) {
  const auto graph = compiled(R"(
    def forward(self, x):
        kept = [x]
        for i in range(self.number):
            if i % 2 == 0:
                kept.append(x * i)
            else:
                kept.insert(0, kept.pop() + i)
        return torch.cat(kept[1:], 1), len(kept)
  )",
                              4);
  EXPECT_THAT(graph->output_names, ElementsAre("0"));
  const at::Tensor x = at::ones({2, 1});
  const auto outputs = plain_run(*graph, {x});
  // kept: [x]; [x, 0x]; [1, x]; [1, x, 2x]; [2x + 3, 1, x] and without its first: [1, x]
  ASSERT_THAT(outputs, SizeIs(1));
  EXPECT_TRUE(same_bits(outputs[0], at::ones({2, 2})));
}

TEST(TorchScript, BranchesThatDependOnDataAreRefusedWithTheirPlace) {
  EXPECT_THAT(
      message_of<RunError>([] {
        compiled(R"(
    def forward(self, x):
        if bool(x.sum() > 0):
            return x + 1
        return x
  )");
      }),
      AllOf(HasSubstr("model.pt"), HasSubstr("depends on data"), HasSubstr("torch.export")));
  EXPECT_THAT(message_of<RunError>([] {
                compiled(R"(
    def forward(self, x):
        for i in range(int(x.sum())):
            x = x + i
        return x
  )");
              }),
              HasSubstr("loop depends on data"));
}

TEST(TorchScript, AChangedAttributeIsRefusedByName) {
  EXPECT_THAT(message_of<RunError>([] {
                compiled(R"(
    def forward(self, x):
        self.number = int(x.size(0))
        return x + 1
  )");
              }),
              HasSubstr("'number' is changed"));
}

TEST(TorchScript, ChecksOfTheUsersCodeAreKept) {
  const auto graph = compiled(R"(
    def forward(self, x):
        assert x.dim() == 2, "want two dimensions"
        return x + 1
  )");
  EXPECT_THAT(plain_run(*graph, {at::ones({2, 3})}), SizeIs(1));
  EXPECT_THAT(message_of<RunError>([&] {
                plain_run(*graph, {at::ones({2, 3, 4})});
              }),
              HasSubstr("want two dimensions"));
}

TEST(TorchScript, NumberOfDimensionsFollowsFromAConvolution) {
  // Batch norm asks for it in every layer; one check in front is enough.
  const auto graph = load("resnet18.scripted.pt");
  const auto checks = std::count_if(graph->nodes.begin(), graph->nodes.end(), [](const Node& node) {
    return node.target == "softbeam::assert";
  });
  EXPECT_EQ(checks, 1);
  EXPECT_THAT(message_of<RunError>([&] {
                plain_run(*graph, {at::ones({3, 64, 64})});
              }),
              HasSubstr("dimensions"));
}

TEST(TorchScript, AListOfTensorsAsInputIsRefused) {
  EXPECT_THAT(message_of<RunError>([] {
                compiled(R"(
    def forward(self, x: List[Tensor]):
        return x[0]
  )");
              }),
              AllOf(HasSubstr("argument 'x'"), HasSubstr("List[Tensor]")));
}

}  // namespace
}  // namespace softbeam::model
