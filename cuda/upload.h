// Small arrays on their way to the device: copied into pinned memory and on, without waiting.
// Used by the backend; compiles with g++.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

#include "cuda/buffer.h"
#include "cuda/stream.h"

namespace softbeam::gpu {

// An arena of pinned memory with its twin on the device. What was uploaded stays until reset(), so
// that kernels that are still queued find it. One thread at a time.
class Upload {
 public:
  // Waits for the stream where so many bytes, in several arrays, are not free: what lies in the
  // arena is then used up. What follows takes its place.
  void make_room(std::size_t bytes, StreamRef stream);
  // The array on the device, aligned to 16 bytes. Makes room where there is none.
  template <class T>
  T* operator()(std::span<const T> array, StreamRef stream) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignment);
    return static_cast<T*>(upload(array.data(), array.size_bytes(), stream));
  }
  // Memory for results. Makes room where there is none.
  template <class T>
  T* results(std::size_t count, StreamRef stream) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignment);
    return static_cast<T*>(reserve(count * sizeof(T), stream).device);
  }
  // The host's twin of an address on the device.
  template <class T>
  T* host(T* device) const {
    return reinterpret_cast<T*>(pinned_.data() +
                                (reinterpret_cast<std::byte*>(device) - device_.data()));
  }
  // All of it may be used again. Precondition: the stream has passed what was queued.
  void reset() { used_ = 0; }

 private:
  static constexpr std::size_t alignment = 16;
  struct Place {
    std::byte* host;
    void* device;
  };
  Place reserve(std::size_t bytes, StreamRef stream);
  void* upload(const void* data, std::size_t bytes, StreamRef stream);

  PinnedBuffer<std::byte> pinned_;
  DeviceBuffer<std::byte> device_;
  std::size_t used_ = 0;
};

}  // namespace softbeam::gpu
