#include "host/backend/strike_check.h"

#include <fmt/format.h>

#include <cstdint>
#include <stdexcept>

#include "host/base/error.h"
#include "injectors/strike_list.h"

namespace softbeam::backend {
namespace {

using injectors::Strike;

int word_bytes(const at::Tensor& tensor) {
  const auto bytes = static_cast<int>(tensor.itemsize());
  const bool is_word = bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
  // A bool that is neither 0 nor 1 is undefined behaviour for every later operator.
  if (!is_word || tensor.is_complex() || tensor.scalar_type() == at::kBool) {
    throw RunError(
        fmt::format("a tensor of type {} cannot be struck (faults strike real numbers "
                    "of 8, 16, 32 or 64 bits); choose another site",
                    at::toString(tensor.scalar_type())));
  }
  return bytes;
}

// Words from the first element of the tensor to the end of its storage.
std::uint64_t words_in_reach(const at::Tensor& tensor, int bytes) {
  const std::uint64_t begin = static_cast<std::uint64_t>(tensor.storage_offset()) * bytes;
  const std::uint64_t end = tensor.storage().nbytes();
  return begin < end ? (end - begin) / bytes : 0;
}

}  // namespace

int check_strikes(const at::Tensor& tensor, at::Device device, std::span<const Strike> strikes,
                  std::span<const injectors::Effect> effects) {
  if (effects.size() != strikes.size()) {
    throw std::invalid_argument("corrupt() needs one effect for each strike");
  }
  if (!tensor.defined() || !tensor.has_storage()) {
    throw RunError("a tensor without dense memory cannot be struck; choose another site");
  }
  if (tensor.device() != device) {
    throw RunError(fmt::format("a tensor on {} was given to the backend of {}; move it first",
                               tensor.device().str(), device.str()));
  }
  const int bytes = word_bytes(tensor);
  if (const auto problem = injectors::problem_of(strikes, words_in_reach(tensor, bytes))) {
    throw RunError(*problem);
  }
  return bytes;
}

}  // namespace softbeam::backend
