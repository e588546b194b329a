#include "host/run/wave/own/probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/run/wave/same_words.h"

#if defined(__x86_64__)
#define SB_CLONES __attribute__((target_clones("fma", "default")))
#else
#define SB_CLONES
#endif

namespace softbeam::run {

std::string describe(const SumOrder& order) {
  constexpr const char* bias[] = {"no bias", "bias first", "bias after the first block",
                                  "bias last"};
  return fmt::format("{} of {} channels, {}", order.continuing ? "one chain, blocks" : "blocks",
                     order.block, bias[static_cast<int>(order.bias)]);
}

SB_CLONES float sum_in_order(const SumOrder& order, std::int32_t taps, std::int32_t channels,
                             const float* inputs, const float* weights, float bias) {
  float total = 0.0F;
  float chain = order.bias == BiasAt::first ? bias : 0.0F;
  for (std::int32_t first = 0; first < channels; first += order.block) {
    const std::int32_t last = std::min(first + order.block, channels);
    for (std::int32_t t = 0; t < taps; ++t) {
      for (std::int32_t c = first; c < last; ++c) {
        chain = __builtin_fmaf(inputs[t * channels + c], weights[t * channels + c], chain);
      }
    }
    if (order.continuing) {
      total = chain;
      continue;
    }
    total = first == 0 ? chain : total + chain;
    if (first == 0 && order.bias == BiasAt::after_first_block) {
      total += bias;
    }
    chain = 0.0F;
  }
  return order.bias == BiasAt::last ? total + bias : total;
}

std::vector<SumOrder> known_orders(std::int32_t taps, std::int32_t channels, bool has_bias) {
  std::vector<SumOrder> orders;
  const auto add = [&](std::int32_t block, bool continuing) {
    const bool single = block >= channels;
    if (!has_bias) {
      orders.push_back({block, continuing, BiasAt::none});
      return;
    }
    orders.push_back({block, continuing, BiasAt::first});
    orders.push_back({block, continuing, BiasAt::last});
    if (!single && !continuing) {
      orders.push_back({block, false, BiasAt::after_first_block});
    }
  };
  constexpr std::int32_t vector = 8;
  add(channels, false);
  for (const std::int32_t block : {16, 192, 80, 256, 128, 512, 384, 64, 32}) {
    if (block < channels) add(block, false);
  }
  if (taps > 1) {  // of one tap all of these are one chain over the channels
    for (const std::int32_t block : {8, 16, 4}) {
      if (block < channels) add(block, true);
    }
  }
  for (std::int32_t block = vector; block < channels; block += vector) {
    add(block, false);
  }
  // In place, without the second ones of a kind.
  std::vector<SumOrder> unique;
  for (const SumOrder& order : orders) {
    if (std::find(unique.begin(), unique.end(), order) == unique.end()) {
      unique.push_back(order);
    }
  }
  return unique;
}

SumOrder find_order(std::int32_t taps, std::int32_t channels, bool has_bias,
                    std::span<const SumSample> samples) {
  for (const SumOrder& order : known_orders(taps, channels, has_bias)) {
    const bool fits = std::all_of(samples.begin(), samples.end(), [&](const SumSample& s) {
      return same_word(
          sum_in_order(order, taps, channels, s.inputs.data(), s.weights.data(), s.bias), s.result);
    });
    if (fits) {
      return order;
    }
  }
  return {.block = 0};
}

}  // namespace softbeam::run
