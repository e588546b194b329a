// Private to host/data: one array in NumPy's .npy format, from any source of bytes.
// Used for files and for the entries of archives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "host/data/npz.h"

namespace softbeam::data {

// Bytes in sequence, with their number known in advance. `read` fills the span, or throws RunError.
struct ByteSource {
  std::string place;  // "array 'images' of 'data.npz'"; messages start with it
  std::uint64_t size = 0;
  std::function<void(std::span<std::byte>)> read;
};

Array read_array(ByteSource& source);

// What the header of an array says, before it is known whether the bytes agree.
struct NpyHeader {
  std::string type;  // as in Array
  bool big_endian = false;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::size_t item_bytes = 0;
};

// `text` is the Python dictionary behind the magic number.
NpyHeader parse_npy_header(std::string_view text, const std::string& place);

}  // namespace softbeam::data
