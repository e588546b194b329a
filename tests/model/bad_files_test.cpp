#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include "host/base/error.h"
#include "host/model/load.h"
#include "tests/model/edited_archive.h"
#include "tests/support/message_of.h"
#include "tests/support/npz_writer.h"
#include "tests/support/temp_dir.h"

namespace softbeam::model {
namespace {

using support::message_of;
using support::TempDir;
using testing::AllOf;
using testing::HasSubstr;

const std::string models = SB_TEST_MODELS;

std::string refusal(const std::string& path) {
  std::string message = message_of<RunError>([&] { load_model(path); });
  EXPECT_THAT(message, HasSubstr(path));
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  return message;
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(BadModelFile, MissingEmptyAndFolderAreNamed) {
  const TempDir folder;
  EXPECT_THAT(refusal(folder.path("none.pt2")), HasSubstr("does not exist"));
  EXPECT_THAT(refusal(folder.write("empty.pt2", "")), HasSubstr("is empty"));
  EXPECT_THAT(refusal(folder.path("")), HasSubstr("is a directory"));
  EXPECT_THAT(refusal(folder.write("text.pt2", "this is not a model\n")),
              AllOf(HasSubstr("is not a model"), HasSubstr("tools/export_model.py")));
}

TEST(BadModelFile, CheckpointsGetTheAdviceToExport) {
  const TempDir folder;
  const auto advice = AllOf(HasSubstr("is a training checkpoint"), HasSubstr("state_dict"),
                            HasSubstr("tools/export_model.py"));
  EXPECT_THAT(refusal(models + "/bad_models/checkpoint.pth"), advice);
  EXPECT_THAT(refusal(folder.write("legacy.pth", "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20j\xa8P")),
              advice);
}

TEST(BadModelFile, TruncatedIsToldFromDamaged) {
  const TempDir folder;
  const std::string whole = bytes_of(models + "/lenet5.pt2");
  for (const std::size_t share : {1U, 2U, 50U, 99U}) {
    EXPECT_THAT(refusal(folder.write("cut.pt2", whole.substr(0, whole.size() * share / 100))),
                HasSubstr("is truncated"));
  }
  EXPECT_THAT(refusal(folder.write("tiny.pt2", "PK\x03\x04")), HasSubstr("is truncated"));
}

TEST(BadModelFile, OtherFormatsAreNamed) {
  const TempDir folder;
  using std::string_literals::operator""s;
  EXPECT_THAT(refusal(models + "/bad_models/other_zip.pt2"),
              AllOf(HasSubstr("a zip of something else"), HasSubstr("letter.txt")));
  EXPECT_THAT(refusal(folder.write("m.safetensors", "\x02\0\0\0\0\0\0\0{}      "s)),
              HasSubstr("safetensors"));
  EXPECT_THAT(refusal(folder.write("m.onnx", "\x08\x08\x12\x07pytorch"s)), HasSubstr("ONNX"));
  EXPECT_THAT(refusal(folder.write("m.h5", "\x89HDF\r\n\x1a\n"s)), HasSubstr("HDF5"));
  EXPECT_THAT(refusal(folder.write("m.gz", "\x1f\x8b\x08"s)), HasSubstr("gzip"));
}

TEST(BadModelFile, OlderAndOtherArchivesOfTorchAreToldApart) {
  const TempDir folder;
  support::write_zip(folder.path("old.pt2"), {{"serialized_exported_program.json", "{}"},
                                              {"serialized_state_dict.pt", ""},
                                              {"version", "8.1"}});
  EXPECT_THAT(refusal(folder.path("old.pt2")), HasSubstr("layout of torch before"));
  EXPECT_THAT(refusal(archive_of(
                  folder, {{"archive_format", "pt2"}, {"data/aotinductor/model/wrapper.so", ""}})),
              HasSubstr("AOTInductor"));
  EXPECT_THAT(refusal(archive_of(folder, {{"archive_format", "pt2"}})),
              HasSubstr("models/model.json"));
}

}  // namespace
}  // namespace softbeam::model
