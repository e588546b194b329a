// The pooling step of a wave: the rows that reach a pooling, window by window. Used by the sweep.
#pragma once

#include <cstdint>
#include <vector>

#include "host/run/wave/pool_forms.h"
#include "host/run/wave/sweep.h"

namespace softbeam::run {

// Memory of one worker, used again at every step.
struct PoolScratch {
  std::vector<float> memory;
  GoldenImages golden;
  std::uint64_t draws = 0;
};

// As prepare_convolution and run_convolution.
void prepare_pooling(const Program& program, const Step& step, const GoldenBlock& golden,
                     PoolForms& forms);
void run_pooling(Sweep& sweep, const Step& step, const ActiveList& active, PoolForms& forms,
                 PoolScratch& scratch, std::vector<std::uint32_t>& dense_rows);

}  // namespace softbeam::run
