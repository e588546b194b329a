// Which engines may be used, in which order they are tried, and what a proof decides; no cuDNN.
#include "cuda/conv/select.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "cuda/error.h"

namespace softbeam::gpu {
namespace {

using injectors::DType;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr EngineRules float32_rules{.dtype = DType::float32, .workspace_limit = 1000};
constexpr EngineRules half_rules{.dtype = DType::float16, .workspace_limit = 1000};

TEST(Engine, WithoutNotesIsAllowed) {
  EXPECT_THAT(objection({"e", {}, 1000}, float32_rules), IsEmpty());
}

TEST(Engine, ThatSumsInNoFixedOrderIsRefused) {
  EXPECT_THAT(objection({"e", {EngineNote::nondeterministic}, 0}, half_rules),
              HasSubstr("not deterministic"));
}

TEST(Engine, ThatNarrowsIsRefusedInEveryType) {
  for (const EngineRules& rules : {float32_rules, half_rules}) {
    EXPECT_THAT(objection({"e", {EngineNote::down_convert_inputs}, 0}, rules),
                HasSubstr("narrows"));
    EXPECT_THAT(objection({"e", {EngineNote::reduced_precision_reduction}, 0}, rules),
                HasSubstr("less than float32"));
  }
}

TEST(Engine, UsesTensorCoresOnFloat32OnlyWithTf32) {
  const Engine engine{"e", {EngineNote::tensor_core}, 0};
  EXPECT_THAT(objection(engine, float32_rules), HasSubstr("TF32 is off"));
  EngineRules with_tf32 = float32_rules;
  with_tf32.tf32 = Tf32::on;
  EXPECT_THAT(objection(engine, with_tf32), IsEmpty());
  EXPECT_THAT(objection(engine, half_rules), IsEmpty());
}

TEST(Engine, MustKeepToTheWorkspace) {
  EXPECT_THAT(objection({"e", {}, 1001}, float32_rules), HasSubstr("1001 bytes"));
}

TEST(Engine, NotesHaveNames) {
  EXPECT_EQ(text(EngineNotes{}), "");
  EXPECT_EQ(text(EngineNotes{EngineNote::winograd, EngineNote::tensor_core}),
            "tensor_core, winograd");
  EXPECT_EQ(text(EngineNotes{EngineNote::runtime_compilation}), "runtime_compilation");
}

TEST(Preference, KeepsCudnnsOrderButForTiledTransforms) {
  const std::vector<Engine> engines = {{"wino", {EngineNote::winograd}, 0},
                                       {"a", {}, 0},
                                       {"fft", {EngineNote::fft}, 0},
                                       {"b", {EngineNote::tensor_core}, 0},
                                       {"tile", {EngineNote::winograd_tile_6x6}, 0}};
  EXPECT_THAT(preference(engines), ElementsAre(1, 3, 0, 2, 4));
}

struct FakePlan {
  Engine built;
  const Engine& engine() const { return built; }
};

// Builds what it is told to; candidates named "broken" cannot be built, "large" need workspace.
struct Bench {
  std::vector<Engine> engines;
  std::vector<std::string> built;
  std::vector<std::string> asked;
  std::vector<std::string> refused;

  Selection<FakePlan> run() {
    Selector<FakePlan> selector;
    selector.build = [this](std::size_t i) {
      const Engine& engine = engines[i];
      built.push_back(engine.name);
      if (engine.name == "broken") throw GpuError(9, "not supported");
      const std::int64_t workspace = engine.name == "large" ? 5000 : 10;
      return std::make_unique<FakePlan>(FakePlan{{engine.name, engine.notes, workspace}});
    };
    selector.proof = [this](FakePlan& plan) {
      asked.push_back(plan.engine().name);
      return std::find(refused.begin(), refused.end(), plan.engine().name) == refused.end();
    };
    return select<FakePlan, GpuError>(engines, float32_rules, selector);
  }
};

TEST(Select, TakesTheFirstThatIsAllowedAndBuiltAndProved) {
  Bench bench;
  bench.engines = {{"random", {EngineNote::nondeterministic}, 0},
                   {"broken", {}, 0},
                   {"large", {}, 0},
                   {"moving", {}, 0},
                   {"good", {}, 0},
                   {"later", {}, 0}};
  bench.refused = {"moving"};
  const Selection<FakePlan> selection = bench.run();
  ASSERT_NE(selection.plan, nullptr);
  EXPECT_EQ(selection.plan->engine().name, "good");
  EXPECT_THAT(bench.built, ElementsAre("broken", "large", "moving", "good"));
  EXPECT_THAT(bench.asked, ElementsAre("moving", "good"));
  ASSERT_EQ(selection.rejected.size(), 4U);
  EXPECT_THAT(selection.rejected[0].why, HasSubstr("not deterministic"));
  EXPECT_THAT(selection.rejected[1].why, HasSubstr("not supported"));
  EXPECT_THAT(selection.rejected[2].why, HasSubstr("5000 bytes"));
  EXPECT_EQ(selection.rejected[3].why, "failed the proof");
}

TEST(Select, ATiledTransformIsTakenWhereItAloneIsLeftAndProved) {
  Bench bench;
  bench.engines = {{"wino", {EngineNote::winograd}, 0}, {"plain", {}, 0}};
  EXPECT_EQ(bench.run().plan->engine().name, "plain");
  bench.refused = {"plain"};
  EXPECT_EQ(bench.run().plan->engine().name, "wino");
}

TEST(Select, WithoutAnEngineLeftSaysWhy) {
  Bench bench;
  bench.engines = {{"a", {}, 0}, {"r", {EngineNote::nondeterministic}, 0}, {"b", {}, 0}};
  bench.refused = {"a", "b"};
  const Selection<FakePlan> selection = bench.run();
  EXPECT_EQ(selection.plan, nullptr);
  EXPECT_EQ(text(selection.rejected), "3 engines: 2 failed the proof, 1 not deterministic");
  EXPECT_EQ(text(std::vector<Rejection>{}), "cuDNN proposes no engine");
}

TEST(Select, WhatAProofThrowsPassesThrough) {
  Bench bench;
  bench.engines = {{"a", {}, 0}};
  Selector<FakePlan> selector;
  selector.build = [](std::size_t) { return std::make_unique<FakePlan>(); };
  selector.proof = [](FakePlan&) -> bool { throw std::runtime_error("the proof's own"); };
  EXPECT_THROW((select<FakePlan, GpuError>(bench.engines, float32_rules, selector)),
               std::runtime_error);
}

}  // namespace
}  // namespace softbeam::gpu
