// cuDNN's engines as plain data: their notes, which of them may be used, and in which order they
// are tried. Needs no GPU; the engines themselves are built by plan.cpp.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "injectors/dtype.h"

namespace softbeam::gpu {

// What cuDNN says of an engine's arithmetic and building (cudnnBackendNumericalNote_t and
// cudnnBackendBehaviorNote_t).
enum class EngineNote : std::uint8_t {
  tensor_core,
  down_convert_inputs,
  reduced_precision_reduction,
  fft,
  nondeterministic,
  winograd,
  winograd_tile_4x4,
  winograd_tile_6x6,
  winograd_tile_13x13,
  strict_nan_propagation,
  runtime_compilation
};

class EngineNotes {
 public:
  constexpr EngineNotes() = default;
  constexpr EngineNotes(std::initializer_list<EngineNote> notes) {
    for (const EngineNote note : notes) insert(note);
  }
  constexpr void insert(EngineNote note) { bits_ |= bit(note); }
  constexpr bool has(EngineNote note) const { return (bits_ & bit(note)) != 0; }
  friend constexpr bool operator==(const EngineNotes&, const EngineNotes&) = default;

 private:
  static constexpr std::uint32_t bit(EngineNote note) {
    return std::uint32_t{1} << static_cast<unsigned>(note);
  }
  std::uint32_t bits_ = 0;
};

std::string text(EngineNotes notes);  // "tensor_core, winograd"; empty for none

struct Engine {
  std::string name;  // cuDNN's: operation, number and knobs
  EngineNotes notes;
  std::int64_t workspace_bytes = 0;
};

enum class Tf32 : std::uint8_t { off, on };

struct EngineRules {
  injectors::DType dtype = injectors::DType::float32;
  Tf32 tf32 = Tf32::off;
  std::int64_t workspace_limit = std::int64_t{256} << 20;
};

// Why an engine must not be used; empty where it may.
// Never: engines that sum in no fixed order, that narrow their inputs, or sum in less than float32.
// In float32 without TF32: tensor cores, which multiply no float32 without rounding it.
std::string objection(const Engine& engine, const EngineRules& rules);

// True for engines whose tiles make an output's bits depend on its position: Winograd and FFT.
bool is_tiled_transform(EngineNotes notes);

// The order in which engines are tried, as indices: cuDNN's own (the fastest first, by its
// heuristics), but tiled transforms behind all others: a proof of position would refuse most.
std::vector<std::size_t> preference(std::span<const Engine> engines);

}  // namespace softbeam::gpu
