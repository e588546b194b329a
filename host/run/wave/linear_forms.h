// Which linear layers our own kernel computes as the library does: row by row, in the library's
// order of additions. Shared by all workers.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/run/wave/conv_forms.h"
#include "host/run/wave/golden_block.h"

namespace softbeam::run {

// One linear layer as the library has it; weight [out, in], bias [out] or undefined.
struct LinearLayer {
  Linear geometry;
  at::Tensor weight;
  at::Tensor bias;
  std::vector<std::int64_t> input_sizes;  // of the campaign's chunk
  std::string name;
};

class LinearForms {
 public:
  LinearForms(std::size_t steps, std::uint64_t seed);

  // Finds the library's order and proves it on the first call: noise and hostile values with random
  // weights, golden with the layer's own. Null where it is not exact. `inputs` and `outputs`:
  // golden's, by sample.
  const OwnLayer* own(std::size_t step, const LinearLayer& layer, const GoldenImages& golden);
  std::vector<SwitchedOff> switched_off() const;

 private:
  struct Node {
    std::mutex mutex;
    bool tried = false;
    std::unique_ptr<const OwnLayer> own;
    std::string failure;
    std::string name;
  };
  std::uint64_t seed_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace softbeam::run
