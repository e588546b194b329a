// A rough model of what forms cost, for shapes that were not measured yet: it only ranks them.
// Used by ConvNode and the planner.
#pragma once

#include "host/run/wave/conv_shape.h"

namespace softbeam::run {

// Seconds of one call of the library.
double modelled_seconds(const Convolution& geometry, const ConvShape& shape);
// Seconds of gathering a window of so many outputs.
double gather_seconds(const Convolution& geometry, std::int32_t height, std::int32_t width);
// What a dense row costs beside the library: laying it over golden, comparing the result.
double dense_row_seconds(const Convolution& geometry);

}  // namespace softbeam::run
