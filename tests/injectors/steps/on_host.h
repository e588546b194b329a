// Device steps on the CPU: the bodies of injectors/ in a parallel loop over host memory.
// What tests/cuda/on_gpu.h offers over launchers; test bodies take either as their parameter.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "injectors/apply.h"
#include "injectors/bias.h"
#include "injectors/census.h"
#include "injectors/laid_window.h"
#include "injectors/number.h"
#include "injectors/strike_computed.h"
#include "injectors/top_k.h"

namespace softbeam::tests {

// Calls body(i) for 0 <= i < count, interleaved over threads as over those of a GPU.
template <class Body>
void parallel_for(std::int64_t count, const Body& body) {
  constexpr std::int64_t threads = 3;
  std::vector<std::jthread> running;
  for (std::int64_t first = 0; first < std::min(threads, count); ++first) {
    running.emplace_back([&body, first, count] {
      for (std::int64_t i = first; i < count; i += threads) body(i);
    });
  }
}

// Calls body(Type{}) with the arithmetic type of a name.
template <class Body>
void with_number(injectors::DType dtype, const Body& body) {
  switch (dtype) {
    case injectors::DType::float16:
      return body(injectors::Float16{});
    case injectors::DType::bfloat16:
      return body(injectors::BFloat16{});
    case injectors::DType::float64:
      return body(injectors::Float64{});
    default:
      return body(injectors::Float32{});
  }
}

struct OnHost {
  static std::string missing() { return {}; }

  template <class T>
  class Array {
   public:
    explicit Array(std::vector<T> content) : content_(std::move(content)) {}
    explicit Array(std::size_t size) : content_(size) {}
    T* data() { return content_.data(); }
    std::vector<T> read() const { return content_; }

   private:
    std::vector<T> content_;
  };

  template <class Word>
  static void strike(Word* data, const injectors::Strike* strikes, injectors::Effect* effects,
                     std::uint64_t count) {
    parallel_for(static_cast<std::int64_t>(count), [&](std::int64_t i) {
      injectors::strike_word(static_cast<std::uint64_t>(i), strikes, data, effects);
    });
    parallel_for(static_cast<std::int64_t>(count), [&](std::int64_t i) {
      injectors::read_back(static_cast<std::uint64_t>(i), strikes, static_cast<const Word*>(data),
                           effects);
    });
  }

  template <class Word>
  static void strike_computed(Word* data, injectors::DType dtype, const injectors::Strike* strikes,
                              injectors::Effect* effects, std::uint64_t count) {
    const injectors::NanRule rule = injectors::nan_rule(dtype);
    parallel_for(static_cast<std::int64_t>(count), [&](std::int64_t i) {
      injectors::strike_computed_word(static_cast<std::uint64_t>(i), strikes, rule, data, effects);
    });
    parallel_for(static_cast<std::int64_t>(count), [&](std::int64_t i) {
      injectors::read_back_computed(static_cast<std::uint64_t>(i), strikes, rule,
                                    static_cast<const Word*>(data), effects);
    });
  }

  template <class Window>
  static std::int64_t words_of(const Window& window, std::int32_t channels) {
    return std::int64_t{channels} * window.lines * window.columns;
  }

  template <class Word>
  static void lay(const injectors::LaidWindowOf<Word>* windows, std::uint32_t count,
                  std::int32_t channels, std::int64_t /*most_pixels*/) {
    for (std::uint32_t w = 0; w < count; ++w) {
      parallel_for(words_of(windows[w], channels),
                   [&](std::int64_t i) { injectors::lay_word(windows[w], i); });
    }
  }

  template <class Word>
  static void compare(const injectors::ComparedWindowOf<Word>* windows, std::uint32_t count,
                      std::int32_t channels, std::int64_t /*most_pixels*/, injectors::Rect* boxes) {
    std::mutex mutex;
    for (std::uint32_t w = 0; w < count; ++w) {
      boxes[w] = injectors::no_pixels(windows[w]);
      parallel_for(words_of(windows[w], channels), [&](std::int64_t i) {
        const std::scoped_lock lock(mutex);
        injectors::stretch_over_word(windows[w], i, boxes[w]);
      });
    }
  }

  template <class Word>
  static void count_nonfinite(const injectors::ComparedWindowOf<Word>* windows, std::uint32_t count,
                              std::int32_t channels, std::int64_t /*most_pixels*/,
                              const injectors::FloatFields& fields, injectors::Census* census) {
    std::mutex mutex;
    for (std::uint32_t w = 0; w < count; ++w) {
      census[w] = {};
      parallel_for(words_of(windows[w], channels), [&](std::int64_t i) {
        const injectors::Census one = injectors::census_at(windows[w], fields, i);
        const std::scoped_lock lock(mutex);
        census[w] = merged(census[w], one);
      });
    }
  }

  // Shares of a row meet in another order than on a GPU.
  static void find_top_scores(injectors::DType dtype, const void* scores, std::uint32_t rows,
                              std::int32_t classes, injectors::TopK* best) {
    with_number(dtype, [&](auto type) {
      using Type = decltype(type);
      constexpr std::int32_t shares = 5;
      parallel_for(rows, [&](std::int64_t r) {
        const auto* row = static_cast<const typename Type::Word*>(scores) + r * classes;
        best[r] = {};
        for (std::int32_t share = shares; share-- > 0;) {
          best[r].insert(injectors::top_of<Type>(row, classes, share, shares));
        }
      });
    });
  }

  static void add_bias(injectors::DType dtype, injectors::Channels channels, const void* bias,
                       void* data, std::uint64_t words) {
    with_number(dtype, [&](auto type) {
      using Type = decltype(type);
      using Word = typename Type::Word;
      parallel_for(static_cast<std::int64_t>(words), [&](std::int64_t i) {
        injectors::add_bias<Type>(static_cast<std::uint64_t>(i), channels,
                                  static_cast<const Word*>(bias), static_cast<Word*>(data));
      });
    });
  }
};

}  // namespace softbeam::tests
