// Streams as borrowed handles, and the copies and waits that go with them.
// Used by everything that queues work on a GPU; compiles with g++.
#pragma once

#include <cstddef>

struct CUstream_st;  // what cudaStream_t points to

namespace softbeam::gpu {

// A stream that somebody else owns and keeps alive. The default is the legacy default stream.
class StreamRef {
 public:
  StreamRef() = default;
  explicit StreamRef(CUstream_st* handle) : handle_(handle) {}
  CUstream_st* handle() const { return handle_; }

 private:
  CUstream_st* handle_ = nullptr;
};

// Queue a copy; asynchronous where the host memory is pinned. Throw GpuError.
void copy_to_device(void* device, const void* host, std::size_t bytes, StreamRef stream);
void copy_to_host(void* host, const void* device, std::size_t bytes, StreamRef stream);

// Waits for the stream's work. Throws GpuError, also for a failure of earlier work.
void synchronize(StreamRef stream);

}  // namespace softbeam::gpu
