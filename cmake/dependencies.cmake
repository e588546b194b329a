# Third-party libraries: all from Debian packages, and LibTorch from the PyPI wheel.

function(sb_require_header variable header package)
  find_path(${variable} ${header})
  if(NOT ${variable})
    message(FATAL_ERROR "${header} was not found; install it with: apt-get install ${package}")
  endif()
endfunction()

macro(sb_require name package)
  find_package(${name} ${ARGN} QUIET)
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "${name} was not found; install it with: apt-get install ${package}")
  endif()
endmacro()

sb_require(Threads libc6-dev)
sb_require(CLI11 libcli11-dev)
sb_require(yaml-cpp libyaml-cpp-dev)
sb_require(nlohmann_json nlohmann-json3-dev)
sb_require(fmt libfmt-dev)
sb_require(SQLiteCpp libsqlitecpp-dev)
sb_require(SQLite3 libsqlite3-dev)
sb_require(Boost libboost-math-dev)
sb_require_header(RANDOM123_INCLUDE Random123/philox.h librandom123-dev)
sb_require_header(XXHASH_INCLUDE xxhash.h libxxhash-dev)
# Debian's CMake package of libzip also demands its command-line tools; the library is enough.
sb_require_header(ZIP_INCLUDE zip.h libzip-dev)
find_library(ZIP_LIBRARY zip REQUIRED)

# LibTorch as imported targets: the wheel's own CMake package wants nvcc and rewrites global flags.
# SB_TORCH names the installed Python package `torch`; by default the interpreter is asked.
set(SB_TORCH "" CACHE PATH "Folder of the Python package torch 2.11")
if(NOT SB_TORCH)
  find_program(SB_PYTHON NAMES python3 python HINTS ${PROJECT_SOURCE_DIR}/.venv/bin
               NO_DEFAULT_PATH)
  if(NOT SB_PYTHON)
    find_program(SB_PYTHON NAMES python3 python)
  endif()
  execute_process(
    COMMAND ${SB_PYTHON} -c
      "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])"
    OUTPUT_VARIABLE sb_torch_dir OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
    RESULT_VARIABLE sb_torch_status)
  if(sb_torch_status EQUAL 0)
    set(SB_TORCH ${sb_torch_dir} CACHE PATH "" FORCE)
  endif()
endif()
if(NOT EXISTS ${SB_TORCH}/lib/libtorch_cpu.so)
  message(FATAL_ERROR "LibTorch was not found at '${SB_TORCH}'; run scripts/quickstart.sh, or "
    "install it with: pip install torch==2.11.0, and pass -DSB_TORCH=.../site-packages/torch")
endif()
file(STRINGS ${SB_TORCH}/version.py sb_torch_line REGEX "^__version__ *= *")
string(REGEX REPLACE "^[^']*'([^']*)'.*" "\\1" SB_TORCH_VERSION "${sb_torch_line}")
if(NOT SB_TORCH_VERSION MATCHES "^2\\.11\\.")
  message(FATAL_ERROR "torch ${SB_TORCH_VERSION} at ${SB_TORCH} is not supported; install torch==2.11.0")
endif()
message(STATUS "LibTorch ${SB_TORCH_VERSION}: ${SB_TORCH}")

function(sb_torch_library name)
  add_library(torch::${name} SHARED IMPORTED GLOBAL)
  set_target_properties(torch::${name} PROPERTIES
    IMPORTED_LOCATION ${SB_TORCH}/lib/lib${name}.so IMPORTED_NO_SONAME OFF)
endfunction()
sb_torch_library(torch_cpu)
sb_torch_library(c10)

# The wheel ships its own copy of fmt; -idirafter lets Debian's come first.
add_library(softbeam_torch INTERFACE)
target_compile_options(softbeam_torch INTERFACE
  "SHELL:-idirafter ${SB_TORCH}/include"
  "SHELL:-idirafter ${SB_TORCH}/include/torch/csrc/api/include")
target_link_libraries(softbeam_torch INTERFACE torch::torch_cpu torch::c10)
# Libraries that torch's own libraries need lie beside the wheel and are found there at run time.
file(GLOB sb_wheel_folders ${SB_TORCH}/../nvidia/*/lib)
foreach(folder IN LISTS sb_wheel_folders)
  target_link_options(softbeam_torch INTERFACE -Wl,-rpath-link,${folder})
endforeach()
set(CMAKE_BUILD_RPATH ${SB_TORCH}/lib)
set(CMAKE_INSTALL_RPATH ${SB_TORCH}/lib)
