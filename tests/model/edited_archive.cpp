#include "tests/model/edited_archive.h"

#include <caffe2/serialize/inline_container.h>

namespace softbeam::model {
namespace {

using Records = std::vector<std::pair<std::string, std::string>>;

Records records_of(const std::string& source) {
  caffe2::serialize::PyTorchStreamReader reader(source);
  Records records;
  for (const std::string& name : reader.getAllRecords()) {
    if (!name.starts_with(".data/")) {  // the writer makes its own
      const auto [data, size] = reader.getRecord(name);
      records.emplace_back(name, std::string(static_cast<const char*>(data.get()), size));
    }
  }
  return records;
}

}  // namespace

std::string archive_of(const support::TempDir& folder, const Records& records) {
  std::string path = folder.path("archive.pt2");
  caffe2::serialize::PyTorchStreamWriter writer(path);
  for (const auto& [name, bytes] : records) {
    writer.writeRecord(name, bytes.data(), bytes.size());
  }
  writer.writeEndOfFile();
  return path;
}

std::string with_record(const support::TempDir& folder, const std::string& source,
                        const std::string& record,
                        const std::function<void(std::string& bytes)>& change) {
  Records records = records_of(source);
  for (auto& [name, bytes] : records) {
    if (name == record) {
      change(bytes);
    }
  }
  return archive_of(folder, records);
}

std::string with_json(const support::TempDir& folder, const std::string& source,
                      const std::string& record,
                      const std::function<void(nlohmann::json& json)>& change) {
  return with_record(folder, source, record, [&](std::string& bytes) {
    nlohmann::json json = nlohmann::json::parse(bytes);
    change(json);
    bytes = json.dump();
  });
}

std::string without_record(const support::TempDir& folder, const std::string& source,
                           const std::string& record) {
  Records records = records_of(source);
  std::erase_if(records, [&](const auto& entry) { return entry.first == record; });
  return archive_of(folder, records);
}

}  // namespace softbeam::model
