// Proves, from hashed runs, where each sample lies in every value. Private to host/execute.
#pragma once

#include <optional>
#include <vector>

#include "host/execute/executor.h"
#include "host/execute/layout.h"
#include "host/execute/profile.h"
#include "host/execute/row_hashes.h"

namespace softbeam::execute {

struct Proof {
  RowHashes first;                                  // the run with the rows in place
  std::vector<std::optional<BatchLayout>> layouts;  // by ValueId; empty: the same for all samples
  std::vector<bool> depends_on_input;               // by ValueId
  std::vector<bool> random;   // by ValueId: differs between two runs, or reads a value that does
  bool deterministic = true;  // no value is random
};

// Errors as make_profile().
Proof prove_layouts(Executor& executor, const at::Tensor& samples, Randomness randomness);

// Throws RunError naming the first value with random results, or the first through which one sample
// changes another's results; of random values the latter cannot be told. `samples` has at least two
// rows.
void refuse_mixing(Executor& executor, const at::Tensor& samples, Randomness randomness);

}  // namespace softbeam::execute
