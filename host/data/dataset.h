// The samples of a campaign: images as float32, optional labels and class names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace softbeam::data {

struct Dataset {
  std::vector<std::int64_t> shape;  // of one sample, without the batch: {3, 224, 224}
  std::uint64_t samples = 0;
  std::vector<float> images;         // [samples, shape...], row-major
  std::vector<std::int64_t> labels;  // empty: not labelled
  std::vector<std::string> class_names;
  std::string digest;  // of images, shape and labels, after `limit`

  std::uint64_t elements_per_sample() const;
  bool labelled() const { return !labels.empty(); }
};

// Reads `images` (float or integer types, converted to float32 exactly as NumPy's astype would),
// optional `labels` (integers) and `class_names` (texts) from .npz; .npy holds images alone. Other
// arrays are left alone, except names that look like a slip ("label").
// `limit` keeps the first so many samples, and only those are checked; more than there are is an
// error. Throws RunError for an unreadable file; UsageError for missing arrays, wrong shapes or
// types, NaN or Inf in the images (says where), a label count that differs, a label that is
// negative or has no class name, an empty set, a file type that is not read yet (names
// tools/pack_data.py).
Dataset load_dataset(const std::string& path, std::optional<std::uint64_t> limit);

}  // namespace softbeam::data
