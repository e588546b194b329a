// Streams and events, owned and borrowed, and the copies and waits that go with them.
// Used by everything that queues work on a GPU; compiles with g++.
#pragma once

#include <cstddef>
#include <memory>

struct CUevent_st;   // what cudaEvent_t points to
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

struct DestroyStream {
  void operator()(CUstream_st* handle) const noexcept;  // prints a failure, never throws
};

struct DestroyEvent {
  void operator()(CUevent_st* handle) const noexcept;
};

// An own stream of the device that was current at construction; it does not wait for the legacy
// default stream. Work still queued at destruction is done all the same. Throws GpuError.
class Stream {
 public:
  Stream();
  StreamRef ref() const { return StreamRef(handle_.get()); }

 private:
  std::unique_ptr<CUstream_st, DestroyStream> handle_;
};

// A mark in a stream. Throws GpuError.
class Event {
 public:
  Event();
  void record(StreamRef stream);
  void synchronize() const;  // waits on the host for the work before the mark

  // Queues on `stream` that its later work waits for the mark. The host does not wait.
  void hold_back(StreamRef stream) const;

  // Between two marks that have been passed.
  double milliseconds_since(const Event& earlier) const;

 private:
  std::unique_ptr<CUevent_st, DestroyEvent> handle_;
};

// Queue a copy; asynchronous where the host memory is pinned. Throw GpuError.
void copy_to_device(void* device, const void* host, std::size_t bytes, StreamRef stream);
void copy_to_host(void* host, const void* device, std::size_t bytes, StreamRef stream);

// Waits for the stream's work. Throws GpuError, also for a failure of earlier work.
void synchronize(StreamRef stream);

}  // namespace softbeam::gpu
