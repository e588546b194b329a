// Private to host/backend: how the CUDA backend is made; one definition per build.
#pragma once

#include <memory>

#include "host/backend/backend.h"

namespace softbeam::backend {

// Throws DeviceError when there is no such device or this build has no CUDA.
std::unique_ptr<Backend> make_cuda_backend(int index, bool tf32);

// One line for `doctor`: devices, driver and versions, or what is missing and what to do.
std::string describe_cuda();

}  // namespace softbeam::backend
