// The records of a .pt2 archive by name. Private to host/model/exported.
#pragma once

#include <c10/core/Storage.h>

#include <functional>
#include <memory>
#include <string>

#include "host/model/exported/json.h"

namespace caffe2::serialize {
class PyTorchStreamReader;
}

namespace softbeam::model::exported {

class Archive {
 public:
  // Throws RunError, naming the file.
  explicit Archive(std::string path);
  ~Archive();

  const std::string& path() const { return path_; }
  bool has(const std::string& record);
  // All of these throw RunError, naming file and record.
  std::string text(const std::string& record);
  Json json(const std::string& record);
  // The record's bytes, in memory aligned for any tensor.
  c10::Storage storage(const std::string& record);

  // Runs `body`, which reads the JSON of `record`; turns its ShapeErrors into RunErrors.
  void reading(const std::string& record, const std::function<void()>& body) const;

 private:
  std::string path_;
  std::unique_ptr<caffe2::serialize::PyTorchStreamReader> reader_;
};

}  // namespace softbeam::model::exported
