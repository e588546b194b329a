// Device steps on a GPU: the launchers of cuda/, with what tests/injectors/steps/on_host.h offers.
// Used by tests/cuda.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cuda/bias.h"
#include "cuda/buffer.h"
#include "cuda/inject.h"
#include "cuda/top_k.h"
#include "cuda/windows.h"
#include "tests/cuda/gpu_test.h"

namespace softbeam::tests {

struct OnGpu {
  static std::string missing() { return gpu::why_no_gpu(); }

  template <class T>
  class Array {
   public:
    explicit Array(const std::vector<T>& content) : buffer_(content.size()) {
      gpu::copy_to_device(buffer_.data(), content.data(), buffer_.bytes(), gpu::StreamRef());
    }
    explicit Array(std::size_t size) : Array(std::vector<T>(size)) {}
    T* data() { return buffer_.data(); }
    std::vector<T> read() const {
      std::vector<T> content(buffer_.size());
      gpu::copy_to_host(content.data(), buffer_.data(), buffer_.bytes(), gpu::StreamRef());
      gpu::synchronize(gpu::StreamRef());
      return content;
    }

   private:
    gpu::DeviceBuffer<T> buffer_;
  };

  template <class Word>
  static void strike(Word* data, const injectors::Strike* strikes, injectors::Effect* effects,
                     std::uint64_t count) {
    const gpu::DeviceWords words{.data = data, .word_bytes = sizeof(Word)};
    gpu::strike_words(words, strikes, effects, count, gpu::StreamRef());
    gpu::read_back_words(words, strikes, effects, count, gpu::StreamRef());
  }

  template <class Word>
  static void strike_computed(Word* data, injectors::DType dtype, const injectors::Strike* strikes,
                              injectors::Effect* effects, std::uint64_t count) {
    gpu::strike_computed_words(data, dtype, strikes, effects, count, gpu::StreamRef());
    gpu::read_back_computed_words(data, dtype, strikes, effects, count, gpu::StreamRef());
  }

  template <class Word>
  static void lay(const injectors::LaidWindowOf<Word>* windows, std::uint32_t count,
                  std::int32_t channels, std::int64_t most_pixels) {
    gpu::lay_windows(windows, count, channels, most_pixels, gpu::StreamRef());
  }

  template <class Word>
  static void compare(const injectors::ComparedWindowOf<Word>* windows, std::uint32_t count,
                      std::int32_t channels, std::int64_t most_pixels, injectors::Rect* boxes) {
    gpu::compare_windows(windows, count, channels, most_pixels, boxes, gpu::StreamRef());
  }

  template <class Word>
  static void count_nonfinite(const injectors::ComparedWindowOf<Word>* windows, std::uint32_t count,
                              std::int32_t channels, std::int64_t most_pixels,
                              const injectors::FloatFields& fields, injectors::Census* census) {
    gpu::count_nonfinite(windows, count, channels, most_pixels, fields, census, gpu::StreamRef());
  }

  static void find_top_scores(injectors::DType dtype, const void* scores, std::uint32_t rows,
                              std::int32_t classes, injectors::TopK* best) {
    gpu::find_top_scores(dtype, scores, rows, classes, best, gpu::StreamRef());
  }

  static void add_bias(injectors::DType dtype, injectors::Channels channels, const void* bias,
                       void* data, std::uint64_t words) {
    gpu::add_bias(dtype, channels, bias, data, words, gpu::StreamRef());
  }
};

}  // namespace softbeam::tests
