#include "host/data/convert.h"

#include <bit>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "injectors/fault_model.h"

namespace softbeam::data {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are kept in little-endian order");

template <class From>
From element(const Array& array, std::size_t i) {
  From value;
  std::memcpy(&value, &array.bytes[i * sizeof(From)], sizeof(From));
  return value;
}

template <class From, class To>
std::vector<To> cast(const Array& array, std::size_t count) {
  std::vector<To> out(count);
  // An int8 is a number here, not a character: NOLINTNEXTLINE(bugprone-signed-char-misuse)
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<To>(element<From>(array, i));
  return out;
}

std::vector<float> halves_to_float32(const Array& array, std::size_t count) {
  std::vector<float> table(std::size_t{1} << 16U);
  for (std::size_t word = 0; word < table.size(); ++word) {
    table[word] = static_cast<float>(injectors::decode(word, injectors::DType::float16));
  }
  std::vector<float> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = table[element<std::uint16_t>(array, i)];
  return out;
}

template <class To>
std::vector<To> cast_integers(const Array& array, std::size_t count) {
  const std::string& type = array.type;
  if (type == "i1") return cast<std::int8_t, To>(array, count);
  if (type == "i2") return cast<std::int16_t, To>(array, count);
  if (type == "i4") return cast<std::int32_t, To>(array, count);
  if (type == "i8") return cast<std::int64_t, To>(array, count);
  if (type == "u1") return cast<std::uint8_t, To>(array, count);
  if (type == "u2") return cast<std::uint16_t, To>(array, count);
  if (type == "u4") return cast<std::uint32_t, To>(array, count);
  if (type == "u8") return cast<std::uint64_t, To>(array, count);
  throw std::logic_error("not an integer array");
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | ((code >> 18) & 0x07));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

}  // namespace

bool is_float(const Array& array) { return array.type.front() == 'f'; }

bool is_integer(const Array& array) {
  return array.type.front() == 'i' || array.type.front() == 'u';
}

std::vector<float> to_float32(const Array& array, std::size_t count) {
  if (array.type == "f2") return halves_to_float32(array, count);
  if (array.type == "f4") {
    std::vector<float> out(count);
    if (count > 0) std::memcpy(out.data(), array.bytes.data(), count * sizeof(float));
    return out;
  }
  if (array.type == "f8") return cast<double, float>(array, count);
  return cast_integers<float>(array, count);
}

std::vector<std::int64_t> to_int64(const Array& array, std::size_t count) {
  std::vector<std::int64_t> out = cast_integers<std::int64_t>(array, count);
  if (array.type == "u8") {
    for (std::int64_t& value : out) value = value < 0 ? -1 : value;
  }
  return out;
}

std::vector<std::string> to_texts(const Array& array) {
  const std::size_t width = std::stoul(array.type.substr(1));
  std::size_t count = 1;
  for (const std::int64_t extent : array.shape) count *= static_cast<std::size_t>(extent);
  std::vector<std::string> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t length = width;
    while (length > 0 && element<std::uint32_t>(array, i * width + length - 1) == 0) --length;
    for (std::size_t k = 0; k < length; ++k) {
      append_utf8(out[i], element<std::uint32_t>(array, i * width + k));
    }
  }
  return out;
}

}  // namespace softbeam::data
