#include "host/data/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "host/base/error.h"

namespace softbeam::data {
namespace {

// NumPy itself refuses longer headers of plain arrays.
constexpr std::uint64_t longest_header = 1U << 20U;

// Bytes that the shape promises, or nothing where the product does not fit 64 bits.
std::optional<std::uint64_t> promised_bytes(const NpyHeader& header) {
  if (std::find(header.shape.begin(), header.shape.end(), 0) != header.shape.end()) return 0;
  std::uint64_t bytes = header.item_bytes;
  for (const std::int64_t extent : header.shape) {
    if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(extent), &bytes)) {
      return std::nullopt;
    }
  }
  return bytes;
}

std::string read_header_text(ByteSource& source, std::uint64_t& used) {
  const auto cut_short = [&] {
    throw RunError(fmt::format("{} is cut short (its .npy header is incomplete); write it again",
                               source.place));
  };
  std::array<std::byte, 8> start{};
  if (source.size < start.size()) cut_short();
  source.read(start);
  constexpr std::string_view magic = "\x93NUMPY";
  if (std::memcmp(start.data(), magic.data(), magic.size()) != 0) {
    throw RunError(
        fmt::format("{} is not a NumPy array (it does not begin with \\x93NUMPY); write "
                    "it with numpy.save or numpy.savez",
                    source.place));
  }
  const auto version = std::to_integer<unsigned>(start[6]);
  if (version < 1 || version > 3) {
    throw RunError(
        fmt::format("{} has .npy version {} (1 to 3 are read); write it with a released "
                    "NumPy",
                    source.place, version));
  }
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  std::array<std::byte, 4> raw{};
  used = start.size() + length_bytes;
  if (source.size < used) cut_short();
  source.read(std::span(raw).first(length_bytes));
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    length |= std::to_integer<std::uint64_t>(raw[i]) << (8 * i);
  }
  if (length > source.size - used) cut_short();
  if (length > longest_header) {
    throw RunError(
        fmt::format("{}: its .npy header has {} bytes (at most {} are read); write the "
                    "array again",
                    source.place, length, longest_header));
  }
  std::string text(length, '\0');
  source.read(std::as_writable_bytes(std::span(text)));
  used += length;
  return text;
}

void swap_bytes(std::span<std::byte> bytes, std::size_t width) {
  for (std::size_t i = 0; i + width <= bytes.size(); i += width) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                 bytes.begin() + static_cast<std::ptrdiff_t>(i + width));
  }
}

// From first-index-fastest to last-index-fastest.
std::vector<std::byte> to_row_major(const std::vector<std::byte>& bytes,
                                    const std::vector<std::int64_t>& shape, std::size_t width) {
  std::vector<std::byte> out(bytes.size());
  std::vector<std::size_t> stride(shape.size(), width);
  for (std::size_t d = 1; d < shape.size(); ++d) {
    stride[d] = stride[d - 1] * static_cast<std::size_t>(shape[d - 1]);
  }
  std::vector<std::int64_t> index(shape.size(), 0);
  std::size_t from = 0;
  for (std::size_t to = 0; to < out.size(); to += width) {
    std::memcpy(&out[to], &bytes[from], width);
    for (std::size_t d = shape.size(); d-- > 0;) {
      from += stride[d];
      if (++index[d] < shape[d]) break;
      from -= stride[d] * static_cast<std::size_t>(shape[d]);
      index[d] = 0;
    }
  }
  return out;
}

}  // namespace

Array read_array(ByteSource& source) {
  std::uint64_t used = 0;
  const std::string text = read_header_text(source, used);
  const NpyHeader header = parse_npy_header(text, source.place);
  const std::optional<std::uint64_t> bytes = promised_bytes(header);
  const std::uint64_t present = source.size - used;
  // Checked before memory is taken: a damaged header may promise any amount.
  if (bytes != present) {
    throw RunError(fmt::format(
        "{} holds {} bytes of data, but its header promises {} (shape ({}), type {}); the file is "
        "cut short or damaged, write it again",
        source.place, present, bytes ? fmt::format("{}", *bytes) : "more than 2^64",
        fmt::join(header.shape, ", "), header.type));
  }
  Array array{.type = header.type, .shape = header.shape, .bytes = {}};
  array.bytes.resize(present);
  source.read(array.bytes);
  if (header.big_endian)
    swap_bytes(array.bytes, header.type.front() == 'U' ? 4 : header.item_bytes);
  if (header.fortran_order && header.shape.size() > 1 && header.item_bytes > 0) {
    array.bytes = to_row_major(array.bytes, array.shape, header.item_bytes);
  }
  return array;
}

Array read_npy(const std::string& path) {
  std::error_code status;
  const std::uint64_t size = std::filesystem::file_size(path, status);
  std::ifstream in(path, std::ios::binary);
  if (status || !in) {
    throw RunError(fmt::format("cannot read '{}' ({}); check the path", path,
                               status ? status.message() : "it cannot be opened"));
  }
  ByteSource source{.place = fmt::format("'{}'", path), .size = size, .read = {}};
  source.read = [&](std::span<std::byte> to) {
    in.read(reinterpret_cast<char*>(to.data()), static_cast<std::streamsize>(to.size()));
    if (static_cast<std::size_t>(in.gcount()) != to.size()) {
      throw RunError(
          fmt::format("cannot read '{}' (it ended early); is it still being written?", path));
    }
  };
  return read_array(source);
}

}  // namespace softbeam::data
