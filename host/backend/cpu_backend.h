// Private to host/backend: the reference backend, one loop over the shared bodies.
// Made by backend.cpp.
#pragma once

#include <memory>

#include "host/backend/backend.h"

namespace softbeam::backend {

std::unique_ptr<Backend> make_cpu_backend();

}  // namespace softbeam::backend
