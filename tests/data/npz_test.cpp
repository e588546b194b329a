#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "host/base/error.h"
#include "host/data/npz.h"
#include "tests/support/message_of.h"
#include "tests/support/npz_writer.h"
#include "tests/support/temp_dir.h"

namespace softbeam::data {
namespace {

using support::message_of;
using support::npy;
using support::TempDir;
using support::write_zip;
using testing::AllOf;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string bytes_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string refusal(const std::string& path) {
  std::string message = message_of<RunError>([&] { read_npz(path); });
  EXPECT_THAT(message, HasSubstr(path));
  return message;
}

TEST(Npz, GivesEveryArrayByName) {
  const TempDir folder;
  const std::string path = folder.path("a.npz");
  for (const bool deflate : {false, true}) {
    write_zip(path,
              {{"b.npy", npy<float>("<f4", {2}, {1, 2})},
               {"notes.txt", "not an array"},
               {"a.npy", npy<std::uint8_t>("|u1", {1}, {9})}},
              deflate);
    const auto arrays = read_npz(path);
    ASSERT_EQ(arrays.size(), 2U);
    EXPECT_EQ(arrays.at("a").type, "u1");
    EXPECT_THAT(arrays.at("a").bytes, ElementsAre(std::byte{9}));
    EXPECT_THAT(arrays.at("b").shape, ElementsAre(2));
    EXPECT_THAT(npz_names(path), ElementsAre("b", "a"));
  }
}

TEST(Npz, ReadsOnlyWhatIsWanted) {
  const TempDir folder;
  const std::string path = folder.path("a.npz");
  write_zip(path, {{"a.npy", npy<float>("<f4", {1}, {1})}, {"b.npy", "rubbish"}});
  const std::vector<std::string> wanted = {"a", "c"};
  EXPECT_EQ(read_npz(path, wanted).size(), 1U);
  EXPECT_THAT(refusal(path), HasSubstr("array 'b'"));
}

TEST(Npz, NamesTheArrayThatIsWrong) {
  const TempDir folder;
  const std::string path = folder.path("a.npz");
  write_zip(path, {{"images.npy", npy<double>("<c16", {1}, {1, 2})}});
  EXPECT_THAT(refusal(path), AllOf(HasSubstr("array 'images' of"), HasSubstr("<c16")));
}

TEST(Npz, RefusesAnArchiveThatIsCutShort) {
  const TempDir folder;
  const std::string path = folder.path("a.npz");
  write_zip(path, {{"images.npy", npy("<f4", {1000}, std::vector<float>(1000, 1.0F))}});
  const std::string whole = bytes_of_file(path);
  for (const std::size_t length : {std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
    folder.write("a.npz", whole.substr(0, length));
    EXPECT_THAT(refusal(path), HasSubstr("numpy.savez")) << length;
  }
  folder.write("a.npz", "");
  EXPECT_THAT(refusal(path), AnyOf(HasSubstr("no array"), HasSubstr("numpy.savez")));
}

TEST(Npz, RefusesOtherFiles) {
  const TempDir folder;
  EXPECT_THAT(refusal(folder.write("a.npz", "this is a text file, and not a short one")),
              AllOf(HasSubstr("as .npz"), HasSubstr("numpy.savez")));
  EXPECT_THAT(refusal(folder.write("b.npz", npy<float>("<f4", {1}, {1}))),
              HasSubstr("name it .npy"));
  EXPECT_THAT(refusal(folder.path("missing.npz")), HasSubstr("check the path"));
  EXPECT_THAT(refusal(folder.path(".")), HasSubstr("folder"));
}

TEST(Npz, FindsStoredDataWithAWrongChecksum) {
  const TempDir folder;
  const std::string path = folder.path("a.npz");
  write_zip(path, {{"images.npy", npy("<f4", {100}, std::vector<float>(100, 1.0F))}});
  std::string bytes = bytes_of_file(path);
  bytes[bytes.find("shape") + 200] ^= '\x01';  // among the values
  folder.write("a.npz", bytes);
  EXPECT_THAT(refusal(path), AllOf(HasSubstr("array 'images'"), HasSubstr("CRC")));
}

TEST(Npz, FindsDamagedCompressedData) {
  const TempDir folder;
  const std::string path = folder.path("a.npz");
  std::vector<float> values(4000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 97) * 0.37F;
  write_zip(path, {{"images.npy", npy("<f4", {4000}, values)}}, true);
  const std::string whole = bytes_of_file(path);
  for (std::size_t at = 60; at < 400; at += 17) {
    std::string bytes = whole;
    bytes[at] ^= '\x55';
    folder.write("a.npz", bytes);
    EXPECT_THAT(refusal(path), HasSubstr("array 'images'")) << at;
  }
}

TEST(Npz, RefusesSizesThatTheFileCannotHold) {
  const TempDir folder;
  const std::string path = folder.path("a.npz");
  write_zip(path, {{"images.npy", npy<float>("<f4", {1 << 29}, {1, 2, 3})}});
  std::string bytes = bytes_of_file(path);
  // The uncompressed size stands 24 bytes behind the signature of the central directory.
  bytes.replace(bytes.find("PK\x01\x02") + 24, 4, std::string("\xf0\xff\xff\x7f", 4));
  folder.write("a.npz", bytes);
  EXPECT_THAT(refusal(path), AllOf(HasSubstr("array 'images'"), HasSubstr("damaged")));
}

TEST(Npz, SurvivesAnySingleChangedByte) {
  const TempDir folder;
  const std::string path = folder.path("a.npz");
  write_zip(path, {{"images.npy", npy<float>("<f4", {2, 2}, {1, 2, 3, 4})}}, true);
  const std::string whole = bytes_of_file(path);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string bytes = whole;
    bytes[i] = static_cast<char>(~bytes[i]);
    folder.write("a.npz", bytes);
    try {
      read_npz(path);
    } catch (const RunError& error) {
      EXPECT_THAT(error.what(), HasSubstr(path));
    }
  }
}

}  // namespace
}  // namespace softbeam::data
