// Laying, comparing and counting over windows, against images that are built whole and cut.
// Instantiated by tests/injectors/steps/steps_test.cpp and tests/cuda/steps_test.cpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "injectors/census.h"
#include "injectors/fault_model.h"
#include "injectors/laid_window.h"
#include "tests/injectors/steps/step_test.h"

namespace softbeam::tests {

template <class Param>
class WindowSteps : public StepTest<Param> {};
TYPED_TEST_SUITE_P(WindowSteps);

struct Sizes {
  std::int32_t channels = 1;
  std::int32_t height = 1;
  std::int32_t width = 1;
  std::size_t words() const {
    return static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) *
           static_cast<std::size_t>(width);
  }
  std::size_t at(std::int32_t c, std::int32_t y, std::int32_t x) const {
    const std::int64_t line = std::int64_t{c} * height + y;
    return static_cast<std::size_t>(line * width + x);
  }
};

template <class Word>
injectors::PlanesOf<Word> planes_of(Word* data, const Sizes& sizes) {
  return {data, sizes.width, std::int64_t{sizes.height} * sizes.width};
}

inline std::int32_t draw(std::mt19937_64& generator, std::int32_t first, std::int32_t last) {
  return std::uniform_int_distribution<std::int32_t>(first, last)(generator);
}

inline injectors::Rect random_rect(std::mt19937_64& generator, const Sizes& image) {
  const std::int32_t y = draw(generator, 0, image.height - 1);
  const std::int32_t x = draw(generator, 0, image.width - 1);
  return {{y, draw(generator, y + 1, image.height)}, {x, draw(generator, x + 1, image.width)}};
}

// The image as the trial sees it, by pasting: a map, so that what lies outside is not there.
template <class Word>
std::map<std::array<std::int32_t, 3>, Word> pasted(const Word* golden, const Sizes& image,
                                                   const Word* row, const injectors::Rect& rect) {
  std::map<std::array<std::int32_t, 3>, Word> seen;
  for (std::int32_t c = 0; c < image.channels; ++c) {
    for (std::int32_t y = 0; y < image.height; ++y) {
      for (std::int32_t x = 0; x < image.width; ++x) seen[{c, y, x}] = *golden++;
    }
  }
  if (row == nullptr) return seen;
  for (std::int32_t c = 0; c < image.channels; ++c) {
    for (std::int32_t y = rect.y.first; y < rect.y.last; ++y) {
      for (std::int32_t x = rect.x.first; x < rect.x.last; ++x) seen[{c, y, x}] = *row++;
    }
  }
  return seen;
}

TYPED_TEST_P(WindowSteps, LayTheRowOverGoldenAndFillOutside) {
  using Device = typename TypeParam::Device;
  using Word = typename TypeParam::Word;
  constexpr std::uint32_t count = 300;
  for (const Sizes image : {Sizes{1, 1, 1}, Sizes{3, 7, 5}, Sizes{16, 4, 9}}) {
    const Sizes window{image.channels, 6, 4};
    const std::vector<Word> golden = random_words<Word>(count * image.words(), this->generator_);
    const std::vector<Word> rows = random_words<Word>(count * image.words(), this->generator_);
    typename Device::template Array<Word> golden_there(golden);
    typename Device::template Array<Word> rows_there(rows);
    typename Device::template Array<Word> laid(count * window.words());
    std::vector<injectors::LaidWindowOf<Word>> windows(count);
    std::vector<Word> expected(count * window.words());
    for (std::uint32_t i = 0; i < count; ++i) {
      injectors::LaidWindowOf<Word>& w = windows[i];
      w.to = planes_of(laid.data() + i * window.words(), window);
      w.lines = draw(this->generator_, 0, window.height);
      w.columns = draw(this->generator_, 1, window.width);
      w.first_y = draw(this->generator_, -window.height, image.height);
      w.first_x = draw(this->generator_, -window.width, image.width);
      w.step_y = draw(this->generator_, 1, 2);
      w.step_x = draw(this->generator_, 1, 3);
      w.golden = planes_of(golden_there.data() + i * image.words(), image);
      w.height = image.height;
      w.width = image.width;
      w.row_rect = random_rect(this->generator_, image);
      w.row = i % 4 == 0 ? nullptr : rows_there.data() + i * image.words();
      w.fill = static_cast<Word>(this->generator_());
      const auto seen =
          pasted(golden.data() + i * image.words(), image,
                 w.row == nullptr ? nullptr : rows.data() + i * image.words(), w.row_rect);
      for (std::int32_t c = 0; c < window.channels; ++c) {
        for (std::int32_t y = 0; y < w.lines; ++y) {
          for (std::int32_t x = 0; x < w.columns; ++x) {
            const auto found = seen.find({c, w.first_y + y * w.step_y, w.first_x + x * w.step_x});
            expected[i * window.words() + window.at(c, y, x)] =
                found == seen.end() ? w.fill : found->second;
          }
        }
      }
    }
    typename Device::template Array<injectors::LaidWindowOf<Word>> listed(windows);
    Device::lay(listed.data(), count, image.channels, window.height * window.width);
    EXPECT_EQ(laid.read(), expected) << image.height << "x" << image.width;
  }
}

