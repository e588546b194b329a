#include "host/model/builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace softbeam::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Chains nodes of one tensor each behind one input.
class Chain {
 public:
  Chain() : last_(builder_.add_input("x", {-1, 3})) {}

  // `modules`: paths from the outermost; a call is told apart by `call`.
  ValueId add(const std::string& op, const std::vector<std::string>& modules,
              const std::string& call = "", std::size_t results = 1, bool tensors = true) {
    Node node;
    node.target = op.find("::") == std::string::npos ? "aten::" + op : op;
    node.op = op_name(node.target);
    node.arguments.resize(1);
    node.argument_names = {"self"};
    node.slots = {{0, -1, last_}};
    std::vector<ModuleCall> stack{{"", ""}};
    for (const std::string& path : modules) {
      stack.push_back({path + call, path});
    }
    last_ = builder_.add_node(std::move(node), results, std::move(stack), tensors).front();
    return last_;
  }

  std::vector<std::string> names() {
    outputs_.push_back(last_);
    builder_.set_outputs(outputs_, {});
    const auto graph = builder_.finish("test", "", {});
    std::vector<std::string> names;
    for (const Value& value : graph->values) {
      if (value.kind == ValueKind::result) {
        names.push_back(value.name);
      }
    }
    return names;
  }

  // Makes the next node read `value`; what was last is an output.
  void go_back_to(ValueId value) {
    outputs_.push_back(last_);
    last_ = value;
  }

 private:
  GraphBuilder builder_;
  ValueId last_;
  std::vector<ValueId> outputs_;
};

TEST(Names, LastTensorOfACallTakesTheModulesPath) {
  Chain chain;
  chain.add("pad", {"block"});
  chain.add("conv2d", {"block"});
  chain.add("relu", {});
  EXPECT_THAT(chain.names(), ElementsAre("block.pad", "block", "relu"));
}

TEST(Names, SubmodulesDoNotNameTheirParents) {
  Chain chain;
  chain.add("conv2d", {"block", "block.conv"});
  chain.add("add", {"block"});
  chain.add("relu", {"block", "block.relu"});
  EXPECT_THAT(chain.names(), ElementsAre("block.conv", "block.add", "block.relu"));
}

TEST(Names, RepeatedCallsAreNumbered) {
  Chain chain;
  chain.add("relu", {"relu"});
  chain.add("relu", {"relu"}, "@1");
  chain.add("add", {});
  chain.add("add", {});
  chain.add("relu", {"relu"}, "@2");
  EXPECT_THAT(chain.names(), ElementsAre("relu", "relu_1", "add", "add_1", "relu_2"));
}

TEST(Names, NumbersDoNotTakeTheNameOfAnotherModule) {
  Chain chain;
  chain.add("conv2d", {"conv"});
  chain.add("conv2d", {"conv"}, "@1");
  chain.add("conv2d", {"conv_1"});
  EXPECT_THAT(chain.names(), ElementsAre("conv", "conv_2", "conv_1"));
}

TEST(Names, InputsAndParametersComeFirst) {
  Chain chain;
  chain.add("relu", {"x"});
  EXPECT_THAT(chain.names(), ElementsAre("x_1"));
}

TEST(Names, SizesDoNotShiftTensors) {
  Chain chain;
  chain.add("mul", {}, "", 1, false);
  chain.add("mul", {});
  EXPECT_THAT(chain.names(), ElementsAre("mul_1", "mul"));
}

TEST(Names, FurtherResultsAreCounted) {
  Chain chain;
  chain.add("max", {"pool"}, "", 2);
  EXPECT_THAT(chain.names(), ElementsAre("pool", "pool:out1"));
}

TEST(Names, ItemsTakeTheNameOfTheirList) {
  Chain chain;
  chain.add("chunk", {"cut"});
  chain.add("prim::ListUnpack", {"cut"}, "", 2);
  EXPECT_THAT(chain.names(), ElementsAre("cut:list", "cut", "cut:out1"));
}

TEST(Names, AListThatIsTakenApartTwiceStaysUnique) {
  Chain chain;
  const ValueId list = chain.add("chunk", {});
  chain.add("prim::ListUnpack", {}, "", 2);
  chain.go_back_to(list);
  chain.add("prim::ListUnpack", {}, "", 2);
  EXPECT_THAT(chain.names(),
              ElementsAre("chunk:list", "chunk", "chunk:out1", "ListUnpack", "ListUnpack:out1"));
}

TEST(Builder, LeavesOutWhatNobodyUses) {
  GraphBuilder builder;
  const ValueId input = builder.add_input("x", {});
  builder.add_input("unused", {});
  const ValueId used = builder.add_stored(ValueKind::parameter, "w", 1);
  builder.add_stored(ValueKind::buffer, "b", 1);
  const auto node = [&](const char* op, ValueId value, bool writes) {
    Node result;
    result.op = op;
    result.arguments.resize(1);
    result.argument_names = {"self"};
    result.slots = {{0, -1, value}};
    if (writes) {
      result.writes = {0};
    }
    return builder.add_node(std::move(result), 1, {}, true)[0];
  };
  node("dead", node("dead", input, false), false);
  const ValueId output = node("kept", used, false);
  node("writes", output, true);
  builder.set_outputs({output}, {"0"});
  const auto graph = builder.finish("test", "d", 4);

  ASSERT_EQ(graph->nodes.size(), 2U);
  EXPECT_EQ(graph->nodes[0].op, "kept");
  EXPECT_EQ(graph->nodes[1].op, "writes");
  EXPECT_EQ(graph->inputs.size(), 2U) << "the signature stays";
  ASSERT_EQ(graph->stored.size(), 1U);
  EXPECT_EQ(graph->value(graph->stored[0].value).name, "w");
  EXPECT_EQ(graph->value(graph->outputs[0]).name, "kept");
  EXPECT_EQ(graph->value(graph->outputs[0]).producer, graph->nodes[0].id);
  EXPECT_EQ(graph->nodes[1].slots[0].value, graph->outputs[0]);
  EXPECT_EQ(graph->static_batch, 4);
}

TEST(OpName, DropsNamespaceOverloadAndUnderscore) {
  EXPECT_EQ(op_name("aten::relu_"), "relu");
  EXPECT_EQ(op_name("aten::add_.Tensor"), "add");
  EXPECT_EQ(op_name("aten::__and__"), "__and__");
  EXPECT_EQ(op_name("aten::_softmax"), "_softmax");
  EXPECT_EQ(op_name("aten::_convolution", 4), "conv2d");
  EXPECT_EQ(op_name("aten::convolution", 3), "conv1d");
  EXPECT_EQ(op_name("aten::_convolution", 5, true), "conv_transpose3d");
  EXPECT_EQ(op_name("aten::_convolution"), "_convolution");
}

TEST(Describe, NamesOperatorModuleAndLine) {
  Node node;
  node.op = "conv2d";
  EXPECT_EQ(describe(node), "conv2d");
  node.module = "layer1.0.conv1";
  node.location = "model.py:41";
  EXPECT_EQ(describe(node), "conv2d at layer1.0.conv1 (model.py:41)");
}

}  // namespace
}  // namespace softbeam::model
