// A region is used only where it is proved: every operator that is known proves, planted errors do
// not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/run/wave_region/made_graph.h"

namespace softbeam::run::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Made chain_of(const std::vector<std::int64_t>& sizes) {
  GraphMaker maker(sizes);
  const auto conv = maker.conv("conv", maker.input, 3, 8);
  const auto relu = maker.call("relu", "relu", {maker.batch_norm("bn", conv, 8)});
  return {maker.finish({maker.call("add.Tensor", "sum", {relu, conv})}), at::randn(sizes)};
}

TEST(ProveRegions, AWrongScaleIsFound) {
  const Made made = chain_of({4, 3, 9, 7});
  std::vector<Region> regions = made.regions();
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(made.prove(regions[0]), "");
  for (Stage& stage : regions[0].stages) {
    if (stage.kind == StageKind::batch_norm) {
      stage.scale[5] = std::nextafter(stage.scale[5], 100.0F);
    }
  }
  EXPECT_THAT(made.prove(regions[0]), HasSubstr("batch_norm at bn: computed alone it gives other"));
}

TEST(ProveRegions, AWrongBoundIsFound) {
  const Made made = chain_of({4, 3, 9, 7});
  std::vector<Region> regions = made.regions();
  ASSERT_EQ(regions.size(), 1U);
  for (Stage& stage : regions[0].stages) {
    if (stage.kind == StageKind::relu) {
      stage.low = -0.0F;  // the sign of a zero is a bit, too
    }
  }
  EXPECT_THAT(made.prove(regions[0]), HasSubstr("relu at relu"));
}

TEST(ProveRegions, WithoutGoldenThereIsNoProof) {
  Made made = chain_of({2, 3, 5, 5});
  made.clean_values.erase(made.value("conv"));
  EXPECT_THAT(made.prove(made.regions().at(0)), HasSubstr("no clean 'conv'"));
}

TEST(ProveRegions, AFailingNodeIsLeftOutAndTheOthersStay) {
  GraphMaker maker({4, 3, 8, 8});
  const auto a = maker.call("relu", "a", {maker.input});
  const auto b = maker.call("neg", "b", {a});
  const auto c = maker.call("relu", "c", {b});
  const auto graph = std::make_shared<model::Graph>(*maker.finish({c}));
  // Not elementwise at all, whatever its name says.
  graph->nodes[1].kernel = [](torch::jit::Stack& stack) {
    stack.front() = stack.front().toTensor().flip(-1).contiguous();
  };
  const Made made(graph, at::randn({4, 3, 8, 8}));
  EXPECT_EQ(made.regions().size(), 1U);
  const ProvenRegions proven =
      prove_regions(*made.graph, made.captured, made.values, {}, *made.executor, made.golden(), 1);
  ASSERT_THAT(proven.regions, SizeIs(2));
  EXPECT_EQ(made.names(proven.regions[0].nodes), std::vector<std::string>{"a"});
  EXPECT_EQ(made.names(proven.regions[1].nodes), std::vector<std::string>{"c"});
  ASSERT_THAT(proven.switched_off, SizeIs(1));
  EXPECT_THAT(proven.switched_off[0], HasSubstr("neg at b: "));
}

struct Unary {
  std::string op;
  std::vector<Argument> more;
};

TEST(ProveRegions, EveryUnaryOperatorIsTheLibrarysOwn) {
  const std::vector<Unary> operators{{"silu", {}},
                                     {"silu_", {}},
                                     {"sigmoid", {}},
                                     {"gelu", {}},
                                     {"gelu", {c10::IValue("tanh")}},
                                     {"hardswish", {}},
                                     {"hardswish_", {}},
                                     {"hardsigmoid", {}},
                                     {"tanh", {}},
                                     {"elu", {}},
                                     {"leaky_relu", {0.2}},
                                     {"leaky_relu_", {0.1}},
                                     {"mish", {}},
                                     {"softplus", {}},
                                     {"exp", {}},
                                     {"neg", {}},
                                     {"abs", {}},
                                     {"sqrt", {}},
                                     {"pow.Tensor_Scalar", {3}},
                                     {"div.Scalar", {3.0}},
                                     {"rsub.Scalar", {1.0}},
                                     {"relu6", {}},
                                     {"hardtanh_", {0.0, 6.0}},
                                     {"clamp", {-0.5, none()}},
                                     {"clamp_min", {0.1}},
                                     {"add.Scalar", {2.5, 0.3}},
                                     {"sub.Scalar", {2.5}},
                                     {"mul.Scalar", {-1.7}},
                                     {"clone", {}},
                                     {"detach", {}},
                                     {"alias", {}},
                                     {"contiguous", {}},
                                     {"dropout", {0.1, false}},
                                     {"feature_dropout", {0.1, false}}};
  for (const Unary& unary : operators) {
    for (const std::vector<std::int64_t>& sizes :
         {std::vector<std::int64_t>{4, 4, 8, 6}, std::vector<std::int64_t>{16, 12}}) {
      GraphMaker maker(sizes);
      std::vector<Argument> arguments{maker.call("relu", "first", {maker.input})};
      arguments.insert(arguments.end(), unary.more.begin(), unary.more.end());
      const Made made(maker.finish({maker.call(unary.op, "op", arguments)}), at::randn(sizes));
      const auto regions = made.regions();
      ASSERT_EQ(regions.size(), 1U) << unary.op;
      ASSERT_EQ(regions[0].stages.size(), 2U) << unary.op;
      EXPECT_EQ(made.prove(regions[0]), "") << unary.op;
    }
  }
}

TEST(ProveRegions, BinaryOperatorsAreTheLibrarysOwn) {
  for (const char* op : {"add.Tensor", "sub.Tensor", "mul.Tensor", "add_.Tensor", "mul_.Tensor"}) {
    for (const double alpha : {1.0, 0.3}) {
      GraphMaker maker({4, 4, 8, 8});
      const auto a = maker.conv("a", maker.input, 4, 4);
      const auto b = maker.conv("b", maker.input, 4, 4);
      std::vector<Argument> arguments{a, b};
      const bool scaled = std::string(op).substr(0, 3) != "mul";
      if (scaled) arguments.emplace_back(alpha);
      const Made made(maker.finish({maker.call(op, "op", arguments)}), at::randn({4, 4, 8, 8}));
      const auto regions = made.regions();
      ASSERT_EQ(regions.size(), 1U) << op;
      EXPECT_EQ(made.prove(regions[0]), "") << op << alpha;
    }
  }
}

}  // namespace
}  // namespace softbeam::run::testing
