#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "host/base/error.h"
#include "host/model/load.h"
#include "tests/model/edited_archive.h"
#include "tests/support/message_of.h"
#include "tests/support/plain_run.h"
#include "tests/support/reference.h"
#include "tests/support/temp_dir.h"

namespace softbeam::model {
namespace {

using nlohmann::json;
using support::message_of;
using support::plain_run;
using support::read_reference;
using support::same_bits;
using support::TempDir;
using testing::AllOf;
using testing::HasSubstr;

// static_flatten: conv, relu, flatten, fc.
const std::string small_model = std::string(SB_TEST_MODELS) + "/static_flatten.pt2";

json& nodes_of(json& program) { return program["graph_module"]["graph"]["nodes"]; }

json argument(const char* name, json value, int kind = 1) {
  return {{"name", name}, {"arg", std::move(value)}, {"kind", kind}};
}

json tensor(const char* name) { return {{"as_tensor", {{"name", name}}}}; }

// Puts a node between the relu and the flatten of the model.
std::string with_node(const TempDir& folder, const json& node) {
  return with_json(folder, small_model, program_record, [&](json& program) {
    json& nodes = nodes_of(program);
    nodes[2]["inputs"][0]["arg"] = tensor("extra");
    nodes.insert(nodes.begin() + 2, node);
  });
}

json node_of(const char* target, json inputs, json outputs) {
  return {{"target", target},
          {"inputs", std::move(inputs)},
          {"outputs", std::move(outputs)},
          {"metadata",
           {{"nn_module_stack", "L__self__,,Net;L__self__layer1.0.foo,layer1.0.foo,Foo"},
            {"stack_trace", "File \"/home/u/model.py\", line 41, in forward\n    x"}}}};
}

json one_output() { return json::array({tensor("extra")}); }

at::Tensor result_of(const std::string& path) {
  at::set_num_threads(1);
  const auto graph = load_model(path);
  return plain_run(*graph, {read_reference(SB_TEST_MODELS, "static_flatten").input}).at(0);
}

at::Tensor with_identity(const TempDir& folder) {
  return result_of(
      with_node(folder, node_of("torch.ops.aten.relu.default",
                                json::array({argument("self", tensor("relu"))}), one_output())));
}

TEST(ExportedOperator, UnknownOnesAreRefusedWithTheirPlace) {
  const TempDir folder;
  const auto refusal = [&](const char* target) {
    const std::string path = with_node(
        folder, node_of(target, json::array({argument("x", tensor("relu"))}), one_output()));
    return message_of<RunError>([&] { load_model(path); });
  };
  EXPECT_THAT(refusal("torch.ops.torchvision.nms.default"),
              HasSubstr("operator torch.ops.torchvision.nms.default at module layer1.0.foo "
                        "(model.py:41) is not available in LibTorch 2.11"));
  EXPECT_THAT(refusal("torch.ops.quantized_decomposed.quantize_per_tensor.default"),
              HasSubstr("quantised models are read from TorchScript files"));
  EXPECT_THAT(refusal("torch.ops.higher_order.cond"),
              AllOf(HasSubstr("higher_order.cond at module layer1.0.foo (model.py:41)"),
                    HasSubstr("control flow")));
  EXPECT_THAT(refusal("torch.ops.higher_order.wrap_with_autocast"), HasSubstr("autocast"));
  EXPECT_THAT(refusal("_operator.matmul"), HasSubstr("_operator.matmul at module layer1.0.foo"));
  EXPECT_THAT(refusal("torch.ops.aten.no_such_operator.default"), HasSubstr("torch 2.11"));
}

TEST(ExportedOperator, WrongArgumentsNameTheNode) {
  const TempDir folder;
  const auto refusal = [&](json inputs, json outputs) {
    const std::string path = with_node(
        folder, node_of("torch.ops.aten.relu.default", std::move(inputs), std::move(outputs)));
    return message_of<RunError>([&] { load_model(path); });
  };
  const json good = json::array({argument("self", tensor("relu"))});
  EXPECT_THAT(refusal(json::array(), one_output()), HasSubstr("argument 'self' is missing"));
  EXPECT_THAT(refusal(json::array({argument("self", tensor("later"))}), one_output()),
              HasSubstr("value 'later' is used but nothing makes it"));
  EXPECT_THAT(refusal(json::array({argument("other", tensor("relu"), 2)}), one_output()),
              HasSubstr("has no argument 'other'"));
  EXPECT_THAT(refusal(json::array({argument("self", {{"as_operator", "x"}})}), one_output()),
              HasSubstr("kind 'as_operator' is not supported"));
  EXPECT_THAT(refusal(good, json::array({tensor("extra"), tensor("more")})),
              HasSubstr("2 outputs where the operator gives 1"));
}

TEST(ExportedOperator, NumbersForTensorsDoNotPromote) {
  const TempDir folder;
  const at::Tensor plain = with_identity(folder);
  for (const json& one : {json{{"as_float", 1.0}}, json{{"as_int", 1}}, json{{"as_bool", true}}}) {
    const at::Tensor same = result_of(with_node(
        folder, node_of("torch.ops.aten.mul.Tensor",
                        json::array({argument("self", tensor("relu")), argument("other", one)}),
                        one_output())));
    EXPECT_TRUE(same_bits(plain, same)) << one;
  }
}

TEST(ExportedOperator, SymbolicNumbersMayStandForTensors) {
  const TempDir folder;
  const std::string path = with_json(folder, small_model, program_record, [&](json& program) {
    json& nodes = nodes_of(program);
    nodes[2]["inputs"][0]["arg"] = tensor("extra");
    const json size = {{"as_sym_int", {{"as_name", "size"}}}};
    const json half = {{"as_sym_float", {{"as_name", "half"}}}};
    const json added = json::array(
        {node_of("torch.ops.aten.sym_size.int",
                 json::array({argument("self", tensor("relu")), argument("dim", {{"as_int", 0}})}),
                 json::array({size})),
         node_of("_operator.truediv",
                 json::array({argument("a", size), argument("b", {{"as_int", 2}})}),
                 json::array({half})),
         node_of("torch.ops.aten.mul.Tensor",
                 json::array({argument("self", tensor("relu")), argument("other", half)}),
                 one_output())});
    nodes.insert(nodes.begin() + 2, added.begin(), added.end());
  });
  EXPECT_TRUE(same_bits(with_identity(folder), result_of(path))) << "2 samples / 2 is 1";
}

TEST(ExportedOperator, InfinityIsWrittenAsText) {
  const TempDir folder;
  const at::Tensor same = result_of(
      with_node(folder, node_of("torch.ops.aten.clamp.default",
                                json::array({argument("self", tensor("relu")),
                                             argument("min", {{"as_float", "-Infinity"}})}),
                                one_output())));
  EXPECT_TRUE(same_bits(with_identity(folder), same));
}

TEST(ExportedOperator, TypesAndDevicesAreTranslated) {
  const TempDir folder;
  const std::string path = with_node(
      folder,
      node_of("torch.ops.aten.to.dtype_layout",
              json::array({argument("self", tensor("relu")),
                           argument("dtype", {{"as_scalar_type", 7}}, 2),
                           argument("layout", {{"as_layout", 7}}, 2),
                           argument("device", {{"as_device", {{"type", "cuda"}, {"index", 0}}}}, 2),
                           argument("memory_format", {{"as_memory_format", 2}}, 2)}),
              one_output()));
  EXPECT_EQ(result_of(path).scalar_type(), at::kFloat) << "a model from a GPU runs on the CPU";
}

TEST(ExportedOperator, BlocksWithoutGradientsAreTakenApart) {
  const TempDir folder;
  const std::string path = with_json(folder, small_model, program_record, [&](json& program) {
    json& nodes = nodes_of(program);
    json inner = nodes[1];  // the relu, in a graph with names of its own
    inner["inputs"][0]["arg"] = tensor("arg");
    inner["outputs"] = json::array({tensor("inside")});
    const json graph = {{"inputs", json::array({tensor("arg")})},
                        {"outputs", json::array({tensor("inside")})},
                        {"nodes", json::array({inner})}};
    const json block =
        node_of("torch.ops.higher_order.wrap_with_set_grad_enabled",
                json::array({argument("", {{"as_bool", false}}),
                             argument("", {{"as_graph", {{"name", "block"}, {"graph", graph}}}}),
                             argument("", tensor("conv2d"))}),
                json::array({tensor("relu")}));
    nodes[1] = block;
  });
  EXPECT_EQ(load_model(path)->nodes.size(), 4U);
  EXPECT_TRUE(same_bits(with_identity(folder), result_of(path)));
}

}  // namespace
}  // namespace softbeam::model
