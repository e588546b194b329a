#include "host/data/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "host/base/digest.h"
#include "host/base/error.h"
#include "host/base/suggest.h"
#include "host/data/convert.h"
#include "host/data/npz.h"

namespace softbeam::data {
namespace {

const std::vector<std::string>& array_names() {
  static const std::vector<std::string> names = {"images", "labels", "class_names"};
  return names;
}

std::string shape_text(std::span<const std::int64_t> shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

[[noreturn]] void refuse(const std::string& path, std::string_view array, const std::string& text) {
  throw UsageError(fmt::format("array '{}' of '{}' {}", array, path, text));
}

std::string lower_extension(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

// Says for what kind of file the packing tool is needed.
[[noreturn]] void refuse_file_type(const std::string& path, std::string_view kind) {
  throw UsageError(
      fmt::format("'{}' is {}, which is not read yet (.npz and .npy are); convert it "
                  "with tools/pack_data.py",
                  path, kind));
}

void check_names(const std::string& path, const std::vector<std::string>& present) {
  const auto has = [&](const std::string& name) {
    return std::find(present.begin(), present.end(), name) != present.end();
  };
  if (!has("images")) {
    throw UsageError(fmt::format(
        "'{}' has no array 'images' (it has: {}); name the samples `images`, or write the file "
        "with "
        "tools/pack_data.py",
        path, present.empty() ? "no array at all" : fmt::format("{}", fmt::join(present, ", "))));
  }
  // A mistyped `labels` would silently make a campaign without answers.
  for (const std::string& name : present) {
    const std::string meant = nearest(name, array_names());
    if (meant.empty() || meant == name || has(meant)) continue;
    throw UsageError(fmt::format("'{}' has an array '{}' (did you mean '{}'?); rename or remove it",
                                 path, name, meant));
  }
}

std::map<std::string, Array> read_arrays(const std::string& path) {
  std::error_code status;
  if (std::filesystem::is_directory(path, status)) refuse_file_type(path, "a folder");
  if (!std::filesystem::exists(path, status)) {
    throw RunError(fmt::format("cannot read '{}' (no such file); check the path", path));
  }
  const std::string extension = lower_extension(path);
  if (extension == ".npz") {
    check_names(path, npz_names(path));
    return read_npz(path, array_names());
  }
  if (extension == ".npy") {
    std::map<std::string, Array> arrays;
    arrays.emplace("images", read_npy(path));
    return arrays;
  }
  if (extension == ".pt" || extension == ".pth") refuse_file_type(path, "a file of torch.save");
  if (extension == ".gz") refuse_file_type(path, "a compressed file");
  if (path.ends_with("-ubyte") || path.ends_with(".idx")) refuse_file_type(path, "an IDX file");
  refuse_file_type(path, "a file of an unknown type");
}

void read_images(Dataset& set, const std::string& path, const Array& array,
                 std::optional<std::uint64_t> limit) {
  if (!is_float(array) && !is_integer(array)) {
    refuse(path, "images",
           fmt::format("has the type {} (numbers are needed); convert it with "
                       ".astype(numpy.float32)",
                       array.type));
  }
  if (array.shape.size() < 2) {
    refuse(path, "images",
           fmt::format("has the shape {} (samples first, then the shape of one sample); reshape it "
                       "to (N, ...)",
                       shape_text(array.shape)));
  }
  if (std::find(array.shape.begin(), array.shape.end(), 0) != array.shape.end()) {
    refuse(path, "images",
           fmt::format("is empty (its shape is {}); store at least one sample",
                       shape_text(array.shape)));
  }
  const auto present = static_cast<std::uint64_t>(array.shape.front());
  if (limit && (*limit == 0 || *limit > present)) {
    throw UsageError(
        fmt::format("data.limit {} does not fit '{}' (it holds {} samples); give 1 to "
                    "{}, or remove the limit",
                    *limit, path, present, present));
  }
  set.samples = limit.value_or(present);
  set.shape.assign(array.shape.begin() + 1, array.shape.end());
  set.images = to_float32(array, set.samples * set.elements_per_sample());

  const auto bad =
      std::find_if(set.images.begin(), set.images.end(), [](float x) { return !std::isfinite(x); });
  if (bad == set.images.end()) return;
  const auto at = static_cast<std::uint64_t>(bad - set.images.begin());
  refuse(path, "images",
         fmt::format("has {} at sample {}, element {} (the clean run needs finite values that fit "
                     "float32); clean or drop the sample",
                     std::isnan(*bad) ? "NaN" : "Inf", at / set.elements_per_sample(),
                     at % set.elements_per_sample()));
}

void read_labels(Dataset& set, const std::string& path, const Array& array, std::int64_t images) {
  if (!is_integer(array)) {
    refuse(path, "labels",
           fmt::format("has the type {} (class numbers are integers); convert it with "
                       ".astype(numpy.int64)",
                       array.type));
  }
  if (array.shape.size() != 1) {
    const bool one_hot = array.shape.size() == 2 && array.shape[1] > 1;
    refuse(path, "labels",
           fmt::format("has the shape {} (one number per sample is needed); use {}",
                       shape_text(array.shape),
                       one_hot ? "labels.argmax(1) if it is one-hot" : "labels.reshape(-1)"));
  }
  if (array.shape.front() != images) {
    refuse(path, "labels",
           fmt::format("has {} entries for {} images; store one label per image",
                       array.shape.front(), images));
  }
  set.labels = to_int64(array, set.samples);
  const auto bad = std::find_if(set.labels.begin(), set.labels.end(),
                                [](std::int64_t label) { return label < 0; });
  if (bad == set.labels.end()) return;
  refuse(path, "labels",
         fmt::format("has the class {} at sample {} (classes count from 0, in 63 bits); correct or "
                     "drop the sample",
                     array.type == "u8" ? std::string("above 2^63") : std::to_string(*bad),
                     bad - set.labels.begin()));
}

void read_class_names(Dataset& set, const std::string& path, const Array& array) {
  if (array.type.front() != 'U' || array.shape.size() != 1) {
    refuse(path, "class_names",
           fmt::format("has the type {} and the shape {} (a list of texts is needed); store "
                       "numpy.array([...], numpy.str_)",
                       array.type, shape_text(array.shape)));
  }
  set.class_names = to_texts(array);
  const auto classes = static_cast<std::int64_t>(set.class_names.size());
  const auto bad = std::find_if(set.labels.begin(), set.labels.end(),
                                [&](std::int64_t label) { return label >= classes; });
  if (bad == set.labels.end()) return;
  refuse(path, "labels",
         fmt::format("has the class {} at sample {}, but there are {} class names; correct one of "
                     "them",
                     *bad, bad - set.labels.begin(), classes));
}

}  // namespace

std::uint64_t Dataset::elements_per_sample() const {
  std::uint64_t elements = 1;
  for (const std::int64_t extent : shape) elements *= static_cast<std::uint64_t>(extent);
  return elements;
}

Dataset load_dataset(const std::string& path, std::optional<std::uint64_t> limit) {
  std::map<std::string, Array> arrays = read_arrays(path);
  Dataset set;
  const std::int64_t images = arrays.at("images").shape.empty() ? 0 : arrays.at("images").shape[0];
  read_images(set, path, arrays.at("images"), limit);
  arrays.erase("images");  // the largest part; it is in memory twice only for this moment
  if (arrays.contains("labels")) read_labels(set, path, arrays.at("labels"), images);
  if (arrays.contains("class_names")) read_class_names(set, path, arrays.at("class_names"));
  set.digest = digest(fmt::format("images {} {} labels {}", shape_text(set.shape),
                                  digest(std::as_bytes(std::span(set.images))),
                                  digest(std::as_bytes(std::span(set.labels)))));
  return set;
}

}  // namespace softbeam::data
