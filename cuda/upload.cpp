#include "cuda/upload.h"

#include <algorithm>
#include <cstring>

namespace softbeam::gpu {

void Upload::make_room(std::size_t bytes, StreamRef stream) {
  constexpr std::size_t least = std::size_t{1} << 20;
  constexpr std::size_t most_arrays = 4;
  bytes += most_arrays * alignment;
  if (used_ + bytes <= pinned_.size()) return;
  synchronize(stream);
  used_ = 0;
  if (bytes <= pinned_.size()) return;
  const std::size_t size = std::max(least, 2 * bytes);
  device_ = {};  // before the next one takes its memory
  pinned_ = {};
  device_ = DeviceBuffer<std::byte>(size);
  pinned_ = PinnedBuffer<std::byte>(size);
}

Upload::Place Upload::reserve(std::size_t bytes, StreamRef stream) {
  bytes = (bytes + alignment - 1) / alignment * alignment;
  if (used_ + bytes > pinned_.size()) make_room(bytes, stream);
  const Place place{pinned_.data() + used_, device_.data() + used_};
  used_ += bytes;
  return place;
}

void* Upload::upload(const void* data, std::size_t bytes, StreamRef stream) {
  const Place place = reserve(bytes, stream);
  std::memcpy(place.host, data, bytes);
  copy_to_device(place.device, place.host, bytes, stream);
  return place.device;
}

}  // namespace softbeam::gpu
