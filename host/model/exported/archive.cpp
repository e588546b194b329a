#include "host/model/exported/archive.h"

#include <c10/util/Exception.h>
#include <caffe2/serialize/inline_container.h>
#include <fmt/core.h>

#include <exception>
#include <tuple>
#include <utility>

#include "host/base/error.h"

namespace softbeam::model::exported {
namespace {

// c10's messages end in a stack trace after the first line.
std::string first_line(const std::exception& error) {
  const auto* own = dynamic_cast<const c10::Error*>(&error);
  std::string message = own != nullptr ? own->what_without_backtrace() : error.what();
  return message.substr(0, message.find('\n'));
}

[[noreturn]] void fail(const std::string& path, const std::string& record, const std::string& why) {
  throw RunError(fmt::format("{}: record '{}' {}; export the model again", path, record, why));
}

}  // namespace

Archive::Archive(std::string path) : path_(std::move(path)) {
  try {
    reader_ = std::make_unique<caffe2::serialize::PyTorchStreamReader>(path_);
  } catch (const std::exception& error) {
    throw RunError(fmt::format("{}: not a readable archive ({}); export the model again", path_,
                               first_line(error)));
  }
}

Archive::~Archive() = default;

bool Archive::has(const std::string& record) {
  try {
    return reader_->hasRecord(record);
  } catch (const std::exception& error) {
    fail(path_, record, fmt::format("cannot be read ({})", first_line(error)));
  }
}

c10::Storage Archive::storage(const std::string& record) {
  if (!has(record)) {
    fail(path_, record, "is missing");
  }
  try {
    auto [data, size] = reader_->getRecord(record);
    return {c10::Storage::use_byte_size_t(), size, std::move(data), nullptr, false};
  } catch (const std::exception& error) {
    fail(path_, record, fmt::format("cannot be read ({})", first_line(error)));
  }
}

std::string Archive::text(const std::string& record) {
  const c10::Storage bytes = storage(record);
  return {static_cast<const char*>(bytes.data()), bytes.nbytes()};
}

Json Archive::json(const std::string& record) {
  try {
    return Json::parse(text(record));
  } catch (const Json::exception& error) {
    fail(path_, record, fmt::format("is not valid JSON ({})", error.what()));
  }
}

void Archive::reading(const std::string& record, const std::function<void()>& body) const {
  try {
    body();
  } catch (const ShapeError& error) {
    fail(path_, record, fmt::format("is not as expected ({})", error.what()));
  } catch (const Json::exception& error) {
    fail(path_, record, fmt::format("is not as expected ({})", error.what()));
  } catch (const c10::Error& error) {
    fail(path_, record, fmt::format("cannot be used ({})", first_line(error)));
  }
}

}  // namespace softbeam::model::exported
