// Which poolings are proved to equal the library's on windows. Shared by all workers.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/run/wave/conv_forms.h"
#include "host/run/wave/pool_window.h"

namespace softbeam::run {

// The library's pooling of whole images. Tests put a wrong one in its place.
using WholePool = std::function<at::Tensor(const Pooling&, const at::Tensor&)>;
WholePool library_pooling();

class PoolForms {
 public:
  PoolForms(std::size_t steps, std::uint64_t seed, WholePool whole = library_pooling());

  // Proves windows of this node on its first use: golden at random places and hostile values.
  bool usable(std::size_t step, const Pooling& pooling, std::int32_t channels,
              const std::string& name, const GoldenImages& golden);
  std::vector<SwitchedOff> switched_off() const;

 private:
  struct Node {
    std::mutex mutex;
    bool tried = false;
    std::string failure;
    std::string name;
  };
  std::string prove(const Pooling& pooling, std::int32_t channels, const GoldenImages& golden,
                    std::uint64_t id) const;

  std::uint64_t seed_;
  WholePool whole_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace softbeam::run
