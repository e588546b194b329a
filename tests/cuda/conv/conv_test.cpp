// Convolutions by cuDNN on a GPU, against float64, against themselves, and struck.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <optional>
#include <vector>

#include "cuda/conv/plans.h"
#include "cuda/conv/struck.h"
#include "cuda/error.h"
#include "injectors/nan.h"
#include "tests/cuda/conv/reference.h"
#include "tests/cuda/on_gpu.h"
#include "tests/injectors/sampled.h"

namespace softbeam::gpu {
namespace {

using injectors::DType;
using Bytes = std::vector<std::uint8_t>;

// Numbers that the type holds exactly, and their words.
struct Operand {
  std::vector<double> numbers;
  Bytes words;
};

Operand random_operand(std::int64_t count, DType dtype, std::mt19937_64& generator) {
  std::uniform_real_distribution<double> between(-1.0, 1.0);
  const auto size = static_cast<std::size_t>(injectors::bytes(dtype));
  Operand operand;
  operand.words.resize(static_cast<std::size_t>(count) * size);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const std::uint64_t word = *injectors::encode(between(generator), dtype);
    std::memcpy(operand.words.data() + i * size, &word, size);
    operand.numbers.push_back(injectors::decode(word, dtype));
  }
  return operand;
}

std::uint64_t word_at(const Bytes& words, std::size_t i, DType dtype) {
  const auto size = static_cast<std::size_t>(injectors::bytes(dtype));
  std::uint64_t word = 0;
  std::memcpy(&word, words.data() + i * size, size);
  return word;
}

// One convolution with its operands on the device.
class Layer {
 public:
  Layer(const ConvGeometry& geometry, std::mt19937_64& generator)
      : input(random_operand(input_words(geometry), geometry.dtype, generator)),
        weight(random_operand(weight_words(geometry), geometry.dtype, generator)),
        input_there_(input.words),
        weight_there_(weight.words),
        output_(static_cast<std::size_t>(output_words(geometry)) *
                static_cast<std::size_t>(injectors::bytes(geometry.dtype))) {}
  ConvTensors tensors() { return {input_there_.data(), weight_there_.data(), output_.data()}; }
  Bytes output() const { return output_.read(); }
  Bytes run(ConvPlans& plans, const ConvPlan& plan) {
    plans.run(plan, tensors(), StreamRef());
    return output();
  }

  Operand input;
  Operand weight;

 private:
  tests::OnGpu::Array<std::uint8_t> input_there_;
  tests::OnGpu::Array<std::uint8_t> weight_there_;
  tests::OnGpu::Array<std::uint8_t> output_;
};

void expect_within(const ConvGeometry& g, const Layer& layer, const Bytes& output,
                   const std::string& engine) {
  const Reference reference = convolve(g, layer.input.numbers, layer.weight.numbers);
  for (std::size_t i = 0; i < reference.sums.size(); ++i) {
    const double number = injectors::decode(word_at(output, i, g.dtype), g.dtype);
    ASSERT_NEAR(number, reference.sums[i], reference.bounds[i])
        << text(g) << " by " << engine << " at " << i;
  }
}

class GpuConv : public GpuTest {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    if (!IsSkipped()) plans_.emplace(ConvOptions{}, plain_memory());
  }

  // Null where cuDNN has no engine that may be used: only half types and NHWC may lack one.
  std::shared_ptr<const ConvPlan> plan(const ConvGeometry& g, const ConvProof& proof = {}) {
    try {
      return plans_->find(g, {}, proof);
    } catch (const GpuError& error) {
      const bool must = g.dtype == DType::float32 && g.format == Format::channels_first;
      EXPECT_FALSE(must) << error.what();
      std::cout << "left out: " << error.what() << "\n";
      return nullptr;
    }
  }

  std::optional<ConvPlans> plans_;
  std::mt19937_64 generator_ = tests::printed_generator();
};

TEST_F(GpuConv, EqualsFloat64WithinTheBoundOfItsType) {
  for (const ConvGeometry& g : small_geometries()) {
    const auto found = plan(g);
    if (!found) continue;
    std::cout << text(g) << ": " << found->engine().name << " (" << text(found->engine().notes)
              << ")\n";
    Layer layer(g, generator_);
    expect_within(g, layer, layer.run(*plans_, *found), found->engine().name);
  }
}

TEST_F(GpuConv, GivesTheSameBitsEveryTime) {
  for (const ConvGeometry& g : small_geometries()) {
    const auto found = plan(g);
    if (!found) continue;
    Layer layer(g, generator_);
    const Bytes first = layer.run(*plans_, *found);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(layer.run(*plans_, *found), first) << text(g);
    // Another set of plans takes the same engine and gives the same bits.
    ConvPlans others(ConvOptions{}, plain_memory());
    const auto again = others.find(g);
    EXPECT_EQ(again->engine().name, found->engine().name);
    EXPECT_EQ(layer.run(others, *again), first) << text(g);
  }
}

TEST_F(GpuConv, TakesNoEngineThatTheRulesExclude) {
  for (const ConvGeometry& g : small_geometries()) {
    const auto found = plan(g);
    if (!found) continue;
    EXPECT_EQ(objection(found->engine(), {.dtype = g.dtype, .workspace_limit = 256 << 20}), "");
  }
}

