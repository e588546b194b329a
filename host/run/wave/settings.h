// Knobs of the wave that tests turn and users need not. None of them changes a result.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace softbeam::run {

// How a convolution or pooling is computed for rows that are windows. All are exact where proved.
enum class Form : std::uint8_t {
  own,     // our own kernel, in the library's order of additions
  crop,    // a batch of small images, one window each
  canvas,  // windows side by side in images of golden's own shape
  dense,   // whole images
};

inline constexpr std::size_t form_kinds = 4;
constexpr std::string_view name(Form form) {
  constexpr std::array<std::string_view, form_kinds> names{"own", "crop", "canvas", "dense"};
  return names[static_cast<std::size_t>(form)];
}

enum class FormChoice : std::uint8_t { fastest, own, crop, canvas, dense, random };

struct WaveSettings {
  FormChoice forms = FormChoice::fastest;  // others where the form is proved, else the next
  bool fuse = true;                        // regions in one pass; else node by node, dense rows
  std::uint64_t seed = 1;                  // of FormChoice::random, and of the proofs' places
  // Steps are taken as on a device, also on a CPU: a test of the one without the other.
  bool as_on_device = false;
  // Rows stay live although they are equal to golden, and any difference is an error: set by the
  // sweep for the zero-fault wave.
  bool keep_equal_rows = false;
  // A planted error for the test of run.verify: windows reach so many pixels too short.
  std::int32_t planted_short_reach = 0;
};

}  // namespace softbeam::run
