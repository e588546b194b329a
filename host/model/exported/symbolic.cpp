#include "host/model/exported/symbolic.h"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <span>

#include "host/base/error.h"

namespace softbeam::model::exported {
namespace {

using Number = c10::IValue;
using Numbers = std::span<const Number>;
using Body = Number (*)(Numbers);

double real(const Number& number) {
  if (number.isDouble()) {
    return number.toDouble();
  }
  return number.isBool() ? static_cast<double>(number.toBool())
                         : static_cast<double>(number.toInt());
}

std::int64_t whole(const Number& number) {
  return number.isBool() ? static_cast<std::int64_t>(number.toBool()) : number.toInt();
}

bool truth(const Number& number) { return real(number) != 0.0; }

bool both_whole(Numbers n) { return !n[0].isDouble() && !n[1].isDouble(); }

[[noreturn]] void fail(const char* what) {
  throw RunError(fmt::format("the model's size arithmetic fails ({})", what));
}

// `result` by reference: it is written while the arguments of this call are evaluated.
std::int64_t checked(bool overflow, const std::int64_t& result) {
  if (overflow) {
    fail("overflow");
  }
  return result;
}

Number add(Numbers n) {
  std::int64_t r = 0;
  return both_whole(n) ? Number(checked(__builtin_add_overflow(whole(n[0]), whole(n[1]), &r), r))
                       : Number(real(n[0]) + real(n[1]));
}

Number sub(Numbers n) {
  std::int64_t r = 0;
  return both_whole(n) ? Number(checked(__builtin_sub_overflow(whole(n[0]), whole(n[1]), &r), r))
                       : Number(real(n[0]) - real(n[1]));
}

Number mul(Numbers n) {
  std::int64_t r = 0;
  return both_whole(n) ? Number(checked(__builtin_mul_overflow(whole(n[0]), whole(n[1]), &r), r))
                       : Number(real(n[0]) * real(n[1]));
}

void check_divisor(Numbers n) {
  if (real(n[1]) == 0.0) {
    fail("division by zero");
  }
  if (both_whole(n) && whole(n[1]) == -1 && whole(n[0]) == INT64_MIN) {
    fail("overflow");
  }
}

Number truediv(Numbers n) {
  check_divisor(n);
  return real(n[0]) / real(n[1]);
}

// Python rounds towards minus infinity, C++ towards zero.
Number floordiv(Numbers n) {
  check_divisor(n);
  if (!both_whole(n)) {
    return std::floor(real(n[0]) / real(n[1]));
  }
  const std::int64_t a = whole(n[0]);
  const std::int64_t b = whole(n[1]);
  return a / b - static_cast<std::int64_t>(a % b != 0 && (a < 0) != (b < 0));
}

Number mod(Numbers n) {
  check_divisor(n);
  if (!both_whole(n)) {
    const double r = std::fmod(real(n[0]), real(n[1]));
    return r != 0.0 && (r < 0) != (real(n[1]) < 0) ? r + real(n[1]) : r;
  }
  const std::int64_t b = whole(n[1]);
  const std::int64_t r = whole(n[0]) % b;
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

Number pow(Numbers n) {
  if (!both_whole(n) || whole(n[1]) < 0) {
    return std::pow(real(n[0]), real(n[1]));
  }
  const std::int64_t base = whole(n[0]);
  const std::int64_t exponent = whole(n[1]);
  if (base == 0 || base == 1) {
    return exponent == 0 ? 1 : base;
  }
  std::int64_t result = 1;
  for (std::int64_t i = 0; i < exponent; ++i) {
    if (base == -1) {
      return exponent % 2 == 0 ? 1 : -1;
    }
    checked(__builtin_mul_overflow(result, base, &result), result);
  }
  return result;
}

std::int64_t shift_amount(const Number& number) {
  const std::int64_t amount = whole(number);
  if (amount < 0 || amount > 62) {
    fail("shift by a negative or large amount");
  }
  return amount;
}

Number lshift(Numbers n) {
  const std::array<Number, 2> factors{n[0], std::int64_t{1} << shift_amount(n[1])};
  return mul(factors);
}

Number rshift(Numbers n) { return whole(n[0]) >> shift_amount(n[1]); }

Number sym_int(Numbers n) {
  if (!n[0].isDouble()) {
    return whole(n[0]);
  }
  const double cut = std::trunc(n[0].toDouble());
  if (!(std::abs(cut) < 9.2e18)) {  // NaN too
    fail("overflow");
  }
  return static_cast<std::int64_t>(cut);
}

Number bitwise(Numbers n, bool conjunction) {
  if (n[0].isBool() && n[1].isBool()) {
    return conjunction ? n[0].toBool() && n[1].toBool() : n[0].toBool() || n[1].toBool();
  }
  return conjunction ? whole(n[0]) & whole(n[1]) : whole(n[0]) | whole(n[1]);
}

bool less(const Number& a, const Number& b) {
  return a.isDouble() || b.isDouble() ? real(a) < real(b) : whole(a) < whole(b);
}

bool equal(const Number& a, const Number& b) {
  return a.isDouble() || b.isDouble() ? real(a) == real(b) : whole(a) == whole(b);
}

struct Entry {
  std::string_view name;
  std::size_t arguments;
  Body body;
};

// Comparisons are never made with NaN here: sizes are finite.
constexpr Entry entries[] = {
    {"add", 2, add},
    {"sub", 2, sub},
    {"mul", 2, mul},
    {"truediv", 2, truediv},
    {"floordiv", 2, floordiv},
    {"mod", 2, mod},
    {"pow", 2, pow},
    {"lshift", 2, lshift},
    {"rshift", 2, rshift},
    {"and_", 2, [](Numbers n) { return bitwise(n, true); }},
    {"or_", 2, [](Numbers n) { return bitwise(n, false); }},
    {"neg", 1,
     [](Numbers n) {
       const std::array<Number, 2> terms{std::int64_t{0}, n[0]};
       return n[0].isDouble() ? Number(-n[0].toDouble()) : sub(terms);
     }},
    {"pos", 1, [](Numbers n) { return n[0].isBool() ? Number(whole(n[0])) : n[0]; }},
    {"eq", 2, [](Numbers n) { return Number(equal(n[0], n[1])); }},
    {"ne", 2, [](Numbers n) { return Number(!equal(n[0], n[1])); }},
    {"lt", 2, [](Numbers n) { return Number(less(n[0], n[1])); }},
    {"le", 2, [](Numbers n) { return Number(!less(n[1], n[0])); }},
    {"gt", 2, [](Numbers n) { return Number(less(n[1], n[0])); }},
    {"ge", 2, [](Numbers n) { return Number(!less(n[0], n[1])); }},
    {"trunc", 1, sym_int},
    {"sym_int", 1, sym_int},
    {"sym_float", 1, [](Numbers n) { return Number(real(n[0])); }},
    {"sym_not", 1, [](Numbers n) { return Number(!truth(n[0])); }},
    {"sym_max", 2, [](Numbers n) { return less(n[0], n[1]) ? n[1] : n[0]; }},
    {"sym_min", 2, [](Numbers n) { return less(n[1], n[0]) ? n[1] : n[0]; }},
    {"sym_ite", 3, [](Numbers n) { return truth(n[0]) ? n[1] : n[2]; }},
    {"sym_sqrt", 1, [](Numbers n) { return Number(std::sqrt(real(n[0]))); }},
};

}  // namespace

std::optional<SymbolicOperator> symbolic_operator(std::string_view target) {
  const std::size_t dot = target.find('.');
  const std::string_view module = target.substr(0, dot);
  if (dot == std::string_view::npos ||
      (module != "_operator" && module != "operator" && module != "torch" && module != "math")) {
    return std::nullopt;
  }
  const std::string_view name = target.substr(dot + 1);
  for (const Entry& entry : entries) {
    if (entry.name == name) {
      std::string op(name);
      if (op.ends_with('_')) {
        op.pop_back();
      }
      return SymbolicOperator{
          std::move(op), entry.arguments,
          [body = entry.body, count = entry.arguments](torch::jit::Stack& stack) {
            const auto first = stack.end() - static_cast<std::ptrdiff_t>(count);
            Number result = body(Numbers(first, stack.end()));
            stack.erase(first, stack.end());
            stack.push_back(std::move(result));
          }};
    }
  }
  return std::nullopt;
}

}  // namespace softbeam::model::exported
