#include "host/base/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "host/base/error.h"

namespace softbeam {
namespace {

std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) / ("softbeam_digest_" + name);
}

TEST(Digest, OfNothingIsThePublishedConstant) {
  EXPECT_EQ(digest(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(digest(std::span<const std::byte>{}), digest(""));
}

TEST(Digest, HasThirtyTwoDigitsEvenWithLeadingZeros) {
  for (int i = 0; i < 2000; ++i) {
    const std::string text = digest(std::to_string(i));
    ASSERT_THAT(text, testing::MatchesRegex("[0-9a-f]+"));
    ASSERT_EQ(text.size(), 32U);
  }
}

TEST(Digest, SeesOneChangedBitAndTheLength) {
  EXPECT_NE(digest("softbeam"), digest("softbeal"));
  EXPECT_NE(digest("a"), digest(std::string_view("a\0", 2)));
}

TEST(Digest, OfAFileIsThatOfItsBytes) {
  // Shorter and longer than the buffer, and exactly as long.
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, std::size_t{1} << 20, (std::size_t{3} << 20) + 17}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * i + i / 251);
    const std::string path = scratch(std::to_string(size));
    std::ofstream(path, std::ios::binary) << bytes;
    EXPECT_EQ(digest_file(path), digest(bytes)) << size;
    std::filesystem::remove(path);
  }
}

TEST(Digest, OfAMissingFileNamesItAndTheReason) {
  try {
    digest_file("/nonexistent/model.pt2");
    FAIL() << "no exception";
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("'/nonexistent/model.pt2'"));
    EXPECT_THAT(error.what(), testing::HasSubstr("No such file"));
  }
}

TEST(Digest, OfAFolderIsAnError) { EXPECT_THROW(digest_file(testing::TempDir()), RunError); }

}  // namespace
}  // namespace softbeam
