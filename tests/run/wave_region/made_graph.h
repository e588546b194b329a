// Small graphs made by hand, out of the library's own operators, and all that the wave knows of
// them after a clean run.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/backend/backend.h"
#include "host/execute/profile.h"
#include "host/model/builder.h"
#include "host/run/wave/capture.h"
#include "host/run/wave/region.h"
#include "host/run/wave/region_proof.h"
#include "host/run/wave/values.h"

namespace softbeam::run::testing {

using model::ValueId;
using Argument = std::variant<c10::IValue, ValueId, std::vector<ValueId>>;

inline c10::IValue none() { return {}; }

class GraphMaker {
 public:
  // `sizes` with the batch in front.
  explicit GraphMaker(std::vector<std::int64_t> sizes)
      : sizes_(sizes), input(builder_.add_input("x", std::move(sizes))) {}

  ValueId stored(const std::string& name, const at::Tensor& tensor) {
    return builder_.add_stored(model::ValueKind::parameter, name, tensor);
  }

  // The operator "aten::NAME[.OVERLOAD]"; arguments that are left out take their defaults.
  ValueId call(const std::string& op, const std::string& name, const std::vector<Argument>& given) {
    return all(op, name, given).front();
  }

  std::vector<ValueId> all(const std::string& op, const std::string& name,
                           const std::vector<Argument>& given) {
    const std::size_t dot = op.find('.');
    const auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(
        ("aten::" + op.substr(0, dot)).c_str(),
        dot == std::string::npos ? "" : op.substr(dot + 1).c_str());
    const c10::FunctionSchema& schema = handle.schema();
    model::Node node;
    node.target = "aten::" + op;
    node.op = model::op_name(node.target.substr(0, node.target.find('.')));
    for (std::uint32_t a = 0; a < schema.arguments().size(); ++a) {
      const c10::Argument& argument = schema.arguments()[a];
      node.argument_names.push_back(argument.name());
      node.arguments.push_back(argument.default_value().value_or(c10::IValue()));
      if (argument.alias_info() != nullptr && argument.alias_info()->isWrite()) {
        node.writes.push_back(a);
      }
      if (a >= given.size()) {
        continue;
      }
      if (const auto* value = std::get_if<c10::IValue>(&given[a])) {
        node.arguments.back() = *value;
      } else if (const auto* id = std::get_if<ValueId>(&given[a])) {
        node.slots.push_back({a, -1, *id});
        node.arguments.back() = c10::IValue();
      } else {
        c10::List<at::Tensor> list;
        for (const ValueId item : std::get<std::vector<ValueId>>(given[a])) {
          node.slots.push_back({a, static_cast<std::int32_t>(list.size()), item});
          list.push_back(at::Tensor());
        }
        node.arguments.back() = list;
      }
    }
    node.kernel = [handle](torch::jit::Stack& stack) { handle.callBoxed(stack); };
    return builder_.add_node(std::move(node), schema.returns().size(), {{"", ""}, {name, name}},
                             true);
  }

  // A node of the test's own, of one result.
  ValueId own(const std::string& op, const std::string& name, const std::vector<ValueId>& inputs,
              std::function<void(torch::jit::Stack&)> kernel) {
    model::Node node;
    node.target = "test::" + op;
    node.op = op;
    for (std::uint32_t a = 0; a < inputs.size(); ++a) {
      node.argument_names.push_back(std::to_string(a));
      node.slots.push_back({a, -1, inputs[a]});
    }
    node.arguments.resize(inputs.size());
    node.kernel = std::move(kernel);
    return builder_.add_node(std::move(node), 1, {{"", ""}, {name, name}}, true).front();
  }

  std::vector<ValueId> unpack(ValueId list, const std::string& name, std::size_t count) {
    model::Node node;
    node.target = std::string(model::list_unpack);
    node.op = "ListUnpack";
    node.arguments.resize(1);
    node.argument_names = {"list"};
    node.slots = {{0, -1, list}};
    node.kernel = [](torch::jit::Stack& stack) {
      const std::vector<at::Tensor> items = stack.front().toTensorVector();
      stack.assign(items.begin(), items.end());
    };
    return builder_.add_node(std::move(node), count, {{"", ""}, {name, name}}, true);
  }

