// WindowStep: the proof that a window's place in a canvas does not matter.
#include <ATen/ATen.h>

#include <algorithm>

#include "host/run/device/window_step.h"
#include "host/run/wave/conv_plan.h"
#include "host/run/wave/hostile.h"
#include "injectors/rng.h"

namespace softbeam::run {
namespace {

using injectors::Rect;
using injectors::Span;

Span draw_span(injectors::Stream& random, std::int32_t size, std::int32_t most) {
  const auto first =
      static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(most - size + 1)));
  return {first, first + size};
}

enum Kind : int { of_golden, of_noise, of_hostile, kinds };

}  // namespace

bool WindowStep::prove(backend::Backend& backend, const GoldenBlock& golden) const {
  for (int kind = 0; kind < kinds; ++kind) {
    if (!proves(backend, proof_images(golden, kind), static_cast<std::uint64_t>(kind))) {
      return false;
    }
  }
  return true;
}

// A chunk of images for every input: golden's, near golden's, and with hostile words.
std::vector<at::Tensor> WindowStep::proof_images(const GoldenBlock& golden, int kind) const {
  std::vector<at::Tensor> images;
  for (std::size_t i = 0; i < step_.inputs.size(); ++i) {
    at::Tensor chunk = call_.chunk(i).cpu();
    for (std::int64_t r = 0; r < program_.profile->batch; ++r) {
      const auto slot = static_cast<std::uint32_t>(r % static_cast<std::int64_t>(golden.size()));
      const at::Tensor row = at::from_blob(
          const_cast<float*>(golden.floats(step_.inputs[i], slot)), chunk.select(0, r).sizes(),
          at::TensorOptions().dtype(at::kFloat).device(call_.device()));
      chunk.select(0, r).copy_(row);
    }
    const std::uint64_t seed = settings_.seed * 64 + static_cast<std::uint64_t>(kind) * 16 + i;
    if (kind == of_noise) jitter(chunk, seed);
    if (kind == of_hostile) plant_hostile(chunk, seed);
    images.push_back(chunk.to(call_.device()));
  }
  return images;
}

bool WindowStep::proves(backend::Backend& backend, const std::vector<at::Tensor>& images,
                        std::uint64_t round) const {
  const Convolution& geometry = node_.geometry();
  std::vector<at::Tensor> copies;
  for (const at::Tensor& image : images) copies.push_back(image.clone());
  const std::vector<at::Tensor> whole = call_(copies);  // may have written to them
  injectors::Stream random(settings_.seed, round, injectors::Purpose::probe);
  for (const std::int32_t size : {1, 3, 6}) {
    const std::int32_t height = std::min(size_class(size, geometry.y.out), geometry.y.out);
    const std::int32_t width = std::min(size_class(size, geometry.x.out), geometry.x.out);
    const std::int64_t capacity = node_.capacity(height, width);
    if (capacity < 1) continue;
    std::vector<Rect> wanted;
    std::vector<std::int64_t> sample;
    std::vector<SeenImage> seen;
    for (std::int64_t w = 0; w < std::min<std::int64_t>(capacity, 512); ++w) {
      wanted.push_back(
          {draw_span(random, height, geometry.y.out), draw_span(random, width, geometry.x.out)});
      sample.push_back(static_cast<std::int64_t>(
          random.below(static_cast<std::uint64_t>(program_.profile->batch))));
      for (std::size_t i = 0; i < images.size(); ++i) {
        const WordShape shape(program_.value(step_.inputs[i]));
        seen.push_back(
            {.golden = shape.planes(static_cast<const std::byte*>(images[i].const_data_ptr()) +
                                    sample.back() * shape.words() * 4)});
      }
    }
    const auto results = node_.compute(backend, call_, node_.shape(height, width), wanted, seen);
    for (std::size_t o = 0; o < step_.outputs.size(); ++o) {
      const WordShape shape(program_.value(step_.outputs[o]));
      const auto& places = results.windows[o];
      // Side by side on the host: any NaN equals any other.
      const auto words = static_cast<std::int64_t>(shape.channels) * height * width;
      const auto count = static_cast<std::int64_t>(places.size());
      const at::Tensor both = at::empty(
          {2, count, words}, at::TensorOptions().dtype(at::kFloat).device(call_.device()));
      auto* to = static_cast<std::uint32_t*>(both.mutable_data_ptr());
      std::vector<injectors::LaidWindow> windows;
      const auto lay = [&](const injectors::Planes& from_first) {
        windows.push_back({.to = {to, width, std::int64_t{height} * width},
                           .lines = height,
                           .columns = width,
                           .golden = from_first,
                           .height = height,
                           .width = width});
        to += words;
      };
      for (const injectors::Planes& place : places) lay(place);
      for (std::size_t w = 0; w < places.size(); ++w) {
        lay(from(shape.planes(static_cast<const std::byte*>(whole[o].const_data_ptr()) +
                              sample[w] * shape.words() * 4),
                 wanted[w]));
      }
      backend.lay(windows, shape.channels);
      const at::Tensor found = both.cpu();
      const at::Tensor bits = found.view(at::kInt);
      const at::Tensor same =
          bits[0].eq(bits[1]).logical_or(found[0].isnan().logical_and(found[1].isnan()));
      if (!same.all().item<bool>()) return false;
    }
  }
  return true;
}

}  // namespace softbeam::run
