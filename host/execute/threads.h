// Who computes with how many threads. Used by everything that starts threads.
#pragma once

#include <ATen/Parallel.h>

namespace softbeam::execute {

// Kernels called on this thread are single-threaded from now on. Every worker calls it first: a new
// thread starts with OpenMP's default, and only some operators look for what others have set; a
// result would depend on which operator a worker happens to meet first.
inline void compute_on_one_thread() { at::set_num_threads(1); }

}  // namespace softbeam::execute
