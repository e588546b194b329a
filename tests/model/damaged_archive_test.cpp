#include <ATen/core/Tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "host/base/error.h"
#include "host/model/load.h"
#include "tests/model/edited_archive.h"
#include "tests/support/message_of.h"
#include "tests/support/temp_dir.h"

namespace softbeam::model {
namespace {

using nlohmann::json;
using support::message_of;
using support::TempDir;
using testing::AllOf;
using testing::HasSubstr;

const std::string small_model = std::string(SB_TEST_MODELS) + "/two_outputs.pt2";

std::string refusal(const std::string& path) {
  std::string message = message_of<RunError>([&] { load_model(path); });
  EXPECT_THAT(message, HasSubstr(path));
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  return message;
}

TEST(DamagedArchive, MissingRecordsAreNamed) {
  const TempDir folder;
  for (const char* record :
       {weights_record, "data/constants/model_constants_config.json", "data/weights/weight_0"}) {
    EXPECT_THAT(refusal(without_record(folder, small_model, record)),
                AllOf(HasSubstr(record), HasSubstr("is missing")));
  }
}

TEST(DamagedArchive, CutJsonNamesItsRecord) {
  const TempDir folder;
  for (const char* record : {program_record, weights_record}) {
    EXPECT_THAT(refusal(with_record(folder, small_model, record,
                                    [](std::string& bytes) { bytes.resize(bytes.size() / 2); })),
                AllOf(HasSubstr(record), HasSubstr("is not valid JSON")));
  }
}

TEST(DamagedArchive, JsonOfAnotherShapeNamesTheMember) {
  const TempDir folder;
  for (const char* value : {"[]", "{}", "null", "3", "\"text\"", "{\"graph_module\": 3}"}) {
    EXPECT_THAT(refusal(with_record(folder, small_model, program_record,
                                    [&](std::string& bytes) { bytes = value; })),
                AllOf(HasSubstr(program_record), HasSubstr("is not as expected")))
        << value;
  }
}

TEST(DamagedArchive, WeightsThatDoNotFitTheirStorageAreNamed) {
  struct Case {
    const char* member;
    json value;
  };
  const auto list = [](std::initializer_list<std::int64_t> values) {
    json result = json::array();
    for (const std::int64_t value : values) {
      result.push_back({{"as_int", value}});
    }
    return result;
  };
  constexpr std::int64_t huge = std::int64_t{1} << 62;
  const Case cases[] = {
      {"sizes", list({4, 3, 3, 4})},
      {"sizes", list({-4, 3, 3, 3})},
      {"sizes", list({huge, huge, 3, 3})},
      {"sizes", list({4, 3, 3})},
      {"strides", list({huge, huge, 3, 1})},
      {"strides", list({-27, 9, 3, 1})},
      {"storage_offset", {{"as_int", 1}}},
      {"storage_offset", {{"as_int", -1}}},
      {"storage_offset", {{"as_int", std::numeric_limits<std::int64_t>::max()}}},
      {"dtype", 8},
  };
  const TempDir folder;
  for (const Case& one : cases) {
    EXPECT_THAT(refusal(with_json(folder, small_model, weights_record,
                                  [&](json& config) {
                                    config["config"]["conv.weight"]["tensor_meta"][one.member] =
                                        one.value;
                                  })),
                AllOf(HasSubstr("conv.weight"), HasSubstr("does not fit its storage")))
        << one.member << " " << one.value;
  }
}

TEST(DamagedArchive, ViewsOfOneStorageShareIt) {
  const TempDir folder;
  const auto graph = load_model(with_json(folder, small_model, weights_record, [](json& config) {
    json& bias = config["config"]["conv.bias"];
    bias["path_name"] = config["config"]["conv.weight"]["path_name"];
    bias["tensor_meta"]["storage_offset"] = {{"as_int", 7}};
    bias["tensor_meta"]["strides"] = {{{"as_int", 2}}};
  }));
  at::Tensor weight;
  at::Tensor bias;
  for (const Stored& stored : graph->stored) {
    const std::string& name = graph->value(stored.value).name;
    if (name == "conv.weight") {
      weight = stored.content.toTensor();
    } else if (name == "conv.bias") {
      bias = stored.content.toTensor();
    }
  }
  ASSERT_TRUE(weight.is_alias_of(bias));
  EXPECT_EQ(static_cast<const char*>(bias.const_data_ptr()) -
                static_cast<const char*>(weight.const_data_ptr()),
            28);
  EXPECT_EQ(bias.stride(0), 2);
}

// Whatever the bytes are: an error for the user, or a graph; never a crash.
void corrupt_bytes(const char* record, std::uint32_t seed) {
  const TempDir folder;
  std::mt19937 random(seed);
  int loaded = 0;
  for (int round = 0; round < 200; ++round) {
    const std::string path = with_record(folder, small_model, record, [&](std::string& bytes) {
      bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
    });
    try {
      ASSERT_NE(load_model(path), nullptr);
      ++loaded;
    } catch (const RunError& error) {
      EXPECT_THAT(error.what(), HasSubstr(path));
    }
  }
  testing::Test::RecordProperty("loaded", loaded);
}

TEST(DamagedArchive, AnyByteOfTheProgramMayBeWrong) { corrupt_bytes(program_record, 1); }
TEST(DamagedArchive, AnyByteOfTheWeightsConfigMayBeWrong) { corrupt_bytes(weights_record, 2); }

}  // namespace
}  // namespace softbeam::model
