#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "host/base/error.h"
#include "host/data/dataset.h"
#include "tests/support/message_of.h"
#include "tests/support/npz_writer.h"
#include "tests/support/temp_dir.h"

namespace softbeam::data {
namespace {

using support::Entries;
using support::message_of;
using support::npy;
using support::npy_texts;
using support::TempDir;
using support::write_zip;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class DatasetFile : public testing::Test {
 protected:
  Dataset load(const Entries& entries, std::optional<std::uint64_t> limit = std::nullopt) {
    write_zip(path_, entries);
    return load_dataset(path_, limit);
  }

  std::string refusal(const Entries& entries, std::optional<std::uint64_t> limit = std::nullopt) {
    write_zip(path_, entries);
    std::string message = message_of<UsageError>([&] { load_dataset(path_, limit); });
    EXPECT_THAT(message, HasSubstr(path_));
    return message;
  }

  template <class T>
  std::vector<float> images(std::string_view descr, const std::vector<T>& values) {
    return load({{"images.npy", npy(descr, {1, static_cast<std::int64_t>(values.size())}, values)}})
        .images;
  }

  const std::string four_images_ = npy<float>("<f4", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  TempDir folder_;
  std::string path_ = folder_.path("set.npz");
};

TEST_F(DatasetFile, GivesImagesLabelsAndClassNames) {
  const Dataset set = load({{"images.npy", npy<float>("<f4", {2, 1, 1, 2}, {1, 2, 3, 4})},
                            {"labels.npy", npy<std::int64_t>("<i8", {2}, {1, 0})},
                            {"class_names.npy", npy_texts(5, {"cat", "horse"})}});
  EXPECT_EQ(set.samples, 2U);
  EXPECT_THAT(set.shape, ElementsAre(1, 1, 2));
  EXPECT_EQ(set.elements_per_sample(), 2U);
  EXPECT_THAT(set.images, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(set.labels, ElementsAre(1, 0));
  EXPECT_TRUE(set.labelled());
  EXPECT_THAT(set.class_names, ElementsAre("cat", "horse"));
}

TEST_F(DatasetFile, ReadsImagesAloneFromAnNpy) {
  const Dataset set = load_dataset(folder_.write("x.npy", four_images_), std::nullopt);
  EXPECT_EQ(set.samples, 4U);
  EXPECT_THAT(set.shape, ElementsAre(2));
  EXPECT_FALSE(set.labelled());
}

TEST_F(DatasetFile, ConvertsFloat16Exactly) {
  // 1, -2, the largest, the least denormal, -0
  const auto values = images<std::uint16_t>("<f2", {0x3C00, 0xC000, 0x7BFF, 0x0001, 0x8000});
  EXPECT_THAT(values, ElementsAre(1.0F, -2.0F, 65504.0F, std::ldexp(1.0F, -24), 0.0F));
  EXPECT_TRUE(std::signbit(values.back()));
}

TEST_F(DatasetFile, RoundsFloat64AndLargeIntegersToNearestEven) {
  EXPECT_THAT(images<double>("<f8", {0.1, 16777217.0, 16777219.0, 1e-50}),
              ElementsAre(0.1F, 16777216.0F, 16777220.0F, 0.0F));
  EXPECT_THAT(images<std::int64_t>("<i8", {16777217, -16777219, 9007199254740993}),
              ElementsAre(16777216.0F, -16777220.0F, 9007199254740992.0F));
  EXPECT_THAT(images<std::uint64_t>("<u8", {0xFFFFFFFFFFFFFFFF}),
              ElementsAre(18446744073709551616.0F));
}

TEST_F(DatasetFile, KeepsSmallIntegersAsTheyAre) {
  EXPECT_THAT(images<std::uint8_t>("|u1", {0, 128, 255}), ElementsAre(0, 128, 255));
  EXPECT_THAT(images<std::int8_t>("|i1", {-128, 127}), ElementsAre(-128, 127));
  EXPECT_THAT(images<std::uint16_t>("<u2", {65535}), ElementsAre(65535));
  EXPECT_THAT(images<std::int16_t>("<i2", {-32768}), ElementsAre(-32768));
  EXPECT_THAT(images<std::uint32_t>("<u4", {16777216}), ElementsAre(16777216.0F));
  EXPECT_THAT(images<std::int32_t>("<i4", {-5}), ElementsAre(-5));
}

TEST_F(DatasetFile, ReadsClassNamesAsUtf8) {
  const auto names = npy<std::uint32_t>("<U2", {3}, {'e', 0, 0xE9, 0x20AC, 0x1F600, 0});
  EXPECT_THAT(load({{"images.npy", four_images_}, {"class_names.npy", names}}).class_names,
              ElementsAre("e", "\xC3\xA9\xE2\x82\xAC", "\xF0\x9F\x98\x80"));
}

TEST_F(DatasetFile, KeepsTheFirstSamples) {
  const Dataset set = load(
      {{"images.npy", four_images_}, {"labels.npy", npy<std::int32_t>("<i4", {4}, {3, 2, 1, -1})}},
      2);
  EXPECT_EQ(set.samples, 2U);
  EXPECT_THAT(set.images, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(set.labels, ElementsAre(3, 2));
}

TEST_F(DatasetFile, RefusesALimitThatDoesNotFit) {
  EXPECT_THAT(refusal({{"images.npy", four_images_}}, 5),
              AllOf(HasSubstr("data.limit 5"), HasSubstr("4 samples")));
  EXPECT_THAT(refusal({{"images.npy", four_images_}}, 0), HasSubstr("data.limit 0"));
}

TEST_F(DatasetFile, HasADigestOfWhatIsUsed) {
  const auto labels = npy<std::int64_t>("<i8", {4}, {0, 1, 2, 3});
  const Entries plain = {{"images.npy", four_images_}};
  const std::string digest = load(plain).digest;
  EXPECT_EQ(digest.size(), 32U);
  EXPECT_EQ(load(plain).digest, digest);
  EXPECT_EQ(load({{"images.npy", npy<double>("<f8", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8})}}).digest,
            digest);
  EXPECT_NE(load(plain, 3).digest, digest);
  EXPECT_NE(load({{"images.npy", four_images_}, {"labels.npy", labels}}).digest, digest);
  EXPECT_NE(load({{"images.npy", npy<float>("<f4", {4, 2, 1}, {1, 2, 3, 4, 5, 6, 7, 8})}}).digest,
            digest);
}

TEST_F(DatasetFile, NamesTheArraysThatAreThereInsteadOfImages) {
  EXPECT_THAT(refusal({{"x_train.npy", four_images_}, {"y.npy", four_images_}}),
              AllOf(HasSubstr("'images'"), HasSubstr("x_train, y"), HasSubstr("pack_data.py")));
  EXPECT_THAT(refusal({{"readme.txt", "hello"}}), HasSubstr("no array at all"));
}

TEST_F(DatasetFile, RefusesAMistypedName) {
  EXPECT_THAT(refusal({{"images.npy", four_images_}, {"label.npy", four_images_}}),
              AllOf(HasSubstr("'label'"), HasSubstr("did you mean 'labels'?")));
}

TEST_F(DatasetFile, LeavesOtherArraysAlone) {
  EXPECT_EQ(load({{"images.npy", four_images_}, {"mean.npy", "rubbish"}}).samples, 4U);
}

TEST_F(DatasetFile, RefusesImagesThatAreNotNumbers) {
  EXPECT_THAT(refusal({{"images.npy", npy_texts(3, {"cat"})}}),
              AllOf(HasSubstr("'images'"), HasSubstr("U3"), HasSubstr("float32")));
  EXPECT_THAT(refusal({{"images.npy", npy<char>("|b1", {1, 1}, {1})}}), HasSubstr("b1"));
}

TEST_F(DatasetFile, RefusesImagesWithoutASampleShape) {
  EXPECT_THAT(refusal({{"images.npy", npy<float>("<f4", {2}, {1, 2})}}),
              AllOf(HasSubstr("(2,)"), HasSubstr("reshape")));
  EXPECT_THAT(refusal({{"images.npy", npy<float>("<f4", {}, {1})}}), HasSubstr("()"));
}

TEST_F(DatasetFile, RefusesAnEmptySet) {
  EXPECT_THAT(refusal({{"images.npy", npy<float>("<f4", {0, 3, 2, 2}, {})}}),
              AllOf(HasSubstr("empty"), HasSubstr("(0, 3, 2, 2)")));
  EXPECT_THAT(refusal({{"images.npy", npy<float>("<f4", {5, 0}, {})}}), HasSubstr("empty"));
}

TEST_F(DatasetFile, SaysWhereAnImageIsNotFinite) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_THAT(refusal({{"images.npy", npy<float>("<f4", {2, 3}, {1, 2, 3, 4, std::nanf(""), 6})}}),
              AllOf(HasSubstr("NaN"), HasSubstr("sample 1, element 1")));
  EXPECT_THAT(refusal({{"images.npy", npy<float>("<f4", {1, 1}, {-inf})}}),
              AllOf(HasSubstr("Inf"), HasSubstr("sample 0, element 0")));
  EXPECT_THAT(refusal({{"images.npy", npy<double>("<f8", {1, 2}, {1, 1e39})}}),
              AllOf(HasSubstr("Inf"), HasSubstr("float32")));
}

TEST_F(DatasetFile, RefusesLabelsThatAreNotClassNumbers) {
  const auto with = [&](const std::string& labels) {
    std::string message = refusal({{"images.npy", four_images_}, {"labels.npy", labels}});
    EXPECT_THAT(message, HasSubstr("'labels'"));
    return message;
  };
  EXPECT_THAT(with(npy<float>("<f4", {4}, {0, 1, 2, 3})),
              AllOf(HasSubstr("f4"), HasSubstr("int64")));
  EXPECT_THAT(with(npy<char>("|b1", {4}, {0, 1, 1, 1})), HasSubstr("b1"));
  EXPECT_THAT(with(npy<std::int64_t>("<i8", {4, 1}, {0, 1, 2, 3})),
              AllOf(HasSubstr("(4, 1)"), HasSubstr("labels.reshape(-1)")));
  EXPECT_THAT(with(npy<std::int64_t>("<i8", {4, 2}, {0, 1, 0, 1, 1, 0, 1, 0})),
              HasSubstr("argmax(1)"));
  EXPECT_THAT(with(npy<std::int64_t>("<i8", {3}, {0, 1, 2})), HasSubstr("3 entries for 4 images"));
  EXPECT_THAT(with(npy<std::int64_t>("<i8", {4}, {0, 1, -7, 2})),
              AllOf(HasSubstr("-7"), HasSubstr("sample 2")));
  EXPECT_THAT(with(npy<std::uint64_t>("<u8", {4}, {0, ~std::uint64_t{0}, 1, 1})),
              HasSubstr("sample 1"));
}

TEST_F(DatasetFile, RefusesClassNamesThatDoNotFit) {
  const auto labels = npy<std::int64_t>("<i8", {4}, {0, 1, 2, 0});
  EXPECT_THAT(refusal({{"images.npy", four_images_},
                       {"labels.npy", labels},
                       {"class_names.npy", npy_texts(3, {"cat", "dog"})}}),
              AllOf(HasSubstr("class 2"), HasSubstr("2 class names")));
  EXPECT_THAT(refusal({{"images.npy", four_images_}, {"class_names.npy", labels}}),
              AllOf(HasSubstr("'class_names'"), HasSubstr("numpy.str_")));
}

TEST_F(DatasetFile, SaysWhichFileTypesAreNotReadYet) {
  for (const char* name : {"a.pt", "a.pth", "train-images-idx3-ubyte", "t10k.gz", "a.csv", "a"}) {
    const std::string path = folder_.write(name, "x");
    EXPECT_THAT(message_of<UsageError>([&] { load_dataset(path, {}); }),
                AllOf(HasSubstr(path), HasSubstr("not read yet"), HasSubstr("tools/pack_data.py")));
  }
  EXPECT_THAT(message_of<UsageError>([&] { load_dataset(folder_.path("."), {}); }),
              AllOf(HasSubstr("folder"), HasSubstr("tools/pack_data.py")));
}

TEST_F(DatasetFile, FailsOnAFileThatCannotBeRead) {
  EXPECT_THAT(message_of<RunError>([&] { load_dataset(folder_.path("none.npz"), {}); }),
              AllOf(HasSubstr("none.npz"), HasSubstr("check the path")));
  const std::string path = folder_.write("text.npz", "not an archive");
  EXPECT_THAT(message_of<RunError>([&] { load_dataset(path, {}); }), HasSubstr(path));
}

TEST_F(DatasetFile, ReadsTheSmallSetOfTheTests) {
  support::write_small_set(path_, 3);
  const Dataset set = load_dataset(path_, std::nullopt);
  EXPECT_THAT(set.shape, ElementsAre(1, 2, 2));
  EXPECT_THAT(set.labels, ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace softbeam::data
