# sb_stage(NAME SOURCES a.cpp ... DEPENDS softbeam::x ...): one static library per folder of host/.
function(sb_stage name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(softbeam_${name} STATIC ${ARG_SOURCES})
  add_library(softbeam::${name} ALIAS softbeam_${name})
  target_link_libraries(softbeam_${name} PUBLIC softbeam_options ${ARG_DEPENDS})
endfunction()

# sb_test(NAME SOURCES a.cpp ... DEPENDS softbeam::x ...): one GoogleTest program per folder.
function(sb_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  target_link_libraries(test_${name} PRIVATE softbeam_options ${ARG_DEPENDS} GTest::gmock
                        GTest::gtest_main)
  gtest_discover_tests(test_${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 120
                       PROPERTIES TIMEOUT 600 LABELS "${name};${ARG_LABELS}")
endfunction()
