// Private: the lock file beside a store, which keeps a second writer out.
// Held by a Store that is open for writing.
#pragma once

#include <string>

namespace softbeam::record {

// flock on a file that names the holder. The lock dies with its process, so that a file left by a
// killed one is no obstacle. The destructor removes the file while it still holds the lock; a
// process that was waiting to open it notices, because it compares inodes after locking.
class LockFile {
 public:
  // Throws RunError if another process holds the lock (naming it), if `path` is a symbolic link or
  // not a regular file, if a file of another program has its name, or if it cannot be made. `store`
  // is named in messages.
  LockFile(std::string path, const std::string& store);
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace softbeam::record
