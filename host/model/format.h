// Tells model files apart by what is in them, not by their names. Private to host/model.
#pragma once

#include <cstdint>
#include <string>

namespace softbeam::model {

enum class Format : std::uint8_t { exported, torchscript };

// Throws RunError for every other file, saying what it is, where that shows, and the way out.
Format tell_format(const std::string& path);

}  // namespace softbeam::model
