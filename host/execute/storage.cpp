#include "host/execute/storage.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace softbeam::execute {

c10::Storage clone_storage(const at::Tensor& tensor, at::Device device) {
  const auto bytes = static_cast<std::int64_t>(tensor.storage().nbytes());
  const at::Tensor flat =
      at::empty({0}, tensor.options().dtype(at::kByte)).set_(tensor.storage(), 0, {bytes}, {1});
  return flat.to(device, /*non_blocking=*/false, /*copy=*/true).storage();
}

at::Tensor on_storage(const at::Tensor& tensor, const c10::Storage& storage) {
  return at::empty({0}, tensor.options().device(storage.device()))
      .set_(storage, tensor.storage_offset(), tensor.sizes(), tensor.strides());
}

at::Tensor with_own_storage(const at::Tensor& tensor) {
  return on_storage(tensor, clone_storage(tensor, tensor.device()));
}

bool overlaps_itself(const at::Tensor& tensor) {
  // Dimensions from the smallest step up: each must step over all that the smaller ones reach.
  std::vector<std::pair<std::int64_t, std::int64_t>> steps;  // stride, size
  for (std::int64_t d = 0; d < tensor.dim(); ++d) {
    if (tensor.size(d) > 1) {
      steps.emplace_back(tensor.stride(d), tensor.size(d));
    }
  }
  std::sort(steps.begin(), steps.end());
  std::int64_t reach = 0;
  for (const auto& [stride, size] : steps) {
    if (stride <= reach) {
      return true;
    }
    reach += stride * (size - 1);
  }
  return false;
}

}  // namespace softbeam::execute
