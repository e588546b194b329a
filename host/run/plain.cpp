#include "host/run/plain.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <cstring>
#include <map>
#include <span>

#include "host/base/error.h"
#include "host/run/inject.h"

namespace softbeam::run {

using execute::SiteKind;

at::Tensor gather(const data::Dataset& data, const std::vector<std::uint32_t>& indices,
                  std::int64_t batch, at::Device device) {
  std::vector<std::int64_t> shape{batch};
  shape.insert(shape.end(), data.shape.begin(), data.shape.end());
  at::Tensor input = at::empty(shape, at::TensorOptions().dtype(at::kFloat));
  const std::size_t words = data.elements_per_sample();
  auto* to = input.mutable_data_ptr<float>();
  for (std::size_t r = 0; r < static_cast<std::size_t>(batch); ++r) {
    const std::uint32_t sample = r < indices.size() ? indices[r] : indices.front();
    std::memcpy(to + r * words, data.images.data() + sample * words, words * sizeof(float));
  }
  return device.is_cpu() ? input : input.to(device);
}

namespace {

// Elements are counted in the sizes that the first samples had.
void refuse_other_sizes(const at::Tensor& tensor, const execute::BatchLayout& layout,
                        std::uint64_t elements, std::int64_t batch, const std::string& name) {
  if (static_cast<std::uint64_t>(tensor.numel()) != elements * static_cast<std::uint64_t>(batch) ||
      !execute::fits(layout, tensor.sizes())) {
    throw RunError(fmt::format(
        "'{}' has {} elements in one run and had {} in another (its sizes depend on the data); "
        "strike other sites, and compare outputs of fixed sizes",
        name, tensor.numel(), elements * static_cast<std::uint64_t>(batch)));
  }
}

}  // namespace

// The strikes of one chunk, found by the value or node input that they hit.
class PlainRunner::Strikes : public execute::Hooks {
 public:
  Strikes(const model::Graph& graph, const execute::Profile& profile, backend::Backend& backend)
      : profile_(profile), backend_(backend), by_value_(graph.values.size()) {}

  void set(const Chunk* chunk, std::vector<injectors::Effect>* effects, Hooks* extra) {
    for (const model::ValueId id : used_) {
      by_value_[id.value].clear();
    }
    used_.clear();
    by_slot_.clear();
    struck_ = 0;
    chunk_ = chunk;
    effects_ = effects;
    extra_ = extra;
    if (chunk == nullptr) {
      return;
    }
    for (std::size_t row = 0; row < chunk->size(); ++row) {
      for (std::size_t c = chunk->first[row]; c < chunk->first[row + 1]; ++c) {
        const injectors::SiteId site = chunk->corruptions[c].site;
        const execute::SitePlace& place = profile_.places[site.value];
        if (is_parameter(profile_.site(site))) {
          continue;  // struck before the run
        }
        if (profile_.site(site).kind == SiteKind::input) {
          by_slot_[{place.node.value, place.slot}].push_back({row, c});
        } else {
          if (by_value_[place.value.value].empty()) {
            used_.push_back(place.value);
          }
          by_value_[place.value.value].push_back({row, c});
        }
      }
    }
  }

  // Corruptions of rows that have met their value so far.
  std::size_t struck() const { return struck_; }

  bool strikes(model::ValueId id) const override { return !by_value_[id.value].empty(); }
  void corrupt(model::ValueId id, const at::Tensor& tensor) override {
    strike_rows(by_value_[id.value], tensor);
  }
  bool strikes_input(model::NodeId node, std::size_t slot) const override {
    return !by_slot_.empty() && by_slot_.contains({node.value, slot});
  }
  void corrupt_input(model::NodeId node, std::size_t slot, const at::Tensor& tensor) override {
    strike_rows(by_slot_.at({node.value, slot}), tensor);
  }
  void observe(model::ValueId id, const at::Tensor& tensor) override {
    if (extra_ != nullptr) {
      extra_->observe(id, tensor);
    }
  }
  void observe_input(model::NodeId node, std::size_t slot, const at::Tensor& tensor) override {
    if (extra_ != nullptr) {
      extra_->observe_input(node, slot, tensor);
    }
  }
  bool keeps(const c10::StorageImpl* memory) const override {
    return extra_ != nullptr && extra_->keeps(memory);
  }

 private:
  struct Item {
    std::size_t row;
    std::size_t corruption;
  };

