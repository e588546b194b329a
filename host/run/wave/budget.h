// How much memory a wave takes: golden's kept values by sample, and what every worker needs. What
// run.memory is shared out by.
#pragma once

#include <cstdint>

#include "host/run/wave/program.h"

namespace softbeam::run {

// Golden's kept values of one sample.
std::uint64_t golden_bytes(const Program& program);
// A clean run of one chunk of the campaign's shape, at its widest place.
std::uint64_t chunk_bytes(const Program& program);
// What the proof of a number of dense rows may hold: a clean run's chunk, and what a worker has for
// dense rows and for the proofs of layers.
std::uint64_t dense_proof_bytes(const Program& program);
// What one worker needs besides golden, rows and what it had for plain inferences: chunks of dense
// rows and of windows, regions, and what proofs compare with.
std::uint64_t worker_bytes(const Program& program);

// How run.memory is shared out.
struct WaveBudget {
  std::uint64_t samples = 0;          // in one block
  std::uint64_t rows_per_worker = 0;  // bytes
  std::uint64_t proofs = 0;           // bytes that layers may keep for later proofs
};

// Throws UsageError, saying how much is needed, if one sample and one trial do not fit.
// `largest_trial`: the most row bytes of any trial.
WaveBudget share_memory(const Program& program, std::uint64_t memory, std::uint64_t samples,
                        std::uint64_t workers, std::uint64_t largest_trial);

}  // namespace softbeam::run
