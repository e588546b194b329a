// The numbers by which .pt2 writes types; they are not c10's. Private to host/model/exported.
#pragma once

#include <c10/core/Layout.h>
#include <c10/core/MemoryFormat.h>
#include <c10/core/ScalarType.h>

#include <cstdint>

namespace softbeam::model::exported {

// All throw ShapeError for a number that the format, or softbeam, does not know.
c10::ScalarType scalar_type(std::int64_t code);
c10::MemoryFormat memory_format(std::int64_t code);
c10::Layout layout(std::int64_t code);  // strided; sparse layouts are refused

}  // namespace softbeam::model::exported
