// Owned memory: arrays on the device, and pinned arrays on the host that copies can use directly.
// Used by the backend and by tests; compiles with g++.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <stdexcept>
#include <type_traits>

#include "cuda/memory.h"
#include "cuda/stream.h"

namespace softbeam::gpu {

// Gives device memory back to where it came from; prints a failure, never throws.
struct FreeDevice {
  DeviceMemory* from = nullptr;
  std::size_t bytes = 0;
  StreamRef stream;
  void operator()(void* memory) const noexcept { from->free(memory, bytes, stream); }
};

struct FreePinned {
  void operator()(void* memory) const noexcept;
};

// Uninitialised, page-locked bytes. Throws OutOfMemory.
void* allocate_pinned(std::size_t bytes);

template <class T>
constexpr std::size_t bytes_of(std::size_t size) {
  if (size > std::numeric_limits<std::size_t>::max() / sizeof(T)) {
    throw std::length_error("an array of more bytes than can be counted");
  }
  return size * sizeof(T);
}

// `size` elements in the memory of the device that was current at construction. data() must not be
// dereferenced by the host. Work of other streams than `stream` must be done before the buffer
// dies.
template <class T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::size_t size, DeviceMemory& memory = plain_memory(),
                        StreamRef stream = {})
      : data_(allocate(bytes_of<T>(size), memory, stream),
              FreeDevice{&memory, bytes_of<T>(size), stream}),
        size_(size) {}
  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return size_ * sizeof(T); }

 private:
  static T* allocate(std::size_t bytes, DeviceMemory& memory, StreamRef stream) {
    return bytes == 0 ? nullptr : static_cast<T*>(memory.allocate(bytes, stream));
  }

  std::unique_ptr<T, FreeDevice> data_;
  std::size_t size_ = 0;
};

// The same in page-locked memory of the host.
template <class T>
class PinnedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  PinnedBuffer() = default;
  explicit PinnedBuffer(std::size_t size)
      : data_(static_cast<T*>(allocate_pinned(bytes_of<T>(size)))), size_(size) {}
  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return size_ * sizeof(T); }

 private:
  std::unique_ptr<T, FreePinned> data_;
  std::size_t size_ = 0;
};

}  // namespace softbeam::gpu
