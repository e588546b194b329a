// The device steps on a GPU: the very suites of tests/injectors/steps.
#include "tests/cuda/on_gpu.h"
#include "tests/injectors/steps/number_steps.h"
#include "tests/injectors/steps/strike_steps.h"
#include "tests/injectors/steps/window_steps.h"

namespace softbeam::tests {

INSTANTIATE_TYPED_TEST_SUITE_P(Gpu, StrikeSteps, EveryWord<OnGpu>);
INSTANTIATE_TYPED_TEST_SUITE_P(Gpu, WindowSteps, EveryWord<OnGpu>);
INSTANTIATE_TYPED_TEST_SUITE_P(Gpu, NumberSteps, EveryFloat<OnGpu>);

}  // namespace softbeam::tests
