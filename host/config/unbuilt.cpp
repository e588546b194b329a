#include <vector>

#include "host/config/schema.h"

namespace softbeam::config {

std::span<const Unbuilt> unbuilt_keys() {
  constexpr const char* value_models =
      "use `what: set` with faults.value, or `what: random` for a random word";
  constexpr const char* presets =
      "describe the fault by faults.what, faults.bits and faults.count, such as `what: bitflip` "
      "with `bits: [0-31]`";
  static const std::vector<Unbuilt> table = {
      {"campaign.margin", "give campaign.trials, and read the interval in the report"},
      {"campaign.exhaustive", "give campaign.trials large enough to cover the space"},
      {"faults.where=memory", "use neurons with `weight: bytes`, or weights"},
      {"faults.where=accumulators", "use neurons of the layers' outputs"},
      {"faults.what=scale", value_models},
      {"faults.what=relative_error", value_models},
      {"faults.what=gaussian", value_models},
      {"faults.what=nan", value_models},
      {"faults.what=inf", value_models},
      {"faults.what=classes.*", presets},
      {"faults.what=nvbit.*", presets},
      {"faults.what=flexgrip.*", presets},
      {"faults.what=hbm2.*", presets},
      {"faults.what=sram.mbu", presets},
      {"faults.what=geom.*", presets},
  };
  return table;
}

}  // namespace softbeam::config
