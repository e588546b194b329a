#include "host/execute/storage.h"

#include <ATen/ATen.h>

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
  for (std::int64_t d = 0; d < tensor.dim(); ++d) {
    if (tensor.size(d) > 1 && tensor.stride(d) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace softbeam::execute