  // Batch norm in eval mode with statistics of its own.
  ValueId batch_norm(const std::string& name, ValueId x, std::int64_t features) {
    const at::Tensor variance = at::rand({features}) + 0.1;
    return call(
        "batch_norm", name,
        {x, stored(name + ".w", at::randn({features})), stored(name + ".b", at::randn({features})),
         stored(name + ".m", at::randn({features})), stored(name + ".v", variance), false, 0.1,
         1e-5, false});
  }

  ValueId conv(const std::string& name, ValueId x, std::int64_t in, std::int64_t out,
               std::int64_t kernel = 3, std::int64_t stride = 1) {
    const std::vector<std::int64_t> both{stride, stride};
    const std::vector<std::int64_t> pad{kernel / 2, kernel / 2};
    return call("conv2d", name,
                {x, stored(name + ".weight", at::randn({out, in, kernel, kernel}) * 0.3), none(),
                 both, pad});
  }

  std::shared_ptr<const model::Graph> finish(const std::vector<ValueId>& outputs,
                                             std::optional<std::int64_t> static_batch = {}) {
    std::vector<std::string> names;
    for (std::size_t o = 0; o < outputs.size(); ++o) names.push_back(std::to_string(o));
    builder_.set_outputs(outputs, names);
    return builder_.finish("test", "", static_batch);
  }

 private:
  model::GraphBuilder builder_;
  std::vector<std::int64_t> sizes_;

 public:
  ValueId input;
};

// A graph behind its clean run on random samples.
class Made {
 public:
  Made(std::shared_ptr<const model::Graph> made, const at::Tensor& clean)
      : graph(std::move(made)), samples(clean) {
    at::set_num_threads(1);
    executor = std::make_unique<execute::Executor>(graph, *backend);
    profile = execute::make_profile(*executor, samples);
    captured = capture(*executor, samples);
    values = describe_values(*graph, profile, captured);
    Keeper keeper;
    executor->run(samples, keeper);
    clean_values = std::move(keeper.values);
  }

  model::ValueId value(const std::string& name) const {
    for (const model::Value& v : graph->values) {
      if (v.name == name) return v.id;
    }
    ADD_FAILURE() << "no value " << name;
    return {};
  }
  std::string name(model::ValueId id) const { return graph->value(id).name; }
  std::vector<std::string> names(const std::vector<model::NodeId>& nodes) const {
    std::vector<std::string> result;
    result.reserve(nodes.size());
    for (const model::NodeId node : nodes) {
      result.push_back(name(graph->node(node).outputs.front()));
    }
    return result;
  }
  std::vector<std::string> exported(const Region& region) const {
    std::vector<std::string> result;
    result.reserve(region.exported.size());
    for (const std::uint32_t o : region.exported) result.push_back(name(region.operands[o]));
    return result;
  }

  std::vector<Region> regions(const Separate& separate = {}) const {
    return find_regions(*graph, captured, values, separate);
  }
  GoldenRows golden() const {
    return {static_cast<std::uint32_t>(samples.size(0)),
            [this](model::ValueId id, std::uint32_t sample) -> const float* {
              const auto found = clean_values.find(id);
              return found == clean_values.end() ? nullptr
                                                 : found->second.const_data_ptr<float>() +
                                                       sample * values[id.value].elements;
            }};
  }
  std::string prove(const Region& region) const {
    const auto fault = prove_region(*graph, captured, values, region, *executor, golden(), 7);
    return fault ? model::describe(graph->node(fault->node)) + ": " + fault->why : "";
  }

  std::shared_ptr<const model::Graph> graph;
  at::Tensor samples;
  std::unique_ptr<backend::Backend> backend = backend::make_backend("cpu");
  std::unique_ptr<execute::Executor> executor;
  execute::Profile profile;
  Capture captured;
  std::vector<WaveValue> values;
  std::map<model::ValueId, at::Tensor> clean_values;

 private:
  struct Keeper : execute::Hooks {
    void observe(model::ValueId id, const at::Tensor& tensor) override {
      if (tensor.scalar_type() == at::kFloat)
        values[id] = tensor.clone(at::MemoryFormat::Contiguous);
    }
    std::map<model::ValueId, at::Tensor> values;
  };
};

}  // namespace softbeam::run::testing
