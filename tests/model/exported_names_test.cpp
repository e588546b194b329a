#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "host/model/load.h"

namespace softbeam::model {
namespace {

using testing::ElementsAre;

std::vector<std::string> result_names(const std::string& name) {
  const auto graph = load_model(std::string(SB_TEST_MODELS) + "/" + name + ".pt2");
  std::vector<std::string> names;
  for (const Value& value : graph->values) {
    if (value.kind == ValueKind::result) {
      names.push_back(value.name);
    }
  }
  return names;
}

std::vector<std::string> resnet18_names() {
  std::vector<std::string> names{"conv1", "bn1", "relu", "maxpool"};
  for (int layer = 1; layer <= 4; ++layer) {
    for (int block = 0; block < 2; ++block) {
      const std::string path = "layer" + std::to_string(layer) + "." + std::to_string(block) + ".";
      for (const char* name : {"conv1", "bn1", "relu", "conv2", "bn2"}) {
        names.push_back(path + name);
      }
      if (layer > 1 && block == 0) {
        names.push_back(path + "downsample.0");
        names.push_back(path + "downsample.1");
      }
      names.push_back(path + "add");
      names.push_back(path + "relu_1");
    }
  }
  names.insert(names.end(), {"avgpool", "flatten", "fc"});
  return names;
}

TEST(ExportedNames, OfResnet18AreItsModulesInOrder) {
  EXPECT_THAT(result_names("resnet18"), testing::ElementsAreArray(resnet18_names()));
}

TEST(ExportedNames, OfLenet5) {
  EXPECT_THAT(result_names("lenet5"),
              ElementsAre("pad", "conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten",
                          "fc1", "relu3", "fc2", "relu4", "fc3"));
}

TEST(ExportedNames, OfModulesThatAreCalledTwice) {
  EXPECT_THAT(result_names("two_calls"),
              ElementsAre("conv", "relu", "swish.sigmoid", "swish", "mid", "relu_1", "add",
                          "swish.sigmoid_1", "swish_1", "flatten", "fc"));
}

TEST(ExportedNames, OfListsAndTheirItems) {
  EXPECT_THAT(result_names("scalars"),
              ElementsAre("add", "conv", "mul", "chunk:list", "chunk", "chunk:out1", "rsub",
                          "split_with_sizes:list", "split_with_sizes", "split_with_sizes:out1",
                          "mul_1", "relu", "mean", "div", "cat", "flatten", "fc"));
}

TEST(ExportedNames, AreUniqueInEveryModel) {
  for (const char* name : {"efficientnet_lite0", "inplace_views", "tied", "batch_moves"}) {
    const auto graph = load_model(std::string(SB_TEST_MODELS) + "/" + name + ".pt2");
    std::set<std::string> seen;
    for (const Value& value : graph->values) {
      EXPECT_FALSE(value.name.empty());
      EXPECT_TRUE(seen.insert(value.name).second) << name << ": " << value.name;
    }
  }
}

}  // namespace
}  // namespace softbeam::model
