// softbeam's element types and ATen's.
#pragma once

#include <c10/core/ScalarType.h>

#include <optional>

#include "injectors/dtype.h"

namespace softbeam::execute {

// Nothing for types whose words softbeam does not strike (bool, complex, ...).
std::optional<injectors::DType> from_scalar_type(at::ScalarType type);

}  // namespace softbeam::execute
