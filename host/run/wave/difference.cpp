#include "host/run/wave/difference.h"

#include <cstring>

namespace softbeam::run {

injectors::Rect difference_box(const float* row, std::ptrdiff_t row_line, std::ptrdiff_t row_plane,
                               const float* golden, std::ptrdiff_t golden_line,
                               std::ptrdiff_t golden_plane, std::int32_t channels,
                               const injectors::Rect& rect) {
  injectors::Rect box;
  for (std::int32_t c = 0; c < channels; ++c) {
    for (std::int32_t y = 0; y < rect.height(); ++y) {
      for (std::int32_t x = 0; x < rect.width(); ++x) {
        if (std::memcmp(row + c * row_plane + y * row_line + x,
                        golden + c * golden_plane + y * golden_line + x, 4) != 0) {
          box = united(box, injectors::Rect{{rect.y.first + y, rect.y.first + y + 1},
                                            {rect.x.first + x, rect.x.first + x + 1}});
        }
      }
    }
  }
  return box;
}

}  // namespace softbeam::run
