// Private to cuda/: the compaction of survivors as a Thrust algorithm over any execution policy, so
// that tests run it with g++ on a CPU. Launched by survivors.cu.
#pragma once

#include <thrust/copy.h>
#include <thrust/iterator/counting_iterator.h>

#include <cstdint>

#include "injectors/host_device.h"
#include "injectors/window.h"

namespace softbeam::gpu {

struct Differs {
  SB_HD bool operator()(const injectors::Rect& box) const { return !box.empty(); }
};

// Writes the ids of the rows that differ, in order; returns how many.
template <class Policy>
std::uint32_t keep_survivors(const Policy& policy, const injectors::Rect* boxes, std::uint32_t rows,
                             std::uint32_t* kept) {
  const thrust::counting_iterator<std::uint32_t> ids(0);
  const std::uint32_t* const end = thrust::copy_if(policy, ids, ids + rows, boxes, kept, Differs{});
  return static_cast<std::uint32_t>(end - kept);
}

}  // namespace softbeam::gpu
