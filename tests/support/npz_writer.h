// Writes .npy arrays and .npz archives by hand, right ones and broken ones.
// Used by tests that need data sets; the programs under test only read them.
#pragma once

#include <zip.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace softbeam::support {

// Magic number, version and header of the .npy format, with the header's text as given.
inline std::string npy_with_header(std::string_view header, std::string_view data,
                                   int version = 1) {
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  std::string out = "\x93NUMPY";
  out += static_cast<char>(version);
  out += '\0';
  for (std::size_t i = 0; i < length_bytes; ++i) {
    out += static_cast<char>((header.size() >> (8 * i)) & 0xFF);
  }
  out += header;
  return out.append(data);
}

inline std::string npy_header(std::string_view descr, const std::vector<std::int64_t>& shape,
                              bool fortran = false) {
  std::string out = "{'descr': '" + std::string(descr) + "', 'fortran_order': ";
  out += fortran ? "True" : "False";
  out += ", 'shape': (";
  for (const std::int64_t extent : shape) out += std::to_string(extent) + ", ";
  return out + "), }\n";
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// One array; the values are taken as they lie in memory.
template <class T>
std::string npy(std::string_view descr, const std::vector<std::int64_t>& shape,
                const std::vector<T>& values, int version = 1) {
  return npy_with_header(npy_header(descr, shape), bytes_of(values), version);
}

// An array of texts ("<U4"); each text is ASCII and at most `width` long.
inline std::string npy_texts(std::size_t width, const std::vector<std::string>& texts) {
  std::vector<std::uint32_t> codes;
  for (const std::string& text : texts) {
    for (std::size_t i = 0; i < width; ++i) {
      codes.push_back(i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
    }
  }
  return npy("<U" + std::to_string(width), {static_cast<std::int64_t>(texts.size())}, codes);
}

using Entries = std::vector<std::pair<std::string, std::string>>;  // "images.npy" and its bytes

inline void write_zip(const std::string& path, const Entries& entries, bool deflate = false) {
  int error = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
  if (archive == nullptr) throw std::runtime_error("cannot write " + path);
  for (const auto& [name, bytes] : entries) {
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    const auto index =
        static_cast<zip_uint64_t>(zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8));
    zip_set_file_compression(archive, index, deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  if (zip_close(archive) != 0) throw std::runtime_error("cannot finish " + path);
}

// A small labelled data set: `samples` images of shape (1, 2, 2) that count up, labels i % 3.
inline void write_small_set(const std::string& path, std::int64_t samples) {
  std::vector<float> images;
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < samples; ++i) {
    for (int k = 0; k < 4; ++k) images.push_back(static_cast<float>(4 * i + k));
    labels.push_back(i % 3);
  }
  write_zip(path, {{"images.npy", npy("<f4", {samples, 1, 2, 2}, images)},
                   {"labels.npy", npy("<i8", {samples}, labels)}});
}

}  // namespace softbeam::support
