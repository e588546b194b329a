// The message of an error of exactly the expected type, for tests of what a user reads.
// Used with gmock's HasSubstr and AllOf.
#pragma once

#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <typeinfo>

namespace softbeam::support {

template <class Error, class Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const std::exception& error) {
    EXPECT_EQ(typeid(error).hash_code(), typeid(Error).hash_code())
        << "another type of error: " << typeid(error).name() << ": " << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error was thrown";
  return "";
}

}  // namespace softbeam::support
