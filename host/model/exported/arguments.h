// Turns a JSON argument of a node into the template and the slots of a Node. Private to
// host/model/exported.
#pragma once

#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "host/model/exported/json.h"
#include "host/model/graph.h"

namespace softbeam::model::exported {

// The names that nodes of one (sub)graph may use.
class Scope {
 public:
  // Throws ShapeError if the name is not bound: the file uses a value before it makes it.
  ValueId find(const std::string& name) const;
  void bind(const std::string& name, ValueId value) { values_[name] = value; }

 private:
  std::unordered_map<std::string, ValueId> values_;
};

// One argument. Slots in lists stand for items that hold 0, False, None or an undefined tensor.
struct Argument {
  c10::IValue content;
  std::vector<Slot> slots;         // `argument` is left 0
  bool number_for_tensor = false;  // the slot's value is a number, the schema wants a tensor
};

// `argument` as the operator's parameter `formal` wants it: Python numbers become wrapped tensors,
// floats, or lists where the schema says so, as Python's own argument parser does. Devices become
// the CPU: a model runs where its backend runs, not where it was exported. Throws ShapeError.
Argument read_argument(const Json& argument, const c10::Argument& formal, const Scope& scope);

// A number argument of a symbolic operator: a constant or a slot. Throws ShapeError.
Argument read_number(const Json& argument, const Scope& scope);

// The names of the values that an argument refers to, or that an output makes; "" for a constant.
// Several for a list. Throws ShapeError.
std::vector<std::string> value_names(const Json& argument);

}  // namespace softbeam::model::exported
