# The models and data that tests read: made once by a CTest fixture, shared by all build trees.
include(${PROJECT_SOURCE_DIR}/cmake/python.cmake)
set(SB_TEST_MODELS_DIR ${PROJECT_SOURCE_DIR}/build/test-models CACHE PATH
    "Folder of the models that tests read; made by the test prepare_test_models")

# Two build trees may run their tests at the same time; the second one waits and finds all there.
find_program(SB_FLOCK flock)
set(sb_locked)
if(SB_FLOCK)
  set(sb_locked ${SB_FLOCK} ${SB_TEST_MODELS_DIR}.lock)
endif()
get_filename_component(sb_models_parent ${SB_TEST_MODELS_DIR} DIRECTORY)
file(MAKE_DIRECTORY ${sb_models_parent})
add_test(NAME prepare_test_models
  COMMAND ${sb_locked} ${SB_PYTHON} ${PROJECT_SOURCE_DIR}/tools/prepare_test_models.py
          --out ${SB_TEST_MODELS_DIR})
set_tests_properties(prepare_test_models PROPERTIES FIXTURES_SETUP test_models TIMEOUT 900)
