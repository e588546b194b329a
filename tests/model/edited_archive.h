// Copies of a real model file with records changed, added or left out.
// Used by the tests of what happens to damaged and unusual archives.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/temp_dir.h"

namespace softbeam::model {

inline constexpr const char* program_record = "models/model.json";
inline constexpr const char* weights_record = "data/weights/model_weights_config.json";

// Copies the archive `source` into `folder`; `change` gets one record's bytes. Returns the path.
std::string with_record(const support::TempDir& folder, const std::string& source,
                        const std::string& record,
                        const std::function<void(std::string& bytes)>& change);
std::string with_json(const support::TempDir& folder, const std::string& source,
                      const std::string& record,
                      const std::function<void(nlohmann::json& json)>& change);
std::string without_record(const support::TempDir& folder, const std::string& source,
                           const std::string& record);

// An archive of LibTorch's own kind with just these records.
std::string archive_of(const support::TempDir& folder,
                       const std::vector<std::pair<std::string, std::string>>& records);

}  // namespace softbeam::model
