#include "host/record/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "host/base/error.h"

namespace softbeam::record {
namespace {

constexpr std::string_view marker = "process ";

std::string first_line(int descriptor) {
  std::array<char, 256> text{};
  const ssize_t size = pread(descriptor, text.data(), text.size(), 0);
  std::string line(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  line.resize(std::min(line.find('\n'), line.size()));
  return line;
}

bool has_marker(const std::string& line) { return line.compare(0, marker.size(), marker) == 0; }

// "process 4711 on node3", as the holder wrote it; it may not have come to that yet.
std::string holder(int descriptor) {
  const std::string line = first_line(descriptor);
  return has_marker(line) ? line : "another process";
}

// Written by us, or empty: of a writer that died before it wrote its line. Any other file belongs
// to somebody.
bool is_lock_file(int descriptor) {
  char byte = 0;
  return pread(descriptor, &byte, 1, 0) == 0 || has_marker(first_line(descriptor));
}

void write_holder(int descriptor) {
  std::array<char, 200> host{};
  gethostname(host.data(), host.size() - 1);
  const std::string line = fmt::format("{}{} on {}\n", marker, getpid(), host.data());
  // The text only improves a message: a full disk must not keep anyone from locking.
  if (ftruncate(descriptor, 0) != 0 ||
      pwrite(descriptor, line.data(), line.size(), 0) != static_cast<ssize_t>(line.size())) {
    return;
  }
}

bool is_still_there(int descriptor, const std::string& path) {
  struct stat held {};
  struct stat now {};
  return fstat(descriptor, &held) == 0 && lstat(path.c_str(), &now) == 0 &&
         held.st_ino == now.st_ino && held.st_dev == now.st_dev;
}

}  // namespace

LockFile::LockFile(std::string path, const std::string& store) : path_(std::move(path)) {
  // The loop ends: a repetition needs another writer to have come and gone in between.
  while (true) {
    // Read and write: network file systems turn flock into a record lock, which needs both.
    descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (descriptor_ < 0) {
      throw RunError(fmt::format("cannot make the lock file '{}' ({}) for the store '{}'", path_,
                                 std::strerror(errno), store));
    }
    struct stat status {};
    if (fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
      close(descriptor_);
      throw RunError(
          fmt::format("cannot lock the store '{}' ('{}' is not a regular file)", store, path_));
    }
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      const std::string who = holder(descriptor_);
      close(descriptor_);
      if (error == EWOULDBLOCK || error == EACCES) {
        throw RunError(
            fmt::format("the store '{}' is being written ({} holds '{}'); wait for it to end, or "
                        "write to another store",
                        store, who, path_));
      }
      throw RunError(fmt::format("cannot lock '{}' ({}); put the store on a file system with locks",
                                 path_, std::strerror(error)));
    }
    if (is_still_there(descriptor_, path_)) {
      if (is_lock_file(descriptor_)) break;
      close(descriptor_);
      throw RunError(
          fmt::format("cannot lock the store '{}': the file '{}' is not a lock file of softbeam; "
                      "move it away, or write to another store",
                      store, path_));
    }
    close(descriptor_);
  }
  write_holder(descriptor_);
}

LockFile::~LockFile() {
  unlink(path_.c_str());
  close(descriptor_);
}

}  // namespace softbeam::record
