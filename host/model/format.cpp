#include "host/model/format.h"

#include <caffe2/serialize/inline_container.h>
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include "host/base/error.h"
#include "host/model/signatures.h"

namespace softbeam::model {
namespace {

constexpr const char* expected =
    "expected a torch.export archive (.pt2) or a TorchScript file; tools/export_model.py writes "
    "both";

[[noreturn]] void fail(const std::string& path, std::string_view problem) {
  throw RunError(fmt::format("{} {}", path, problem));
}

[[noreturn]] void fail_checkpoint(const std::string& path) {
  fail(path,
       "is a training checkpoint (a state_dict or other pickled Python objects), not a model; "
       "export it with tools/export_model.py");
}

// The first and the last bytes, which are all that is needed to know a file.
struct Ends {
  std::string head;
  std::string tail;
  std::uint64_t size = 0;
};

Ends read_ends(const std::string& path) {
  constexpr std::uint64_t most = std::uint64_t{1} << 17;  // a zip's end record lies within 64 KiB
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    fail(path, fmt::format("does not exist; {}", expected));
  }
  if (std::filesystem::is_directory(status)) {
    fail(path, fmt::format("is a directory; {}", expected));
  }
  std::ifstream file(path, std::ios::binary);
  Ends ends;
  ends.size = std::filesystem::file_size(path, error);
  if (!file || error) {
    fail(path, fmt::format("cannot be read ({}); {}",
                           error ? error.message() : std::strerror(errno), expected));
  }
  if (ends.size == 0) {
    fail(path, fmt::format("is empty; {}", expected));
  }
  const std::uint64_t length = std::min(ends.size, most);
  ends.head.resize(length);
  ends.tail.resize(length);
  file.read(ends.head.data(), static_cast<std::streamsize>(length));
  file.seekg(static_cast<std::streamoff>(ends.size - length));
  file.read(ends.tail.data(), static_cast<std::streamsize>(length));
  if (!file) {
    fail(path, fmt::format("cannot be read to its end; {}", expected));
  }
  return ends;
}

// A zip that LibTorch's own reader does not take.
[[noreturn]] void fail_other_zip(const std::string& path, const Ends& ends) {
  if (ends.tail.find("serialized_exported_program.json") != std::string::npos) {
    fail(path,
         "is a torch.export archive in the layout of torch before 2.8; load it with torch and "
         "save it again, or export the model with torch 2.11");
  }
  fail(path, fmt::format("is a zip of something else (its first entry is '{}'); {}",
                         first_zip_entry(ends.head), expected));
}

Format tell_zip(const std::string& path, const Ends& ends) {
  if (!has_zip_directory(ends.tail)) {
    fail(path,
         "is truncated (the directory at the end of the archive is missing); copy or export "
         "it again");
  }
  std::vector<std::string> records;
  bool exported = false;
  try {
    caffe2::serialize::PyTorchStreamReader reader(path);
    records = reader.getAllRecords();
    exported = reader.hasRecord("models/model.json");
  } catch (const std::exception&) {
    fail_other_zip(path, ends);
  }
  const auto has = [&](std::string_view start) {
    return std::any_of(records.begin(), records.end(),
                       [&](const std::string& name) { return name.starts_with(start); });
  };
  if (exported) {
    return Format::exported;
  }
  if (has("data/aotinductor/")) {
    fail(path, fmt::format("holds compiled code (AOTInductor), not a graph; {}", expected));
  }
  if (has("code/") && has("constants.pkl")) {
    return Format::torchscript;
  }
  if (has("data.pkl")) {
    fail_checkpoint(path);
  }
  if (has("archive_format") || has("models/")) {
    fail(path, "is a torch.export archive without 'models/model.json'; export the model again");
  }
  fail_other_zip(path, ends);
}

}  // namespace

Format tell_format(const std::string& path) {
  const Ends ends = read_ends(path);
  if (is_zip(ends.head)) {
    return tell_zip(path, ends);
  }
  if (is_pickle(ends.head)) {
    fail_checkpoint(path);
  }
  const std::string_view name = foreign_format(ends.head, ends.size);
  fail(path, fmt::format("{}; {}", name.empty() ? "is not a model" : name, expected));
}

}  // namespace softbeam::model
