// Chooses an engine: goes through candidates in order of preference until one is allowed, can be
// built and passes the caller's proof. Used by plans.cpp; any Plan will do, so tests use none of
// cuDNN's.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cuda/conv/engine.h"

namespace softbeam::gpu {

struct Rejection {
  std::string engine;
  std::string why;
};

// What selection needs of a candidate. `build` may throw GpuError where the engine does not support
// this convolution after all; the built plan knows its workspace.
template <class Plan>
struct Selector {
  std::function<std::unique_ptr<Plan>(std::size_t candidate)> build;
  std::function<bool(Plan&)> proof;  // empty: every plan passes
};

template <class Plan>
struct Selection {
  std::unique_ptr<Plan> plan;  // null where no candidate was left
  std::vector<Rejection> rejected;
};

// Plan::engine() is the built engine. Exceptions of `proof` pass through.
template <class Plan, class BuildError>
Selection<Plan> select(std::span<const Engine> candidates, const EngineRules& rules,
                       const Selector<Plan>& selector) {
  Selection<Plan> selection;
  const auto reject = [&](const Engine& engine, std::string why) {
    selection.rejected.push_back({engine.name, std::move(why)});
  };
  for (const std::size_t i : preference(candidates)) {
    // Before building, which may compile: the notes alone exclude most.
    if (std::string why = objection(candidates[i], rules); !why.empty()) {
      reject(candidates[i], std::move(why));
      continue;
    }
    std::unique_ptr<Plan> plan;
    try {
      plan = selector.build(i);
    } catch (const BuildError& error) {
      reject(candidates[i], std::string("cannot be built: ") + error.what());
      continue;
    }
    if (std::string why = objection(plan->engine(), rules); !why.empty()) {
      reject(plan->engine(), std::move(why));
      continue;
    }
    if (selector.proof && !selector.proof(*plan)) {
      reject(plan->engine(), "failed the proof");
      continue;
    }
    selection.plan = std::move(plan);
    break;
  }
  return selection;
}

// "12 engines: 7 not deterministic, 5 failed the proof"; equal reasons are counted together.
std::string text(std::span<const Rejection> rejected);

}  // namespace softbeam::gpu
