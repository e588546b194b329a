#include "host/cli/output_file.h"

#include <fmt/format.h>

#include <filesystem>

#include "host/base/error.h"

namespace softbeam::cli {
namespace {

namespace fs = std::filesystem;

// `name` is what messages call `path`.
void refuse_inputs(const std::string& path, const std::string& name,
                   const std::vector<InputFile>& inputs) {
  for (const auto& [what, input] : inputs) {
    std::error_code ignored;  // a file that is not there is no input
    if (!input.empty() && fs::equivalent(path, input, ignored)) {
      throw UsageError(
          fmt::format("--out: '{}' is {} '{}' (it would be overwritten); give another "
                      "name",
                      name, what, input));
    }
  }
}

std::string behind_links(const std::string& path) {
  std::error_code missing;
  const fs::path target = fs::canonical(path, missing);
  return missing ? path : target.string();
}

}  // namespace

OutputFile::OutputFile(const std::string& path, const std::vector<InputFile>& inputs)
    : name_(path), target_(behind_links(path)) {
  refuse_inputs(target_, name_, inputs);
  std::error_code ignored;
  const fs::file_status status = fs::status(target_, ignored);
  if (fs::is_directory(status)) {
    throw RunError(fmt::format("{}: cannot be written (it is a folder)", name_));
  }
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    file_.open(target_, std::ios::binary);
  } else {
    part_ = target_ + ".part";
    refuse_inputs(part_, part_, inputs);
    file_.open(part_, std::ios::binary | std::ios::trunc);
    if (file_ && fs::exists(status)) {
      fs::permissions(part_, status.permissions(), ignored);
    }
  }
  if (!file_) {
    part_.clear();
    throw RunError(
        fmt::format("{}: cannot be written (no such folder, or permission denied)", name_));
  }
}

OutputFile::~OutputFile() {
  if (!part_.empty()) {
    std::error_code ignored;
    fs::remove(part_, ignored);
  }
}

void OutputFile::finish() {
  file_.close();
  if (!file_) {
    throw RunError(fmt::format("{}: writing failed (is the disk full?)", name_));
  }
  if (!part_.empty()) {
    std::error_code problem;
    fs::rename(part_, target_, problem);
    if (problem) {
      throw RunError(fmt::format("{}: cannot be written ({})", name_, problem.message()));
    }
    part_.clear();
  }
}

}  // namespace softbeam::cli
