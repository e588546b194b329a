# sb_stage(NAME SOURCES a.cpp ... DEPENDS softbeam::x ...): one static library per folder of host/.
function(sb_stage name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(softbeam_${name} STATIC ${ARG_SOURCES})
  add_library(softbeam::${name} ALIAS softbeam_${name})
  target_link_libraries(softbeam_${name} PUBLIC softbeam_options ${ARG_DEPENDS})
endfunction()

# sb_test(NAME [MODELS] SOURCES a.cpp ... DEPENDS softbeam::x ...): one GoogleTest program per
# folder. MODELS: the tests read what tests/models.cmake prepares, in the folder SB_TEST_MODELS.
function(sb_test name)
  cmake_parse_arguments(ARG "MODELS" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  target_link_libraries(test_${name} PRIVATE softbeam_options ${ARG_DEPENDS} GTest::gmock
                        GTest::gtest_main)
  # One label and no list: CMake 3.25 drops what follows a semicolon in these properties.
  set(properties TIMEOUT 600 LABELS ${name})
  if(ARG_MODELS)
    target_compile_definitions(test_${name} PRIVATE SB_TEST_MODELS="${SB_TEST_MODELS_DIR}")
    list(APPEND properties FIXTURES_REQUIRED test_models)
  endif()
  gtest_discover_tests(test_${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 120
                       PROPERTIES ${properties})
endfunction()
