#include "host/run/wave/own/kernel.h"

#include "host/run/wave/own/kernel_sets.h"

namespace softbeam::run {

#if defined(__x86_64__)

std::optional<InstructionSet> instruction_set() {
  // What the kernels' files are compiled for (host/run/CMakeLists.txt).
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    return std::nullopt;
  }
  return __builtin_cpu_supports("avx512f") ? InstructionSet::avx512 : InstructionSet::avx2;
}

void run(const SumJob& job, InstructionSet set) {
  set == InstructionSet::avx512 ? run_avx512(job) : run_avx2(job);
}

void run(const DepthwiseJob& job, InstructionSet set) {
  set == InstructionSet::avx512 ? run_avx512(job) : run_avx2(job);
}

#else

std::optional<InstructionSet> instruction_set() { return std::nullopt; }
void run(const SumJob&, InstructionSet) {}
void run(const DepthwiseJob&, InstructionSet) {}

#endif

}  // namespace softbeam::run
