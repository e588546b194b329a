#include "host/model/signatures.h"

#include <algorithm>

namespace softbeam::model {
namespace {

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  std::string_view name;
};
constexpr Magic magics[] = {
    {0, "\x89HDF", "is an HDF5 file (Keras weights?), not a PyTorch model"},
    {4, "TFL3", "is a TensorFlow Lite model, not a PyTorch model"},
    {0, "GGUF", "is a GGUF file (weights without a model)"},
    {0, "\x93NUMPY", "is a NumPy array, not a model"},
    {0,
     "\x7f"
     "ELF",
     "is a compiled library, not a model"},
    {0, "\x1f\x8b", "is compressed (gzip); unpack it first"},
};

}  // namespace

bool is_zip(std::string_view head) { return head.starts_with("PK\x03\x04"); }

bool has_zip_directory(std::string_view tail) {
  return tail.find("PK\x05\x06") != std::string_view::npos;
}

std::string first_zip_entry(std::string_view head) {
  constexpr std::size_t length_at = 26;
  constexpr std::size_t name_at = 30;
  if (head.size() < name_at) {
    return "";
  }
  std::string name(head.substr(name_at, little_endian(head.substr(length_at, 2))));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return name;
}

bool is_pickle(std::string_view head) {
  return head.size() >= 2 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5;
}

std::string_view foreign_format(std::string_view head, std::uint64_t size) {
  for (const Magic& magic : magics) {
    if (head.size() > magic.offset && head.substr(magic.offset).starts_with(magic.bytes)) {
      return magic.name;
    }
  }
  if (head.size() > 9 && head[8] == '{' && little_endian(head.substr(0, 8)) < size) {
    return "is a safetensors file (weights without a model)";
  }
  // ONNX is a protobuf message: field 1 is its version, field 2 the producer's name.
  if (head.size() > 3 && head[0] == '\x08' && head[1] > 0 && head[1] < 32 && head[2] == '\x12') {
    return "is an ONNX model, which cannot be read";
  }
  return "";
}

}  // namespace softbeam::model
