// The choice of an arithmetic type of injectors/number.h by its name.
// Private to cuda/; read by nvcc alone.
#pragma once

#include <stdexcept>
#include <string>

#include "cuda/check.h"
#include "injectors/dtype.h"
#include "injectors/number.h"

namespace softbeam::gpu {

// Calls launch(Type{}), and checks the launch.
template <class Launch>
void with_number(injectors::DType dtype, Launch launch) {
  switch (dtype) {
    case injectors::DType::float32:
      launch(injectors::Float32{});
      break;
    case injectors::DType::float16:
      launch(injectors::Float16{});
      break;
    case injectors::DType::bfloat16:
      launch(injectors::BFloat16{});
      break;
    case injectors::DType::float64:
      launch(injectors::Float64{});
      break;
    default:
      throw std::invalid_argument("numbers of type " + std::string(injectors::name(dtype)) +
                                  " cannot be computed with; float32, float16, bfloat16 or "
                                  "float64 is needed");
  }
  SB_CUDA_CHECK(cudaGetLastError());
}

}  // namespace softbeam::gpu
