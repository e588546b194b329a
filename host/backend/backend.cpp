#include "host/backend/backend.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "host/backend/cpu_backend.h"
#include "host/backend/cuda_backend.h"
#include "host/base/error.h"
#include "host/base/suggest.h"

namespace softbeam::backend {
namespace {

constexpr std::string_view cuda_prefix = "cuda:";

std::optional<int> parse_index(std::string_view text) {
  int index = 0;
  const char* const end = text.data() + text.size();
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto result = std::from_chars(text.data(), end, index);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return index;
}

std::string suggestion(const std::string& text) {
  // By letters alone "gpu" is nearest to "cpu", which is not what was meant.
  static const std::array<std::string, 3> names = {"cpu", "cuda", "gpu"};
  std::string meant = nearest(text.substr(0, text.find(':')), names);
  if (meant.empty()) return {};
  if (meant == "gpu") meant = "cuda";
  return fmt::format(" (did you mean '{}'?)", meant);
}

}  // namespace

std::unique_ptr<Backend> make_backend(const std::string& device, bool tf32) {
  if (device == "cpu" && tf32) {
    throw UsageError("run.tf32: a CPU has no TF32; leave it out, or use run.device: cuda");
  }
  if (device == "cpu") return make_cpu_backend();
  if (device == "cuda") return make_cuda_backend(0, tf32);
  if (device.starts_with(cuda_prefix)) {
    const std::string_view number = std::string_view(device).substr(cuda_prefix.size());
    if (const auto index = parse_index(number)) return make_cuda_backend(*index, tf32);
    throw UsageError(
        fmt::format("invalid device '{}' ('{}' is not the number of a GPU); use cuda:0 or cuda:1",
                    device, number));
  }
  throw UsageError(
      fmt::format("unknown device '{}' (known: cpu, cuda, cuda:N){}", device, suggestion(device)));
}

}  // namespace softbeam::backend
