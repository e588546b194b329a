#include "host/run/wave/capture.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace softbeam::run {
namespace {

const c10::StorageImpl* memory_of(const at::Tensor& tensor) {
  return tensor.has_storage() ? tensor.storage().unsafeGetStorageImpl() : nullptr;
}

// Where a value's content lies. The weak pointer keeps the address from being given out again.
struct Place {
  c10::weak_intrusive_ptr<c10::StorageImpl> storage{c10::intrusive_ptr<c10::StorageImpl>()};
  const c10::StorageImpl* memory = nullptr;
  std::int64_t offset = 0;
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;

  bool holds(const at::Tensor& tensor) const {
    return memory != nullptr && memory == memory_of(tensor) && offset == tensor.storage_offset() &&
           tensor.sizes() == sizes && tensor.strides() == strides;
  }
};

class CaptureHooks : public execute::Hooks {
 public:
  CaptureHooks(const model::Graph& graph, Capture& capture)
      : graph_(graph), capture_(capture), places_(graph.values.size()) {
    capture_.values.resize(graph.values.size());
    capture_.nodes.resize(graph.nodes.size());
    capture_.depends.resize(graph.values.size(), false);
    for (const model::Input& input : graph.inputs) {
      capture_.depends[input.value.value] = true;
    }
  }

  void keep_first_rows(const execute::Profile& profile, FirstRows& first) {
    profile_ = &profile;
    first_ = &first;
  }

  bool keeps(const c10::StorageImpl*) const override { return true; }

  void observe(model::ValueId id, const at::Tensor& tensor) override {
    if (first_ != nullptr && profile_->layouts[id.value]) {
      first_->values[id.value] =
          execute::rows(tensor, *profile_->layouts[id.value]).narrow(0, 0, first_->samples).clone();
    }
    capture_.values[id.value] = {true, tensor.sizes().vec(), tensor.strides().vec(),
                                 tensor.scalar_type()};
    Place& place = places_[id.value];
    place.memory = memory_of(tensor);
    if (place.memory != nullptr) {
      place.storage =
          c10::weak_intrusive_ptr<c10::StorageImpl>(tensor.storage().getWeakStorageImpl());
      place.offset = tensor.storage_offset();
      place.sizes = tensor.sizes().vec();
      place.strides = tensor.strides().vec();
    }
    born_.push_back(id);
  }

  void observe_arguments(model::NodeId id, const torch::jit::Stack& stack) override {
    const model::Node& node = graph_.node(id);
    SeenNode& seen = capture_.nodes[id.value];
    seen.arguments = stack;
    bool depends = false;
    for (const model::Slot& slot : node.slots) {
      const c10::IValue value =
          slot.item < 0
              ? stack[slot.argument]
              : c10::IValue(stack[slot.argument].toList().get(static_cast<std::size_t>(slot.item)));
      const model::ValueId read = value.isTensor() && value.toTensor().defined()
                                      ? resolve(slot.value, value.toTensor(), node)
                                      : slot.value;
      seen.reads.push_back(read);
      depends = depends || capture_.depends[read.value];
    }
    for (const model::ValueId output : node.outputs) {
      capture_.depends[output.value] = depends;
    }
    if (depends) {
      refuse_written_twice(node, stack);
      leave_out_samples(node, seen);
      for (const std::uint32_t argument : node.writes) {
        taint(stack[argument]);
      }
    }
  }

  // The value whose content stands in `tensor`, under the name `id`.
  model::ValueId resolve(model::ValueId id, const at::Tensor& tensor, const model::Node& node) {
    const bool written = tainted_.contains(memory_of(tensor));
    if (!capture_.depends[id.value] && !written) {
      return id;  // a constant: its content is captured
    }
    if (places_[id.value].holds(tensor)) {
      return id;
    }
    // The first: it is the write's own result. Later ones are views of it, whose strikes the old
    // name does not see.
    const auto found = std::find_if(born_.begin(), born_.end(), [&](model::ValueId other) {
      return places_[other.value].holds(tensor);
    });
    if (found != born_.end()) {
      return *found;
    }
    refuse(fmt::format("{} reads '{}' after another operator has written to a part of it",
                       model::describe(node), graph_.value(id).name));
    return id;
  }

  void refuse(std::string why) {
    if (capture_.refusal.empty()) {
      capture_.refusal = std::move(why);
    }
  }

 private:
  void taint(const c10::IValue& written) {
    if (written.isTensor() && written.toTensor().defined()) {
      tainted_.insert(memory_of(written.toTensor()));
      held_.push_back(written.toTensor().storage().getWeakStorageImpl());
    } else if (written.isList()) {
      refuse("an operator writes to a list of tensors");
    }
  }

  // What is written is struck where it lies; another argument in the same memory would see it.
  void refuse_written_twice(const model::Node& node, const torch::jit::Stack& stack) {
    for (const std::uint32_t written : node.writes) {
      for (const model::Slot& slot : node.slots) {
        const c10::IValue& other = stack[slot.argument];
        if (slot.argument != written && stack[written].isTensor() && other.isTensor() &&
            other.toTensor().defined() && memory_of(other.toTensor()) != nullptr &&
            memory_of(other.toTensor()) == memory_of(stack[written].toTensor())) {
          refuse(fmt::format("{} also reads the memory that it writes to", model::describe(node)));
        }
      }
    }
  }

  void leave_out_samples(const model::Node& node, SeenNode& seen) {
    std::uint32_t copied = UINT32_MAX;
    for (std::size_t s = 0; s < node.slots.size(); ++s) {
      if (!capture_.depends[seen.reads[s].value]) {
        continue;
      }
      const model::Slot& slot = node.slots[s];
      c10::IValue& argument = seen.arguments[slot.argument];
      if (slot.item < 0) {
        if (argument.isTensor() || argument.isTensorList()) {
          argument = c10::IValue();
        }
        continue;
      }
      if (slot.argument != copied) {
        argument = argument.toList().copy();
        copied = slot.argument;
      }
      const auto item = static_cast<std::size_t>(slot.item);
      c10::List<c10::IValue> list = argument.toList();
      if (c10::IValue(list.get(item)).isTensor()) {
        list.set(item, at::Tensor());
      }
    }
  }

  const model::Graph& graph_;
  Capture& capture_;
  const execute::Profile* profile_ = nullptr;
  FirstRows* first_ = nullptr;
  std::vector<Place> places_;
  std::vector<model::ValueId> born_;
  std::unordered_set<const c10::StorageImpl*> tainted_;
  // So that no address in tainted_ is given out again.
  std::vector<c10::weak_intrusive_ptr<c10::StorageImpl>> held_;
};

}  // namespace

Capture capture(execute::Executor& executor, const at::Tensor& samples,
                const execute::Profile* profile, FirstRows* first) {
  const c10::InferenceMode inference;
  const model::Graph& graph = executor.graph();
  Capture captured;
  CaptureHooks hooks(graph, captured);
  if (profile != nullptr && first != nullptr) {
    first->values.assign(graph.values.size(), at::Tensor());
    first->samples = static_cast<std::uint32_t>(std::min<std::int64_t>(2, samples.size(0)));
    hooks.keep_first_rows(*profile, *first);
  }
  const std::vector<at::Tensor> outputs = executor.run(samples.clone(), hooks);
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    static const model::Node result{.target = "the model's result"};
    captured.outputs.push_back(hooks.resolve(graph.outputs[o], outputs[o], result));
  }
  return captured;
}

}  // namespace softbeam::run
