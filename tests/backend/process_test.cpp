// What a process that uses the backends has loaded.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "host/backend/backend.h"
#include "host/base/error.h"

namespace softbeam::backend {
namespace {

// Paths of the mapped files whose name begins so.
std::set<std::string> loaded(const std::string& name) {
  std::set<std::string> found;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const auto slash = line.find('/');
    if (slash == std::string::npos) continue;
    const std::filesystem::path path = line.substr(slash);
    if (path.filename().string().starts_with(name)) found.insert(path.string());
  }
  return found;
}

TEST(Process, DoesNotLoadTheGpuLibrariesForACpu) {
  make_backend("cpu");
  EXPECT_EQ(loaded("libtorch_cpu.so").size(), 1U);
  EXPECT_EQ(loaded("libtorch_cuda.so").size(), 0U);
}

TEST(Process, HoldsOneCopyOfTheCudaRuntime) {
  try {
    make_backend("cuda");
  } catch (const DeviceError&) {  // loading is what counts
  }
  const std::set<std::string> copies = loaded("libcudart.so");
  EXPECT_LE(copies.size(), 1U) << *copies.begin() << " " << *copies.rbegin();
  if (!copies.empty()) {
    EXPECT_NE(copies.begin()->find("/nvidia/cu13/lib/"), std::string::npos) << *copies.begin();
  }
}

}  // namespace
}  // namespace softbeam::backend
