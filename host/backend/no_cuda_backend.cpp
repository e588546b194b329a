// The twin of cuda_backend.cpp in a build without CUDA: says what is missing.
#include "host/backend/cuda_backend.h"
#include "host/base/error.h"

namespace softbeam::backend {
namespace {

constexpr const char* remedy =
    "install the CUDA 13.0 toolkit and a CUDA build of torch and build again with -DSB_CUDA=ON";

}  // namespace

std::unique_ptr<Backend> make_cuda_backend(int /*index*/, bool /*tf32*/) {
  throw DeviceError(std::string("CUDA is not available (this softbeam was built without it); ") +
                    remedy + ", or use the device cpu");
}

std::string describe_cuda() { return std::string("not built in; ") + remedy; }

}  // namespace softbeam::backend
