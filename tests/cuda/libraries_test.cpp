// One copy of the CUDA runtime and of cuDNN in the process, both from torch's wheel.
#include <cudnn_version.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <link.h>

#include <string>
#include <vector>

#include "cuda/device.h"
#include "cuda/handle.h"

namespace softbeam::gpu {
namespace {

std::vector<std::string> loaded(const std::string& name) {
  struct Search {
    std::string name;
    std::vector<std::string> found;
  } search{"/" + name, {}};
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t /*size*/, void* data) {
        auto& s = *static_cast<Search*>(data);
        const std::string path = info->dlpi_name;
        if (path.find(s.name) != std::string::npos) s.found.push_back(path);
        return 0;
      },
      &search);
  return search.found;
}

TEST(Libraries, CudartAndCudnnAreLoadedOnceAndFromTheWheel) {
  survey();
  EXPECT_THAT(loaded("libcudart.so"),
              testing::ElementsAre(testing::HasSubstr("nvidia/cu13/lib/libcudart.so.13")));
  EXPECT_THAT(loaded("libcudnn.so"),
              testing::ElementsAre(testing::HasSubstr("nvidia/cudnn/lib/libcudnn.so.9")));
}

TEST(Libraries, CudnnIsOfTheVersionOfItsHeaders) {
  EXPECT_EQ(cudnn_version(), std::to_string(CUDNN_MAJOR) + "." + std::to_string(CUDNN_MINOR) + "." +
                                 std::to_string(CUDNN_PATCHLEVEL));
}

}  // namespace
}  // namespace softbeam::gpu
