#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
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
using support::npy_header;
using support::npy_with_header;
using support::TempDir;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

template <class T>
std::vector<T> values_of(const Array& array) {
  std::vector<T> out(array.bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), array.bytes.data(), out.size() * sizeof(T));
  return out;
}

Array read(const std::string& bytes) {
  const TempDir folder;
  return read_npy(folder.write("a.npy", bytes));
}

std::string refusal(const std::string& bytes) {
  const TempDir folder;
  const std::string path = folder.write("a.npy", bytes);
  std::string message = message_of<RunError>([&] { read_npy(path); });
  EXPECT_THAT(message, HasSubstr(path));
  return message;
}

TEST(Npy, GivesTypeShapeAndValues) {
  const Array array = read(npy<float>("<f4", {2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(array.type, "f4");
  EXPECT_THAT(array.shape, ElementsAre(2, 3));
  EXPECT_THAT(values_of<float>(array), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Npy, ReadsEveryVersionOfTheFormat) {
  for (const int version : {1, 2, 3}) {
    EXPECT_THAT(values_of<std::int32_t>(read(npy<std::int32_t>("<i4", {2}, {7, -8}, version))),
                ElementsAre(7, -8));
  }
}

TEST(Npy, SwapsBigEndianWords) {
  const std::string bytes("\x00\x00\x00\x07\xff\xff\xff\xfe", 8);
  const Array array = read(npy_with_header(npy_header(">i4", {2}), bytes));
  EXPECT_EQ(array.type, "i4");
  EXPECT_THAT(values_of<std::int32_t>(array), ElementsAre(7, -2));
}

TEST(Npy, SwapsBigEndianTextsCharacterByCharacter) {
  const std::string bytes("\x00\x00\x00\x61\x00\x00\x00\x62", 8);
  EXPECT_THAT(values_of<std::uint32_t>(read(npy_with_header(npy_header(">U2", {1}), bytes))),
              ElementsAre('a', 'b'));
}

TEST(Npy, RearrangesFortranOrder) {
  // [[1, 2, 3], [4, 5, 6]], column by column.
  const Array array = read(npy_with_header(npy_header("<i2", {2, 3}, true),
                                           support::bytes_of<std::int16_t>({1, 4, 2, 5, 3, 6})));
  EXPECT_THAT(values_of<std::int16_t>(array), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Npy, RearrangesFortranOrderOfThreeDimensions) {
  std::vector<std::int32_t> columns;
  for (int k = 0; k < 4; ++k) {
    for (int j = 0; j < 3; ++j) {
      for (int i = 0; i < 2; ++i) columns.push_back(12 * i + 4 * j + k);
    }
  }
  const auto values = values_of<std::int32_t>(
      read(npy_with_header(npy_header("<i4", {2, 3, 4}, true), support::bytes_of(columns))));
  ASSERT_EQ(values.size(), 24U);
  for (int i = 0; i < 24; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)], i);
}

TEST(Npy, ReadsAScalarAndAnEmptyArray) {
  EXPECT_THAT(values_of<double>(read(npy<double>("<f8", {}, {0.5}))), ElementsAre(0.5));
  EXPECT_TRUE(read(npy<double>("<f8", {0, 1 << 30, 1 << 30, 1 << 30}, {})).bytes.empty());
}

TEST(Npy, ReadsTheHeaderThatPython2Wrote) {
  EXPECT_THAT(
      read(npy_with_header("{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 1L)}", "ab"))
          .shape,
      ElementsAre(2, 1));
}

TEST(Npy, NamesTypesThatItDoesNotRead) {
  EXPECT_THAT(refusal(npy<double>("<c16", {1}, {1, 2})),
              AllOf(HasSubstr("<c16"), HasSubstr("real")));
  EXPECT_THAT(refusal(npy<double>("|O", {1}, {1})), HasSubstr("Python objects"));
  EXPECT_THAT(refusal(npy<char>("|S3", {1}, {'a', 'b', 'c'})), HasSubstr("numpy.str_"));
  EXPECT_THAT(refusal(npy<double>("<f16", {1}, {1, 2})), HasSubstr("<f16"));
  EXPECT_THAT(refusal(npy<double>("<M8[ns]", {1}, {1})), HasSubstr("<M8[ns]"));
  EXPECT_THAT(refusal(npy<double>("|f8", {1}, {1})), HasSubstr("|f8"));
  EXPECT_THAT(refusal(npy<double>("", {1}, {1})), HasSubstr("type ''"));
  EXPECT_THAT(refusal(npy_with_header(
                  "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}", "abcd")),
              HasSubstr("structured"));
}

TEST(Npy, RefusesAHeaderThatPromisesTooMuchBeforeTakingMemory) {
  EXPECT_THAT(refusal(npy<float>("<f4", {1 << 30, 1 << 10}, {1})),
              AllOf(HasSubstr("promises 4398046511104"), HasSubstr("4 bytes of data")));
}

TEST(Npy, RefusesAShapeWhoseProductOverflows) {
  const std::int64_t huge = std::int64_t{1} << 62;
  EXPECT_THAT(refusal(npy<float>("<f4", {huge, huge, 4}, {})), HasSubstr("more than 2^64"));
}

TEST(Npy, RefusesDataThatAreCutShortOrTooLong) {
  EXPECT_THAT(refusal(npy<float>("<f4", {3}, {1, 2})), HasSubstr("promises 12"));
  EXPECT_THAT(refusal(npy<float>("<f4", {1}, {1, 2})), HasSubstr("8 bytes of data"));
}

TEST(Npy, RefusesDamagedHeaders) {
  for (const std::string header :
       {"", "{", "{}", "[]", "{'descr': '<f4'", "{'descr': '<f4', 'shape': (1,)}",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': 1, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1",
        "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': '1'}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x"}) {
    EXPECT_THAT(refusal(npy_with_header(header, "abcd")), HasSubstr("header is damaged")) << header;
  }
}

TEST(Npy, RefusesAFileThatIsCutShortInItsHeader) {
  const std::string whole = npy<float>("<f4", {1}, {1});
  for (const std::size_t length : {0U, 3U, 7U, 9U, 20U}) {
    EXPECT_THAT(refusal(whole.substr(0, length)), HasSubstr("cut short")) << length;
  }
  // A header length of 4 GiB.
  EXPECT_THAT(refusal(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{}", 14)),
              HasSubstr("cut short"));
}

TEST(Npy, RefusesOtherFilesAndVersions) {
  EXPECT_THAT(refusal("this is a text file"), HasSubstr("not a NumPy array"));
  EXPECT_THAT(refusal(npy<float>("<f4", {1}, {1}, 9)), HasSubstr("version 9"));
}

TEST(Npy, SaysThatAFileIsMissing) {
  EXPECT_THAT(message_of<RunError>([] { read_npy("/nowhere/a.npy"); }),
              AllOf(HasSubstr("/nowhere/a.npy"), HasSubstr("check the path")));
}

TEST(Npy, SurvivesAnySingleChangedByte) {
  const TempDir folder;
  const std::string whole = npy<float>("<f4", {2, 2}, {1, 2, 3, 4});
  for (std::size_t i = 0; i < whole.size() - 16; ++i) {
    for (const char change : {'\x01', '\x20', '\x80'}) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ change);
      const std::string path = folder.write("a.npy", bytes);
      try {
        read_npy(path);
      } catch (const RunError& error) {
        EXPECT_THAT(error.what(), HasSubstr(path));
      }
    }
  }
}

}  // namespace
}  // namespace softbeam::data
