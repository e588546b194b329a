#include "host/backend/torch_cuda.h"

#include <ATen/Context.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>

#include <filesystem>
#include <mutex>
#include <string>

#include "host/base/error.h"

namespace softbeam::backend {
namespace {

// The two halves must come from one wheel, whatever LD_LIBRARY_PATH would find.
std::filesystem::path torch_folder() {
  void* const handle = dlopen("libtorch_cpu.so", RTLD_LAZY | RTLD_NOLOAD);
  const link_map* library = nullptr;
  if (handle == nullptr || dlinfo(handle, RTLD_DI_LINKMAP, &library) != 0) {
    throw DeviceError(
        fmt::format("cannot find the loaded libtorch_cpu ({}); reinstall torch 2.11.0", dlerror()));
  }
  std::filesystem::path folder = std::filesystem::path(library->l_name).parent_path();
  dlclose(handle);
  return folder;
}

void load() {
  const std::filesystem::path path = torch_folder() / "libtorch_cuda.so";
  // Never closed: ATen holds pointers into it. Global, as when the program is linked to it.
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    throw DeviceError(
        fmt::format("cannot load libtorch_cuda ({}); reinstall torch 2.11.0 with its "
                    "CUDA libraries",
                    dlerror()));
  }
  // hasCUDA() would ask the driver for a device; this asks only whether the library answers.
  if (!at::Context::hasCUDART()) {
    throw DeviceError(
        "CUDA is not available (ATen was asked for CUDA before libtorch_cuda was "
        "loaded); make the CUDA backend first");
  }
}

}  // namespace

void load_torch_cuda() {
  static std::once_flag once;
  std::call_once(once, load);
}

}  // namespace softbeam::backend
