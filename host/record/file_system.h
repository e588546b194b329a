// Private: what kind of file system a store lies on, which decides SQLite's journal.
// Used when a store is opened for writing.
#pragma once

#include <cstdint>
#include <string>

namespace softbeam::record {

// Whether a file system with this magic number (statfs) may be shared by several machines, where
// SQLite's write-ahead log, which needs shared memory, must not be used.
bool is_network_file_system(std::uint32_t magic);
// The same of the file system that holds this file or folder; true where it cannot be told.
bool is_on_network(const std::string& path);

}  // namespace softbeam::record
