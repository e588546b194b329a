#include "host/model/exported/symbolic.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "host/base/error.h"

namespace softbeam::model::exported {
namespace {

c10::IValue compute(const char* target, std::vector<c10::IValue> stack) {
  symbolic_operator(target).value().kernel(stack);
  EXPECT_EQ(stack.size(), 1U);
  return stack.at(0);
}

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

TEST(Symbolic, DivisionRoundsAsInPython) {
  EXPECT_EQ(compute("_operator.floordiv", {7, 2}).toInt(), 3);
  EXPECT_EQ(compute("_operator.floordiv", {-7, 2}).toInt(), -4);
  EXPECT_EQ(compute("_operator.floordiv", {7, -2}).toInt(), -4);
  EXPECT_EQ(compute("_operator.floordiv", {-8, 2}).toInt(), -4);
  EXPECT_EQ(compute("_operator.mod", {-7, 2}).toInt(), 1);
  EXPECT_EQ(compute("_operator.mod", {7, -2}).toInt(), -1);
  EXPECT_EQ(compute("_operator.mod", {-8, 2}).toInt(), 0);
  EXPECT_EQ(compute("_operator.truediv", {7, 2}).toDouble(), 3.5);
  EXPECT_EQ(compute("_operator.mod", {-0.5, 2}).toDouble(), 1.5);
}

TEST(Symbolic, WholeNumbersStayWhole) {
  EXPECT_EQ(compute("_operator.add", {1, 2}).toInt(), 3);
  EXPECT_EQ(compute("_operator.mul", {36, 2}).toInt(), 72);
  EXPECT_EQ(compute("_operator.pow", {2, 10}).toInt(), 1024);
  EXPECT_EQ(compute("_operator.pow", {-1, most}).toInt(), -1);
  EXPECT_EQ(compute("_operator.neg", {5}).toInt(), -5);
  EXPECT_EQ(compute("_operator.lshift", {3, 4}).toInt(), 48);
  EXPECT_EQ(compute("_operator.rshift", {-3, 1}).toInt(), -2);
  EXPECT_EQ(compute("torch.sym_min", {3, 5}).toInt(), 3);
  EXPECT_EQ(compute("torch.sym_max", {3, 5}).toInt(), 5);
  EXPECT_EQ(compute("math.trunc", {-2.7}).toInt(), -2);
  EXPECT_TRUE(compute("_operator.add", {1, 2.0}).isDouble());
}

TEST(Symbolic, ComparisonsAndLogic) {
  EXPECT_TRUE(compute("_operator.ge", {2, 2}).toBool());
  EXPECT_FALSE(compute("_operator.lt", {2, 2}).toBool());
  EXPECT_TRUE(compute("_operator.ne", {most, most - 1}).toBool()) << "not through doubles";
  EXPECT_TRUE(compute("_operator.and_", {true, true}).toBool());
  EXPECT_FALSE(compute("torch.sym_not", {true}).toBool());
  EXPECT_EQ(compute("torch.sym_ite", {false, 1, 2}).toInt(), 2);
}

TEST(Symbolic, WhatPythonCouldNotStoreIsAnError) {
  EXPECT_THROW(compute("_operator.add", {most, 1}), RunError);
  EXPECT_THROW(compute("_operator.mul", {most, 2}), RunError);
  EXPECT_THROW(compute("_operator.neg", {least}), RunError);
  EXPECT_THROW(compute("_operator.floordiv", {1, 0}), RunError);
  EXPECT_THROW(compute("_operator.floordiv", {least, -1}), RunError);
  EXPECT_THROW(compute("_operator.truediv", {1, 0}), RunError);
  EXPECT_THROW(compute("_operator.pow", {10, 19}), RunError);
  EXPECT_THROW(compute("_operator.lshift", {1, 64}), RunError);
  EXPECT_THROW(compute("torch.sym_int", {1e30}), RunError);
}

TEST(Symbolic, OtherNamesAreNotSymbolic) {
  for (const char* target :
       {"add", "torch.ops.aten.add.Tensor", "_operator.getitem", "numpy.add"}) {
    EXPECT_FALSE(symbolic_operator(target)) << target;
  }
}

}  // namespace
}  // namespace softbeam::model::exported
