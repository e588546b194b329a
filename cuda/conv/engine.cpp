#include "cuda/conv/engine.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

namespace softbeam::gpu {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 11> names = {"tensor_core",
                                                    "down_convert_inputs",
                                                    "reduced_precision_reduction",
                                                    "fft",
                                                    "nondeterministic",
                                                    "winograd",
                                                    "winograd_tile_4x4",
                                                    "winograd_tile_6x6",
                                                    "winograd_tile_13x13",
                                                    "strict_nan_propagation",
                                                    "runtime_compilation"};

}  // namespace

std::string text(EngineNotes notes) {
  std::string listed;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!notes.has(static_cast<EngineNote>(i))) continue;
    if (!listed.empty()) listed += ", ";
    listed += names[i];
  }
  return listed;
}

std::string objection(const Engine& engine, const EngineRules& rules) {
  if (engine.notes.has(EngineNote::nondeterministic)) return "not deterministic";
  if (engine.notes.has(EngineNote::down_convert_inputs)) return "narrows its inputs";
  if (engine.notes.has(EngineNote::reduced_precision_reduction)) return "sums in less than float32";
  if (rules.dtype == injectors::DType::float32 && rules.tf32 == Tf32::off &&
      engine.notes.has(EngineNote::tensor_core)) {
    return "uses tensor cores, and TF32 is off";
  }
  if (engine.workspace_bytes > rules.workspace_limit) {
    return "needs " + std::to_string(engine.workspace_bytes) + " bytes of workspace";
  }
  return {};
}

bool is_tiled_transform(EngineNotes notes) {
  constexpr std::array tiled = {EngineNote::fft, EngineNote::winograd,
                                EngineNote::winograd_tile_4x4, EngineNote::winograd_tile_6x6,
                                EngineNote::winograd_tile_13x13};
  return std::any_of(tiled.begin(), tiled.end(), [&](EngineNote note) { return notes.has(note); });
}

std::vector<std::size_t> preference(std::span<const Engine> engines) {
  std::vector<std::size_t> order(engines.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_partition(order.begin(), order.end(),
                        [&](std::size_t i) { return !is_tiled_transform(engines[i].notes); });
  return order;
}

}  // namespace softbeam::gpu