// Two windows side by side in a canvas, and cut out of it again.
TYPED_TEST_P(WindowSteps, ScatteredIntoACanvasAndCutOutComeBack) {
  using Device = typename TypeParam::Device;
  using Word = typename TypeParam::Word;
  const Sizes window{5, 3, 4};
  const Sizes canvas{5, 8, 11};
  constexpr std::uint32_t count = 4;
  const std::vector<Word> words = random_words<Word>(count * window.words(), this->generator_);
  typename Device::template Array<Word> windows(words);
  typename Device::template Array<Word> image(std::vector<Word>(canvas.words(), Word{7}));
  typename Device::template Array<Word> back(count * window.words());
  std::vector<injectors::LaidWindowOf<Word>> scatter(count);
  std::vector<injectors::LaidWindowOf<Word>> cut(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::int32_t y = static_cast<std::int32_t>(i / 2) * 4;
    const std::int32_t x = static_cast<std::int32_t>(i % 2) * 6;
    auto there = planes_of(image.data(), canvas);
    there.data += y * canvas.width + x;
    scatter[i] = {.to = there,
                  .lines = window.height,
                  .columns = window.width,
                  .golden = planes_of(windows.data() + i * window.words(), window),
                  .height = window.height,
                  .width = window.width};
    cut[i] = {.to = planes_of(back.data() + i * window.words(), window),
              .lines = window.height,
              .columns = window.width,
              .first_y = y,
              .first_x = x,
              .golden = planes_of(image.data(), canvas),
              .height = canvas.height,
              .width = canvas.width};
  }
  typename Device::template Array<injectors::LaidWindowOf<Word>> scatter_there(scatter);
  typename Device::template Array<injectors::LaidWindowOf<Word>> cut_there(cut);
  Device::lay(scatter_there.data(), count, window.channels, 12);
  Device::lay(cut_there.data(), count, window.channels, 12);
  EXPECT_EQ(back.read(), words);
  const std::vector<Word> filled = image.read();
  const auto gap = [&](std::int32_t y, std::int32_t x) { return (y % 4 == 3) || (x % 6 >= 4); };
  for (std::int32_t c = 0; c < canvas.channels; ++c) {
    for (std::int32_t y = 0; y < canvas.height; ++y) {
      for (std::int32_t x = 0; x < canvas.width; ++x) {
        if (gap(y, x)) {
          ASSERT_EQ(filled[canvas.at(c, y, x)], Word{7}) << y << " " << x;
        }
      }
    }
  }
}

