// Reads .npz archives and .npy arrays (NumPy's format versions 1 to 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace softbeam::data {

// One array in row-major order (Fortran order is rearranged while reading).
struct Array {
  std::string type;  // NumPy's kind and size, little endian: "f4", "i8", "u1", "U12", "b1"
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;
};

// Names of the arrays of an archive, in its order. Throws RunError.
std::vector<std::string> npz_names(const std::string& path);

// Arrays by name (without ".npy"): those of `wanted` that are there, or all. Checks checksums, and
// that a header's promise of bytes is kept before memory is taken for it.
// Throws RunError naming the file, the array and what is wrong.
std::map<std::string, Array> read_npz(const std::string& path);
std::map<std::string, Array> read_npz(const std::string& path, std::span<const std::string> wanted);
Array read_npy(const std::string& path);

}  // namespace softbeam::data
