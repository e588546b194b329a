// The one place where the property test meets the wave.
#include "tests/run/wave_property/outputs.h"

namespace softbeam::run {

Outputs run_wave(campaign::Subject& subject, const plan::FaultPlan& plan,
                 const WaveSettings& /*settings*/) {
  return run_plain(subject, plan);
}

}  // namespace softbeam::run
