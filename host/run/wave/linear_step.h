// The linear step of a wave: of each row that reaches a linear layer, only the vectors that differ
// from golden (tokens of a sequence), by our own kernel. Used by the sweep.
#pragma once

#include <cstdint>
#include <vector>

#include "host/execute/executor.h"
#include "host/run/wave/linear_forms.h"
#include "host/run/wave/sweep.h"

namespace softbeam::run {

// Memory of one worker, used again at every step.
struct LinearScratch {
  std::vector<const float*> positions;
  std::vector<std::uint32_t> places;     // of each position: its vector within the sample
  std::vector<std::size_t> first;        // position of each trial of the call, and the end
  std::vector<std::vector<float>> laid;  // rows that are windows, as whole samples
  FloatBuffer sums;
  std::vector<float> output;
  GoldenImages golden;
  std::uint64_t draws = 0;
};

// As prepare_convolution and run_convolution.
void prepare_linear(const Program& program, const Step& step, const GoldenBlock& golden,
                    LinearForms& forms, const execute::Executor& executor);
void run_linear(Sweep& sweep, const Step& step, const ActiveList& active, LinearForms& forms,
                const execute::Executor& executor, LinearScratch& scratch,
                std::vector<std::uint32_t>& dense_rows);

}  // namespace softbeam::run