TEST_F(GpuConv, AProofThatRefusesAnEngineGetsTheNext) {
  const ConvGeometry g = small_geometries().front();
  Layer layer(g, generator_);
  std::vector<std::string> asked;
  const auto found = plan(g, [&](const ConvPlan& candidate) {
    asked.push_back(candidate.engine().name);
    layer.run(*plans_, candidate);  // a proof may run what it is asked about
    return asked.size() > 1;
  });
  ASSERT_NE(found, nullptr);
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(found->engine().name, asked[1]);
  expect_within(g, layer, layer.run(*plans_, *found), asked[1]);
  EXPECT_NE(plans_->find(g), found) << "a plan without a proof is another entry";
}

TEST_F(GpuConv, APlanIsMadeOnceForAGeometry) {
  const ConvGeometry g = small_geometries().front();
  EXPECT_EQ(plan(g), plan(g));
}

TEST_F(GpuConv, IsStruckInPlaceAndReadBack) {
  for (const ConvGeometry& g : small_geometries()) {
    const auto found = plan(g);
    if (!found) continue;
    Layer layer(g, generator_);
    const Operand bias = random_operand(g.outputs, g.dtype, generator_);
    tests::OnGpu::Array<std::uint8_t> bias_there(bias.words);
    const StruckCall call{layer.tensors(), bias_there.data()};
    convolve_and_strike(*plans_, *found, call, {}, {}, plain_memory(), StreamRef());
    Bytes expected = layer.output();

    std::vector<injectors::Strike> strikes;
    const auto words = static_cast<std::uint64_t>(output_words(g));
    for (std::uint64_t offset = generator_() % 3; offset < words; offset += 1 + generator_() % 9) {
      strikes.push_back({offset, {~std::uint64_t{0}, std::uint64_t{1} << (generator_() % 64)}});
    }
    std::vector<injectors::Effect> effects(strikes.size());
    convolve_and_strike(*plans_, *found, call, strikes, effects, plain_memory(), StreamRef());
    const auto size = static_cast<std::size_t>(injectors::bytes(g.dtype));
    for (std::size_t i = 0; i < strikes.size(); ++i) {
      const std::uint64_t mask = ~std::uint64_t{0} >> (64 - 8 * size);
      const std::uint64_t before = word_at(expected, strikes[i].offset, g.dtype);
      const std::uint64_t after = (before ^ strikes[i].masks.flip) & mask;
      ASSERT_EQ(effects[i], (injectors::Effect{before, after})) << text(g) << " " << i;
      std::memcpy(expected.data() + strikes[i].offset * size, &after, size);
    }
    EXPECT_EQ(layer.output(), expected) << text(g);
  }
}

TEST_F(GpuConv, StrikesThatMissOrMeetAreRefusedBeforeAnythingRuns) {
  const ConvGeometry g = small_geometries().front();
  const auto found = plan(g);
  Layer layer(g, generator_);
  const Bytes before = layer.output();
  const StruckCall call{layer.tensors(), nullptr};
  std::vector<injectors::Effect> effects(2);
  const std::vector<injectors::Strike> twins = {{5, {}}, {5, {}}};
  EXPECT_THROW(
      convolve_and_strike(*plans_, *found, call, twins, effects, plain_memory(), StreamRef()),
      std::invalid_argument);
  const auto words = static_cast<std::uint64_t>(output_words(g));
  const std::vector<injectors::Strike> outside = {{5, {}}, {words, {}}};
  EXPECT_THROW(
      convolve_and_strike(*plans_, *found, call, outside, effects, plain_memory(), StreamRef()),
      std::invalid_argument);
  EXPECT_EQ(layer.output(), before);
}

TEST_F(GpuConv, AnEngineWithoutRoomForItsWorkspaceIsNotTaken) {
  ConvPlans tight(ConvOptions{.workspace_limit = 0}, plain_memory());
  const auto found = tight.find(small_geometries().front());
  EXPECT_EQ(found->engine().workspace_bytes, 0);
}

TEST(Conv, AlignmentsAreThoseOfEachTensor) {
  alignas(16) std::array<char, 48> memory{};
  const ConvTensors tensors{memory.data(), memory.data() + 24, memory.data() + 36};
  EXPECT_EQ(alignments_of(tensors, DType::float32), (Alignments{16, 8, 4}));
  EXPECT_THROW(alignments_of({memory.data(), memory.data(), nullptr}, DType::float32),
               std::invalid_argument);
}

// A plan without cuDNN's side: what is refused, is refused before it is needed.
TEST_F(GpuConv, ATensorThatIsLessAlignedThanThePlanIsRefused) {
  CudnnHandle handle;
  const ConvPlan narrow({.geometry = small_geometries().front()}, {}, nullptr);
  alignas(16) std::array<char, 48> memory{};
  const ConvTensors tensors{memory.data(), memory.data() + 24, memory.data()};
  EXPECT_THROW(narrow.run(handle, tensors, nullptr, StreamRef()), std::invalid_argument);
}

// Without a GPU cuDNN does not start, and says so.
TEST(Conv, WithoutAGpuTheHandleSaysSo) {
  if (why_no_gpu().empty()) GTEST_SKIP() << "there is a GPU";
  try {
    const ConvPlans plans(ConvOptions{}, plain_memory());
    FAIL() << "no exception";
  } catch (const GpuError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("cudnnCreate"));
    EXPECT_THAT(error.what(), testing::HasSubstr("CUDNN_STATUS_NOT_INITIALIZED"));
  }
}

}  // namespace
}  // namespace softbeam::gpu
