#include "host/model/torchscript/structures.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace softbeam::model::torchscript {

namespace {

using Inputs = std::vector<Abstract>;
using Results = std::optional<std::vector<Abstract>>;
using Kind = Sequence::Kind;
using Rule = Results (*)(const torch::jit::Node&, const Inputs&);

Results one(Abstract value) { return std::vector<Abstract>{std::move(value)}; }

std::shared_ptr<Sequence> of_kind(const Abstract& value, Kind kind) {
  auto items = sequence(value);
  return items && items->kind == kind ? items : nullptr;
}

std::optional<std::int64_t> known_int(const Abstract& value) {
  const auto constant = known(value);
  return constant && constant->isInt() ? std::optional(constant->toInt()) : std::nullopt;
}

// Python's index into `size` items.
std::optional<std::size_t> known_index(const Abstract& value, std::size_t size) {
  auto index = known_int(value);
  if (index && *index < 0) {
    *index += static_cast<std::int64_t>(size);
  }
  return index && *index >= 0 && *index < static_cast<std::int64_t>(size)
             ? std::optional(static_cast<std::size_t>(*index))
             : std::nullopt;
}

std::optional<std::size_t> find_key(const Sequence& dict, const Abstract& value) {
  const auto key = known(value);
  for (std::size_t i = 0; key && i < dict.keys.size(); ++i) {
    if (dict.keys[i] == *key) {
      return i;
    }
  }
  return std::nullopt;
}

Results construct(const torch::jit::Node& node, const Inputs& inputs) {
  const bool tuple = node.kind() == c10::prim::TupleConstruct;
  return one(make_sequence(tuple ? Kind::tuple : Kind::list, node.output()->type(), inputs));
}

Results construct_dict(const torch::jit::Node& node, const Inputs& inputs) {
  auto dict = make_sequence(Kind::dict, node.output()->type());
  for (std::size_t i = 0; i + 1 < inputs.size(); i += 2) {
    auto key = known(inputs[i]);
    if (!key) {
      return std::nullopt;
    }
    if (const auto found = find_key(*dict, *key)) {
      dict->items[*found] = inputs[i + 1];
    } else {
      dict->keys.push_back(std::move(*key));
      dict->items.push_back(inputs[i + 1]);
    }
  }
  return one(std::move(dict));
}

Results unpack(const torch::jit::Node& node, const Inputs& inputs) {
  const auto items = as_sequence(inputs[0]);
  return items && items->items.size() == node.outputs().size() ? Results(items->items)
                                                               : std::nullopt;
}

Results get_item(const torch::jit::Node& /*node*/, const Inputs& inputs) {
  if (const auto dict = of_kind(inputs[0], Kind::dict)) {
    const auto found = find_key(*dict, inputs[1]);
    return found ? one(dict->items[*found]) : std::nullopt;
  }
  const auto items = as_sequence(inputs[0]);
  const auto index = items ? known_index(inputs[1], items->items.size()) : std::nullopt;
  return index ? one(items->items[*index]) : std::nullopt;
}

Results length(const torch::jit::Node& /*node*/, const Inputs& inputs) {
  const auto items = sequence(inputs[0]);
  return items ? one(c10::IValue(static_cast<std::int64_t>(items->items.size()))) : std::nullopt;
}

Results append(const torch::jit::Node& /*node*/, const Inputs& inputs) {
  const auto list = of_kind(inputs[0], Kind::list);
  if (!list) {
    return std::nullopt;
  }
  list->items.push_back(inputs[1]);
  return one(list);
}

Results extend(const torch::jit::Node& node, const Inputs& inputs) {
  const auto list = of_kind(inputs[0], Kind::list);
  const auto more = as_sequence(inputs[1]);
  if (!list || !more) {
    return std::nullopt;
  }
  const std::vector<Abstract> added = more->items;  // a list may extend itself
  list->items.insert(list->items.end(), added.begin(), added.end());
  return node.outputs().empty() ? std::vector<Abstract>{} : one(list);
}

Results concatenate(const torch::jit::Node& node, const Inputs& inputs) {
  const auto left = as_sequence(inputs[0]);
  const auto right = inputs.size() == 2 ? as_sequence(inputs[1]) : nullptr;
  if (!left || !right) {
    return std::nullopt;
  }
  auto both = make_sequence(Kind::list, node.output()->type(), left->items);
  both->items.insert(both->items.end(), right->items.begin(), right->items.end());
  return one(std::move(both));
}

Results insert(const torch::jit::Node& /*node*/, const Inputs& inputs) {
  const auto list = of_kind(inputs[0], Kind::list);
  auto index = known_int(inputs[1]);
  if (!list || !index) {
    return std::nullopt;
  }
  const auto size = static_cast<std::int64_t>(list->items.size());
  index = std::clamp<std::int64_t>(*index < 0 ? *index + size : *index, 0, size);
  list->items.insert(list->items.begin() + *index, inputs[2]);
  return std::vector<Abstract>{};
}

Results pop(const torch::jit::Node& /*node*/, const Inputs& inputs) {
  const auto list = of_kind(inputs[0], Kind::list);
  const auto index = list ? known_index(inputs[1], list->items.size()) : std::nullopt;
  if (!index) {
    return std::nullopt;
  }
  Abstract item = list->items[*index];
  list->items.erase(list->items.begin() + static_cast<std::ptrdiff_t>(*index));
  return one(std::move(item));
}

Results set_item(const torch::jit::Node& node, const Inputs& inputs) {
  const auto done = [&](const Abstract& whole) {
    return node.outputs().empty() ? std::vector<Abstract>{} : std::vector<Abstract>{whole};
  };
  if (const auto dict = of_kind(inputs[0], Kind::dict)) {
    auto key = known(inputs[1]);
    if (!key) {
      return std::nullopt;
    }
    if (const auto found = find_key(*dict, *key)) {
      dict->items[*found] = inputs[2];
    } else {
      dict->keys.push_back(std::move(*key));
      dict->items.push_back(inputs[2]);
    }
    return done(dict);
  }
  const auto list = of_kind(inputs[0], Kind::list);
  const auto index = list ? known_index(inputs[1], list->items.size()) : std::nullopt;
  if (!index) {
    return std::nullopt;
  }
  list->items[*index] = inputs[2];
  return done(list);
}

Results slice(const torch::jit::Node& node, const Inputs& inputs) {
  const auto list = as_sequence(inputs[0]);
  if (!list || inputs.size() != 4) {
    return std::nullopt;
  }
  const auto size = static_cast<std::int64_t>(list->items.size());
  const auto step = known_int(inputs[3]);
  const auto bound = [&](const Abstract& value, std::int64_t absent) {
    const auto constant = known(value);
    const std::int64_t at = constant && constant->isInt() ? constant->toInt() : absent;
    return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
  };
  if (!step || *step < 1 || !known(inputs[1]) || !known(inputs[2])) {
    return std::nullopt;
  }
  auto part = make_sequence(Kind::list, node.output()->type());
  const std::int64_t end = bound(inputs[2], size);
  for (std::int64_t i = bound(inputs[1], 0); i < end; i += *step) {
    part->items.push_back(list->items[static_cast<std::size_t>(i)]);
  }
  return one(std::move(part));
}

Results copy(const torch::jit::Node& node, const Inputs& inputs) {
  const auto items = sequence(inputs[0]);
  return items && items->kind != Kind::tuple
             ? one(make_sequence(items->kind, node.output()->type(), items->items, items->keys))
             : std::nullopt;
}

Results reverse(const torch::jit::Node& /*node*/, const Inputs& inputs) {
  const auto list = of_kind(inputs[0], Kind::list);
  if (!list) {
    return std::nullopt;
  }
  std::reverse(list->items.begin(), list->items.end());
  return std::vector<Abstract>{};
}

Results clear(const torch::jit::Node& /*node*/, const Inputs& inputs) {
  const auto items = sequence(inputs[0]);
  if (!items) {
    return std::nullopt;
  }
  items->items.clear();
  items->keys.clear();
  return std::vector<Abstract>{};
}

Results contains(const torch::jit::Node& /*node*/, const Inputs& inputs) {
  const auto dict = of_kind(inputs[0], Kind::dict);
  return dict && known(inputs[1]) ? one(c10::IValue(find_key(*dict, inputs[1]).has_value()))
                                  : std::nullopt;
}

Results keys(const torch::jit::Node& node, const Inputs& inputs) {
  const auto dict = of_kind(inputs[0], Kind::dict);
  return dict ? one(make_sequence(Kind::list, node.output()->type(),
                                  {dict->keys.begin(), dict->keys.end()}))
              : std::nullopt;
}

Results values(const torch::jit::Node& node, const Inputs& inputs) {
  const auto dict = of_kind(inputs[0], Kind::dict);
  return dict ? one(make_sequence(Kind::list, node.output()->type(), dict->items)) : std::nullopt;
}

Results items(const torch::jit::Node& node, const Inputs& inputs) {
  const auto dict = of_kind(inputs[0], Kind::dict);
  if (!dict) {
    return std::nullopt;
  }
  auto list = make_sequence(Kind::list, node.output()->type());
  for (std::size_t i = 0; i < dict->items.size(); ++i) {
    list->items.emplace_back(make_sequence(Kind::tuple, element_type(list->type),
                                           {Abstract(dict->keys[i]), dict->items[i]}));
  }
  return one(std::move(list));
}

}  // namespace

