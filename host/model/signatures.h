// Recognises kinds of files by their first or last bytes. Private to host/model.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace softbeam::model {

bool is_zip(std::string_view head);
// Whether the last bytes hold the end of a zip's directory: a cut file has none.
bool has_zip_directory(std::string_view tail);
// Name of the first entry, printable characters only; "" if it cannot be read.
std::string first_zip_entry(std::string_view head);
// Python's pickle, protocol 2 and later: what torch.save wrote before it used zip files.
bool is_pickle(std::string_view head);
// "is a safetensors file (weights without a model)" and the like; "" for an unknown kind.
std::string_view foreign_format(std::string_view head, std::uint64_t size);

}  // namespace softbeam::model
