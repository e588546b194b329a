// The kernels by instruction set. *Private* to own/kernel*.cpp: call run() of kernel.h.
#pragma once

#include "host/run/wave/own/kernel.h"

namespace softbeam::run {

void run_avx2(const SumJob& job);
void run_avx2(const DepthwiseJob& job);
void run_avx512(const SumJob& job);
void run_avx512(const DepthwiseJob& job);

}  // namespace softbeam::run