Results apply_structure(const torch::jit::Node& node, const std::vector<Abstract>& inputs) {
  struct Entry {
    Rule rule;
    std::size_t inputs;  // at least
  };
  static const std::unordered_map<std::string_view, Entry> rules = {
      {"prim::ListConstruct", {construct, 0}},
      {"prim::TupleConstruct", {construct, 0}},
      {"prim::DictConstruct", {construct_dict, 0}},
      {"prim::ListUnpack", {unpack, 1}},
      {"prim::TupleUnpack", {unpack, 1}},
      {"prim::TupleIndex", {get_item, 2}},
      {"aten::__getitem__", {get_item, 2}},
      {"aten::len", {length, 1}},
      {"aten::append", {append, 2}},
      {"aten::extend", {extend, 2}},
      {"aten::add_", {extend, 2}},
      {"aten::add", {concatenate, 2}},
      {"aten::insert", {insert, 3}},
      {"aten::pop", {pop, 2}},
      {"aten::_set_item", {set_item, 3}},
      {"aten::slice", {slice, 4}},
      {"aten::list", {copy, 1}},
      {"aten::copy", {copy, 1}},
      {"aten::dict", {copy, 1}},
      {"aten::reverse", {reverse, 1}},
      {"aten::clear", {clear, 1}},
      {"aten::__contains__", {contains, 2}},
      {"aten::keys", {keys, 1}},
      {"aten::values", {values, 1}},
      {"aten::items", {items, 1}},
  };
  const auto entry = rules.find(node.kind().toQualString());
  return entry == rules.end() || inputs.size() < entry->second.inputs
             ? std::nullopt
             : entry->second.rule(node, inputs);
}

}  // namespace softbeam::model::torchscript
