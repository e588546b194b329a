// Owned memory: arrays on the device, and pinned arrays on the host that copies can use directly.
// Used by the backend and by tests; compiles with g++.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

namespace softbeam::gpu {

struct FreeDevice {
  void operator()(void* memory) const noexcept;  // prints a failure, never throws
};

struct FreePinned {
  void operator()(void* memory) const noexcept;
};

// Uninitialised bytes, on the current device. Throw GpuError with the number of bytes.
void* allocate_device(std::size_t bytes);
void* allocate_pinned(std::size_t bytes);

// `size` elements in the memory of the device that was current at construction. Freeing waits for
// the device. data() must not be dereferenced by the host.
template <class T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::size_t size)
      : data_(static_cast<T*>(allocate_device(size * sizeof(T)))), size_(size) {}
  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return size_ * sizeof(T); }

 private:
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
      : data_(static_cast<T*>(allocate_pinned(size * sizeof(T)))), size_(size) {}
  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return size_ * sizeof(T); }

 private:
  std::unique_ptr<T, FreePinned> data_;
  std::size_t size_ = 0;
};

}  // namespace softbeam::gpu
