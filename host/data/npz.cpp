#include "host/data/npz.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "host/base/error.h"
#include "host/data/npy.h"

namespace softbeam::data {
namespace {

struct DiscardZip {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using ZipPtr = std::unique_ptr<zip_t, DiscardZip>;
using EntryPtr = std::unique_ptr<zip_file_t, CloseEntry>;

struct Member {
  std::string name;  // without ".npy"
  zip_uint64_t index = 0;
  std::uint64_t size = 0;
};

struct Archive {
  ZipPtr zip;
  std::string path;
  std::vector<Member> members;
};

bool is_bare_array(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string start(6, '\0');
  in.read(start.data(), static_cast<std::streamsize>(start.size()));
  return start == "\x93NUMPY";
}

ZipPtr open_zip(const std::string& path) {
  int code = 0;
  ZipPtr zip(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (zip) return zip;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string why = zip_error_strerror(&error);
  zip_error_fini(&error);
  std::string advice = "write it again with numpy.savez";
  if (code == ZIP_ER_NOENT || code == ZIP_ER_OPEN) advice = "check the path";
  if (is_bare_array(path)) advice = "it is a single array: name it .npy";
  throw RunError(fmt::format("cannot read '{}' as .npz ({}); {}", path, why, advice));
}

// Refuses what cannot be read, and sizes that the compressed bytes cannot hold: an archive that
// lies about them would otherwise cost any amount of memory.
void check_member(const zip_stat_t& stat, const std::string& place, std::uint64_t file_bytes) {
  constexpr zip_uint64_t needed =
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if ((stat.valid & needed) != needed) {
    throw RunError(
        fmt::format("{} cannot be read (its size is not recorded); write it again with "
                    "numpy.savez",
                    place));
  }
  if (stat.encryption_method != ZIP_EM_NONE) {
    throw RunError(fmt::format("{} is encrypted; write it again with numpy.savez", place));
  }
  if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE) {
    throw RunError(
        fmt::format("{} is compressed by method {} (stored and deflated ones are read); "
                    "write it again with numpy.savez_compressed",
                    place, stat.comp_method));
  }
  constexpr std::uint64_t deflate_limit = 1032;  // bytes out of one byte, at the very most
  const std::uint64_t growth = stat.comp_method == ZIP_CM_STORE ? 1 : deflate_limit;
  if (stat.comp_size > file_bytes || stat.size / growth > stat.comp_size) {
    throw RunError(
        fmt::format("{} is damaged (it says that it has {} bytes, more than the file can "
                    "hold); write it again with numpy.savez",
                    place, stat.size));
  }
}

std::string place_of(const std::string& name, const std::string& path) {
  return fmt::format("array '{}' of '{}'", name, path);
}

Archive open_archive(const std::string& path) {
  std::error_code status;
  if (std::filesystem::is_directory(path, status)) {
    throw RunError(fmt::format("cannot read '{}' (it is a folder); give a .npz file", path));
  }
  Archive archive{.zip = open_zip(path), .path = path, .members = {}};
  const auto count = static_cast<zip_uint64_t>(zip_get_num_entries(archive.zip.get(), 0));
  for (zip_uint64_t i = 0; i < count; ++i) {
    constexpr std::string_view suffix = ".npy";
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (zip_stat_index(archive.zip.get(), i, 0, &stat) != 0 || (stat.valid & ZIP_STAT_NAME) == 0) {
      throw RunError(
          fmt::format("cannot read '{}' (entry {} of the archive is damaged: {}); write "
                      "it again with numpy.savez",
                      path, i, zip_strerror(archive.zip.get())));
    }
    std::string name = stat.name;
    if (!name.ends_with(suffix)) continue;
    name.resize(name.size() - suffix.size());
    archive.members.push_back({std::move(name), i, stat.size});
  }
  return archive;
}

Array read_member(const Archive& archive, const Member& member) {
  ByteSource source{.place = place_of(member.name, archive.path), .size = member.size, .read = {}};
  zip_stat_t stat;
  zip_stat_init(&stat);
  zip_stat_index(archive.zip.get(), member.index, 0, &stat);
  check_member(stat, source.place, std::filesystem::file_size(archive.path));
  const EntryPtr file(zip_fopen_index(archive.zip.get(), member.index, 0));
  const auto damaged = [&](const std::string& why) {
    throw RunError(
        fmt::format("{} is damaged ({}); write it again with numpy.savez", source.place, why));
  };
  if (!file) damaged(zip_strerror(archive.zip.get()));
  const auto check = [&](zip_int64_t count) {
    if (count < 0) damaged(zip_file_strerror(file.get()));
    return static_cast<std::size_t>(count);
  };
  source.read = [&](std::span<std::byte> to) {
    while (!to.empty()) {
      const std::size_t count = check(zip_fread(file.get(), to.data(), to.size()));
      if (count == 0) damaged("its data end early");
      to = to.subspan(count);
    }
  };
  Array array = read_array(source);
  // libzip compares the checksum when the end is reached.
  std::byte behind{};
  if (check(zip_fread(file.get(), &behind, 1)) != 0) damaged("it has more data than it says");
  return array;
}

std::map<std::string, Array> read_members(const std::string& path,
                                          const std::vector<std::string>* wanted) {
  const Archive archive = open_archive(path);
  std::map<std::string, Array> arrays;
  for (const Member& member : archive.members) {
    if (wanted && std::find(wanted->begin(), wanted->end(), member.name) == wanted->end()) continue;
    if (arrays.contains(member.name)) {
      throw RunError(fmt::format("{} is there twice; write it again with numpy.savez",
                                 place_of(member.name, path)));
    }
    arrays.emplace(member.name, read_member(archive, member));
  }
  return arrays;
}

}  // namespace

std::vector<std::string> npz_names(const std::string& path) {
  std::vector<std::string> names;
  for (const Member& member : open_archive(path).members) names.push_back(member.name);
  return names;
}

std::map<std::string, Array> read_npz(const std::string& path) {
  return read_members(path, nullptr);
}

std::map<std::string, Array> read_npz(const std::string& path,
                                      std::span<const std::string> wanted) {
  const std::vector<std::string> names(wanted.begin(), wanted.end());
  return read_members(path, &names);
}

}  // namespace softbeam::data
