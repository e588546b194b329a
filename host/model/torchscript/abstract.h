// What a TorchScript value is known to be while the program is read: a constant, a module, a value
// of the graph, or a list, tuple or dict of those. Private to torchscript/.
#pragma once

#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/model/graph.h"

namespace softbeam::model::torchscript {

struct Sequence;

// An instance of a class of the file: a module, or a plain object. `path` is the module's name.
struct ObjectRef {
  c10::intrusive_ptr<c10::ivalue::Object> object;
  std::string path;
};

// Tensors are always a ValueId: known constants are numbers, strings and the like. Sequences have
// reference semantics, as lists have in Python.
using Abstract = std::variant<c10::IValue, ObjectRef, ValueId, std::shared_ptr<Sequence>>;

struct Sequence {
  enum class Kind { list, tuple, dict };
  Kind kind = Kind::list;
  c10::TypePtr type;
  std::vector<Abstract> items;
  std::vector<c10::IValue> keys;  // of a dict
};

std::shared_ptr<Sequence> make_sequence(Sequence::Kind kind, c10::TypePtr type,
                                        std::vector<Abstract> items = {},
                                        std::vector<c10::IValue> keys = {});

// The constant, if no part of it depends on the model's input or is a tensor.
std::optional<c10::IValue> known(const Abstract& value);
// The same for a whole list of arguments.
std::optional<std::vector<c10::IValue>> all_known(const std::vector<Abstract>& values);

// The sequence, or null.
std::shared_ptr<Sequence> sequence(const Abstract& value);
// The value of the graph, or null.
const ValueId* runtime(const Abstract& value);

// A known list or tuple as a sequence of its items; null for everything else.
std::shared_ptr<Sequence> as_sequence(const Abstract& value);

c10::TypePtr element_type(const c10::TypePtr& list);

// True for Tensor, Optional[Tensor] and lists of those.
bool holds_tensors(const c10::TypePtr& type);

}  // namespace softbeam::model::torchscript
