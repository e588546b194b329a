#include "host/run/wave/capture.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "host/execute/data_dependent.h"

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
      : graph_(graph),
        capture_(capture),
        places_(graph.values.size()),
        from_sizes_(graph.values.size()) {
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
    const auto* layout = profile_ != nullptr && profile_->layouts[id.value]
                             ? &*profile_->layouts[id.value]
                             : nullptr;
    if (layout != nullptr && !execute::fits(*layout, tensor.sizes())) {
      refuse(fmt::format("the sizes of '{}' depend on the data", graph_.value(id).name));
      layout = nullptr;
    }
    if (first_ != nullptr && layout != nullptr) {
      first_->values[id.value] =
          execute::rows(tensor, *layout).narrow(0, 0, first_->samples).clone();
    }
    SeenValue& seen = capture_.values[id.value];
    seen.seen = true;
    seen.sizes = tensor.sizes().vec();
    seen.strides = tensor.strides().vec();
    seen.type = tensor.scalar_type();
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
    bool from_sizes = true;
    for (const model::Slot& slot : node.slots) {
      const c10::IValue value =
          slot.item < 0
              ? stack[slot.argument]
              : c10::IValue(stack[slot.argument].toList().get(static_cast<std::size_t>(slot.item)));
      const model::ValueId read = value.isTensor() && value.toTensor().defined()
                                      ? resolve(slot.value, value.toTensor(), node)
                                      : slot.value;
      seen.reads.push_back(read);
      if (!capture_.depends[read.value]) {
        continue;
      }
      depends = true;
      from_sizes = from_sizes && from_sizes_[read.value];
      capture_.values[read.value].list = capture_.values[read.value].list || value.isTensorList();
      if (!value.isTensor() && !value.isTensorList() && !value.isNone() &&
          !from_sizes_[read.value]) {
        // It stands in the captured arguments as the first samples made it.
        refuse(fmt::format("{} reads '{}', a number that depends on the data",
                           model::describe(node), graph_.value(read).name));
      }
    }
    for (const model::ValueId output : node.outputs) {
      capture_.depends[output.value] = depends;
      from_sizes_[output.value] = depends && (from_sizes || execute::reads_sizes_only(node));
    }
    if (depends) {
      refuse_bits_and_sizes(node, seen);
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
  void refuse_bits_and_sizes(const model::Node& node, const SeenNode& seen) {
    if (execute::makes_sizes_from_content(node, [&](std::size_t s) {
          const model::ValueId read = seen.reads[s];
          return execute::SlotView{capture_.depends[read.value] && !from_sizes_[read.value],
                                   capture_.values[read.value].type};
        })) {
      refuse(fmt::format("the sizes of what {} gives depend on the data", model::describe(node)));
    }
    if (execute::reads_bits_of_nans(node)) {
      refuse(fmt::format("{} reads the bits of a NaN, which arithmetic leaves open",
                         model::describe(node)));
    }
  }

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
  std::vector<bool> from_sizes_;  // by ValueId: depends on the samples' sizes alone
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
