// Every region of real models is proved on this machine.
#include <gtest/gtest.h>

#include "host/data/npz.h"
#include "host/model/load.h"
#include "tests/run/wave_region/made_graph.h"

namespace softbeam::run::testing {
namespace {

at::Tensor reference_input(const std::string& name) {
  const auto arrays = data::read_npz(std::string(SB_TEST_MODELS) + "/" + name + ".reference.npz");
  const data::Array& array = arrays.at("input");
  at::Tensor tensor = at::empty(array.shape, at::kFloat);
  std::memcpy(tensor.mutable_data_ptr(), array.bytes.data(), array.bytes.size());
  return tensor;
}

std::size_t prove_all(const std::string& name, const std::string& form) {
  const Made made(model::load_model(std::string(SB_TEST_MODELS) + "/" + name + form),
                  reference_input(name));
  EXPECT_EQ(made.captured.refusal, "");
  const ProvenRegions proven =
      prove_regions(*made.graph, made.captured, made.values, {}, *made.executor, made.golden(), 1);
  for (const std::string& off : proven.switched_off) {
    ADD_FAILURE() << name << form << ": " << off;
  }
  return proven.regions.size();
}

TEST(ModelRegions, OfResNet18AreProved) {
  const std::size_t exported = prove_all("resnet18", ".pt2");
  EXPECT_EQ(exported, 20U);
  EXPECT_EQ(prove_all("resnet18", ".traced.pt"), exported);
  EXPECT_EQ(prove_all("resnet18", ".scripted.pt"), exported);
}

TEST(ModelRegions, OfEfficientNetAreProved) {
  const std::size_t exported = prove_all("efficientnet_lite0", ".pt2");
  EXPECT_EQ(exported, 50U);
  EXPECT_EQ(prove_all("efficientnet_lite0", ".traced.pt"), exported);
}

TEST(ModelRegions, OfLeNetAreProved) {
  EXPECT_EQ(prove_all("lenet5", ".pt2"), 4U);
  EXPECT_EQ(prove_all("lenet5", ".traced.pt"), 4U);
}

}  // namespace
}  // namespace softbeam::run::testing