TYPED_TEST_P(WindowSteps, CompareFindsTheBoxOfEveryChangedBit) {
  using Device = typename TypeParam::Device;
  using Word = typename TypeParam::Word;
  constexpr std::uint32_t count = 200;
  // The last has more words than the blocks of one window take in one round.
  for (const Sizes image : {Sizes{1, 1, 1}, Sizes{3, 7, 5}, Sizes{16, 9, 3}, Sizes{2, 70, 41}}) {
    const std::vector<Word> golden = random_words<Word>(count * image.words(), this->generator_);
    std::vector<Word> rows = golden;
    std::vector<injectors::Rect> expected(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      std::vector<std::int32_t> ys;
      std::vector<std::int32_t> xs;
      for (std::uint32_t change = 0; change < i % 5; ++change) {
        const std::int32_t c = draw(this->generator_, 0, image.channels - 1);
        const std::int32_t y = draw(this->generator_, 0, image.height - 1);
        const std::int32_t x = draw(this->generator_, 0, image.width - 1);
        const std::size_t at = i * image.words() + image.at(c, y, x);
        // Of all bits: the sign of a zero and the payload of a NaN as well.
        const auto bit =
            static_cast<Word>(Word{1} << draw(this->generator_, 0, 8 * sizeof(Word) - 1));
        rows[at] = static_cast<Word>(golden[at] ^ bit);
        ys.push_back(y);
        xs.push_back(x);
      }
      if (ys.empty()) continue;
      expected[i] = {
          {*std::min_element(ys.begin(), ys.end()), *std::max_element(ys.begin(), ys.end()) + 1},
          {*std::min_element(xs.begin(), xs.end()), *std::max_element(xs.begin(), xs.end()) + 1}};
    }
    typename Device::template Array<Word> golden_there(golden);
    typename Device::template Array<Word> rows_there(rows);
    std::vector<injectors::ComparedWindowOf<Word>> windows(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      windows[i] = {planes_of(rows_there.data() + i * image.words(), image),
                    planes_of(golden_there.data() + i * image.words(), image), image.height,
                    image.width};
    }
    typename Device::template Array<injectors::ComparedWindowOf<Word>> listed(windows);
    typename Device::template Array<injectors::Rect> boxes(count);
    Device::compare(listed.data(), count, image.channels, image.height * image.width, boxes.data());
    const std::vector<injectors::Rect> found = boxes.read();
    for (std::uint32_t i = 0; i < count; ++i) {
      ASSERT_EQ(found[i].empty(), expected[i].empty()) << i;
      if (!expected[i].empty()) {
        ASSERT_EQ(found[i], expected[i]) << i;
      }
    }
  }
}

TYPED_TEST_P(WindowSteps, CensusCountsWhatTheNumbersAre) {
  using Device = typename TypeParam::Device;
  using Word = typename TypeParam::Word;
  if constexpr (sizeof(Word) > 1) {
    for (const injectors::DType dtype : {float_of_width<Word>(), injectors::DType::bfloat16}) {
      if (injectors::bytes(dtype) != sizeof(Word)) continue;
      constexpr std::uint32_t count = 50;
      const Sizes image{4, 13, 11};
      const std::size_t words = count * image.words();
      // Of different lengths of the pattern, so that every pair of kinds meets.
      const std::vector<Word> golden = random_words<Word>(words, this->generator_, dtype);
      std::vector<Word> rows = random_words<Word>(words, this->generator_, dtype);
      std::rotate(rows.begin(), rows.begin() + 1,
                  rows.begin() + static_cast<std::ptrdiff_t>(words / 2));
      std::vector<injectors::Census> expected(count);
      for (std::size_t i = 0; i < words; ++i) {
        const double row = injectors::decode(rows[i], dtype);
        const double was = injectors::decode(golden[i], dtype);
        injectors::Census& census = expected[i / image.words()];
        if (std::isnan(row)) ++census.nan;
        if (std::isinf(row)) ++(row > 0 ? census.positive_infinity : census.negative_infinity);
        if (!std::isfinite(row) && std::isfinite(was)) ++census.lost;
        if (std::isnan(row) && std::isinf(was)) ++census.lost;
      }
      typename Device::template Array<Word> golden_there(golden);
      typename Device::template Array<Word> rows_there(rows);
      std::vector<injectors::ComparedWindowOf<Word>> windows(count);
      for (std::uint32_t i = 0; i < count; ++i) {
        windows[i] = {planes_of(rows_there.data() + i * image.words(), image),
                      planes_of(golden_there.data() + i * image.words(), image), image.height,
                      image.width};
      }
      typename Device::template Array<injectors::ComparedWindowOf<Word>> listed(windows);
      typename Device::template Array<injectors::Census> census(count);
      Device::count_nonfinite(listed.data(), count, image.channels, image.height * image.width,
                              injectors::float_fields(dtype), census.data());
      EXPECT_EQ(census.read(), expected) << injectors::name(dtype);
      EXPECT_GT(expected[0].nan, 0U);
      EXPECT_GT(expected[0].lost, 0U);
    }
  }
}

REGISTER_TYPED_TEST_SUITE_P(WindowSteps, LayTheRowOverGoldenAndFillOutside,
                            ScatteredIntoACanvasAndCutOutComeBack,
                            CompareFindsTheBoxOfEveryChangedBit, CensusCountsWhatTheNumbersAre);

}  // namespace softbeam::tests
