#include "cuda/conv/struck.h"

#include <stdexcept>

#include "cuda/bias.h"
#include "cuda/buffer.h"
#include "cuda/inject.h"
#include "injectors/strike_list.h"

namespace softbeam::gpu {

using injectors::Effect;
using injectors::Strike;

void convolve_and_strike(ConvPlans& plans, const ConvPlan& plan, const StruckCall& call,
                         const Strike* strikes, Effect* effects, std::uint64_t count,
                         StreamRef stream) {
  const ConvGeometry& geometry = plan.geometry();
  void* const output = call.tensors.output;
  plans.run(plan, call.tensors, stream);
  if (call.bias != nullptr) {
    add_bias(geometry.dtype, output_channels(geometry), call.bias, output,
             static_cast<std::uint64_t>(output_words(geometry)), stream);
  }
  strike_computed_words(output, geometry.dtype, strikes, effects, count, stream);
  // A launch of its own, so that what is read is what memory holds.
  read_back_computed_words(output, geometry.dtype, strikes, effects, count, stream);
}

void convolve_and_strike(ConvPlans& plans, const ConvPlan& plan, const StruckCall& call,
                         std::span<const Strike> strikes, std::span<Effect> effects,
                         DeviceMemory& memory, StreamRef stream) {
  if (effects.size() != strikes.size()) {
    throw std::invalid_argument("a struck convolution needs one effect for each strike");
  }
  const auto words = static_cast<std::uint64_t>(output_words(plan.geometry()));
  if (const auto problem = injectors::problem_of(strikes, words)) {
    throw std::invalid_argument(*problem);
  }
  const DeviceBuffer<Strike> device_strikes(strikes.size(), memory, stream);
  const DeviceBuffer<Effect> device_effects(effects.size(), memory, stream);
  if (!strikes.empty()) {
    copy_to_device(device_strikes.data(), strikes.data(), strikes.size_bytes(), stream);
  }
  convolve_and_strike(plans, plan, call, device_strikes.data(), device_effects.data(),
                      strikes.size(), stream);
  if (!effects.empty()) {
    copy_to_host(effects.data(), device_effects.data(), effects.size_bytes(), stream);
  }
  synchronize(stream);
}

}  // namespace softbeam::gpu
