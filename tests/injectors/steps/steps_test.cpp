// The device steps on the CPU; tests/cuda/steps_test.cpp has the same suites on a GPU.
#include "tests/injectors/steps/number_steps.h"
#include "tests/injectors/steps/on_host.h"
#include "tests/injectors/steps/strike_steps.h"
#include "tests/injectors/steps/window_steps.h"

namespace softbeam::tests {

INSTANTIATE_TYPED_TEST_SUITE_P(Host, StrikeSteps, EveryWord<OnHost>);
INSTANTIATE_TYPED_TEST_SUITE_P(Host, WindowSteps, EveryWord<OnHost>);
INSTANTIATE_TYPED_TEST_SUITE_P(Host, NumberSteps, EveryFloat<OnHost>);

}  // namespace softbeam::tests
