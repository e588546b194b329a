// softbeam's version, from CMakeLists.txt. Used by the command line and by the record.
#pragma once

namespace softbeam {
inline constexpr const char* version = SB_VERSION;
}  // namespace softbeam
