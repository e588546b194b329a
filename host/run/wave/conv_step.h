// The convolution step of a wave: the rows that reach a convolution, as windows in the fastest form
// that is proved there. Used by the sweep.
#pragma once

#include <cstdint>
#include <vector>

#include "host/execute/executor.h"
#include "host/run/wave/conv_forms.h"
#include "host/run/wave/conv_plan.h"
#include "host/run/wave/own/chunk.h"
#include "host/run/wave/sweep.h"

namespace softbeam::run {

// Memory of one worker, used again at every step.
struct ConvScratch {
  FloatBuffer buffer;
  FloatBuffer proof_buffer;
  ConvChunk chunk;
  OwnChunk own;
  ConvPlanner planner;
  GoldenImages golden;
  std::vector<ConvWindow> windows;
  std::vector<std::uint32_t> active;  // of each window: index into the ActiveList
  std::vector<std::uint32_t> left;
  std::vector<std::uint32_t> own_windows;
  std::vector<std::uint32_t> again;
  std::vector<ConvWindow> laid;
  std::uint64_t draws = 0;
};

// Proves what can be proved before the first rows come; run_convolution does so where it was not.
// Thread-safe: workers take a step each.
void prepare_convolution(const Program& program, const Step& step, const GoldenBlock& golden,
                         ConvolutionForms& forms, const execute::Executor& executor);

// Computes the rows of sweep.active(step) and emits them. Weight and bias are the executor's,
// unstruck. Appends to `dense_rows` the indices into the ActiveList that the caller must compute as
// whole images, and count; those with no output at all are neither emitted nor listed. Throws
// RunError where a sentinel fails.
void run_convolution(Sweep& sweep, const Step& step, const ActiveList& active,
                     ConvolutionForms& forms, const execute::Executor& executor,
                     ConvScratch& scratch, std::vector<std::uint32_t>& dense_rows);

}  // namespace softbeam::run