  void strike_rows(const std::vector<Item>& items, const at::Tensor& tensor) {
    const execute::Site& struck = profile_.site(chunk_->corruptions[items.front().corruption].site);
    refuse_other_sizes(tensor, profile_.places[struck.id.value].layout, struck.elements,
                       profile_.batch, struck.name);
    offsets_.clear();
    for (const Item& item : items) {
      const injectors::Corruption& c = chunk_->corruptions[item.corruption];
      const execute::BatchLayout& layout = profile_.places[c.site.value].layout;
      offsets_.push_back({execute::word_offset(layout, tensor.sizes(), tensor.strides(),
                                               static_cast<std::int64_t>(item.row), c.element),
                          c.masks});
    }
    seen_.resize(items.size());
    strike_computed(backend_, tensor, struck.dtype, struck.name, offsets_, seen_);
    for (std::size_t i = 0; i < items.size(); ++i) {
      (*effects_)[items[i].corruption] = seen_[i];
    }
    struck_ += items.size();
  }

  const execute::Profile& profile_;
  backend::Backend& backend_;
  std::vector<std::vector<Item>> by_value_;  // by ValueId
  std::vector<model::ValueId> used_;
  std::map<std::pair<std::uint32_t, std::size_t>, std::vector<Item>> by_slot_;
  std::size_t struck_ = 0;
  const Chunk* chunk_ = nullptr;
  std::vector<injectors::Effect>* effects_ = nullptr;
  Hooks* extra_ = nullptr;
  std::vector<injectors::Strike> offsets_;
  std::vector<injectors::Effect> seen_;
};

PlainRunner::PlainRunner(execute::Executor& executor, const execute::Profile& profile,
                         const data::Dataset& data)
    : executor_(executor),
      profile_(profile),
      data_(data),
      strikes_(std::make_unique<Strikes>(executor.graph(), profile, executor.backend())) {}

PlainRunner::~PlainRunner() = default;

bool PlainRunner::strikes_parameters(std::span<const injectors::Corruption> corruptions) const {
  for (const injectors::Corruption& c : corruptions) {
    if (is_parameter(profile_.site(c.site))) {
      return true;
    }
  }
  return false;
}

ChunkResult PlainRunner::run(const Chunk& chunk, execute::Hooks* extra) {
  const c10::InferenceMode inference;
  ++passes_;
  ChunkResult result;
  result.effects.resize(chunk.corruptions.size());
  std::vector<std::uint32_t> samples;
  for (const plan::Trial& trial : chunk.trials) {
    samples.push_back(trial.sample.value);
  }

  ParameterGuard guard(executor_.backend());
  std::size_t struck_parameters = 0;
  for (std::size_t c = 0; c < chunk.first[1]; ++c) {
    const injectors::Corruption& corruption = chunk.corruptions[c];
    const execute::Site& site = profile_.site(corruption.site);
    if (is_parameter(site)) {
      const at::Tensor& tensor = executor_.parameter(profile_.places[site.id.value].value);
      const std::uint64_t offset =
          execute::word_offset(tensor.sizes(), tensor.strides(), corruption.element);
      const auto effect = guard.strike(tensor, site.dtype, site.name, {offset, corruption.masks});
      // Every trial of the chunk has the same fault: the same corruptions, the same effects.
      for (std::size_t row = 0; row < chunk.size(); ++row) {
        result.effects[chunk.first[row] + c] = effect;
        ++struck_parameters;
      }
    }
  }
  strikes_->set(&chunk, &result.effects, extra);
  result.outputs =
      outputs_of(gather(data_, samples, profile_.batch, executor_.backend().device()), *strikes_);
  guard.restore();
  if (strikes_->struck() + struck_parameters != chunk.corruptions.size()) {
    throw RunError(
        fmt::format("{} of {} corruptions of a chunk never met their value (nothing of "
                    "it was recorded); please report the model and the plan",
                    chunk.corruptions.size() - strikes_->struck() - struck_parameters,
                    chunk.corruptions.size()));
  }
  return result;
}

std::vector<at::Tensor> PlainRunner::run_clean(const std::vector<std::uint32_t>& samples,
                                               execute::Hooks* extra) {
  const c10::InferenceMode inference;
  strikes_->set(nullptr, nullptr, extra);
  return outputs_of(gather(data_, samples, profile_.batch, executor_.backend().device()),
                    *strikes_);
}

std::vector<at::Tensor> PlainRunner::outputs_of(const at::Tensor& input, execute::Hooks& hooks) {
  std::vector<at::Tensor> outputs = executor_.run(input, hooks);
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    if (outputs[o].scalar_type() != at::kFloat) {
      throw RunError(fmt::format("output '{}' is {} (float32 outputs are compared so far)",
                                 executor_.graph().output_names[o],
                                 c10::toString(outputs[o].scalar_type())));
    }
    std::uint64_t elements = 1;
    for (const std::int64_t size : profile_.output_shapes[o]) {
      elements *= static_cast<std::uint64_t>(size);
    }
    refuse_other_sizes(outputs[o], profile_.output_layouts[o], elements, profile_.batch,
                       executor_.graph().output_names[o]);
    outputs[o] = execute::rows(outputs[o], profile_.output_layouts[o]).cpu();
  }
  return outputs;
}

}  // namespace softbeam::run
