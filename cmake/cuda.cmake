# Decides whether the CUDA backend is built and sets up nvcc; sets SB_HAVE_CUDA.
set(SB_HAVE_CUDA OFF)
if(NOT SB_CUDA STREQUAL "OFF")
  # CMake looks for the compiler on PATH alone; the toolkit's usual place is added.
  find_program(SB_NVCC nvcc HINTS ENV CUDA_HOME PATHS /usr/local/cuda/bin)
  if(SB_NVCC AND EXISTS ${SB_TORCH}/lib/libtorch_cuda.so)
    set(SB_HAVE_CUDA ON)
  elseif(SB_CUDA STREQUAL "ON")
    message(FATAL_ERROR "SB_CUDA=ON needs nvcc 13.0 (found: ${SB_NVCC}) and a CUDA build of torch "
      "(found: ${SB_TORCH_VERSION}); install the CUDA 13.0 toolkit, or use -DSB_CUDA=OFF")
  endif()
endif()
if(SB_HAVE_CUDA)
  set(CMAKE_CUDA_COMPILER ${SB_NVCC})
  set(CMAKE_CUDA_ARCHITECTURES ${SB_CUDA_ARCHITECTURES})
  set(CMAKE_CUDA_STANDARD 17) # CMake 3.25 knows no 20 for this nvcc; -std is passed per target
  set(CMAKE_CUDA_RUNTIME_LIBRARY Shared)
  enable_language(CUDA)
  find_package(CUDAToolkit REQUIRED)
  foreach(name torch_cuda c10_cuda)
    sb_torch_library(${name})
  endforeach()
endif()
message(STATUS "CUDA backend: ${SB_HAVE_CUDA}")
