// Faster forms of the same model that LibTorch offers: channels_last, and frozen. Used by bench.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/bench/images.h"

namespace softbeam::bench {

struct Variant {
  std::string name;
  std::optional<Rate> best;  // absent where it was not possible
  std::string problem;       // why; "" where it was
};

// Near the best setting of the operators one by one. A variant counts only if its answers are those
// of the model but for rounding.
std::vector<Variant> measure_variants(const campaign::Subject& subject, Images& images,
                                      const Setting& best);

}  // namespace softbeam::bench
