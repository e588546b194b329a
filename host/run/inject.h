// Strikes words of tensors through the backend and proves that what was planned is what happened.
// Used by plain.cpp. Private to host/run.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "host/backend/backend.h"
#include "injectors/corruption.h"
#include "injectors/dtype.h"

namespace softbeam::run {

// Strikes the words and checks every word that was read back: after == apply(masks, before).
// Throws RunError naming `site` and the first word where planned and effected differ: such a run
// must not go on, its records would be wrong.
void strike(backend::Backend& backend, const at::Tensor& tensor, injectors::DType dtype,
            const std::string& site, std::span<const injectors::Strike> strikes,
            std::span<injectors::Effect> effects);

// The same for words that the model computed. A NaN among them is taken for the canonical one, in
// `effects` too: which NaN it is depends on its place in the tensor. One that the masks leave as
// it is stays what it was in memory.
void strike_computed(backend::Backend& backend, const at::Tensor& tensor, injectors::DType dtype,
                     const std::string& site, std::span<const injectors::Strike> strikes,
                     std::span<injectors::Effect> effects);

// Words of parameters, struck now and put back when the guard goes, also after an exception.
class ParameterGuard {
 public:
  explicit ParameterGuard(backend::Backend& backend) : backend_(backend) {}
  ParameterGuard(const ParameterGuard&) = delete;
  ParameterGuard& operator=(const ParameterGuard&) = delete;
  ~ParameterGuard();

  injectors::Effect strike(const at::Tensor& tensor, injectors::DType dtype,
                           const std::string& site, injectors::Strike strike);
  // Puts everything back, last strike first, and checks it. Throws RunError if a word stayed
  // changed. The destructor does the same but can only print.
  void restore();

 private:
  struct Struck {
    at::Tensor tensor;
    injectors::DType dtype;
    std::string site;
    std::uint64_t offset;
    std::uint64_t before;
  };
  backend::Backend& backend_;
  std::vector<Struck> struck_;
};

}  // namespace softbeam::run
