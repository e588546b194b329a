#include "host/run/wave/golden_block.h"

#include <ATen/ATen.h>

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "host/base/parallel.h"
#include "host/execute/threads.h"
#include "host/run/wave/no_wave.h"

namespace softbeam::run {
namespace {

// Holds on to the kept values of one chunk; the library's own tensors where they lie right.
class Keeper : public execute::Hooks {
 public:
  // Keeps the first `count` samples of the chunk.
  Keeper(const Program& program, std::int64_t count)
      : program_(program), count_(count), values(program.values.size()) {}

  void observe(model::ValueId id, const at::Tensor& tensor) override {
    const WaveValue& value = program_.value(id);
    if (!value.kept) {
      return;
    }
    const auto words = static_cast<std::uint64_t>(program_.profile->batch) * value.elements;
    if (static_cast<std::uint64_t>(tensor.numel()) != words ||
        tensor.element_size() != value.word_bytes || !execute::fits(value.layout, tensor.sizes())) {
      throw NoWave(
          fmt::format("the sizes of '{}' depend on the data", program_.graph->value(id).name));
    }
    if (count_ < program_.profile->batch) {  // the budget was made for these, not for the padding
      values[id.value] = execute::rows(tensor, value.layout).narrow(0, 0, count_).clone();
    } else if (value.contiguous) {
      values[id.value] = tensor;
      memory_.insert(tensor.storage().unsafeGetStorageImpl());
    } else {
      values[id.value] = execute::rows(tensor, value.layout);
    }
  }
  bool keeps(const c10::StorageImpl* memory) const override { return memory_.contains(memory); }

 private:
  const Program& program_;
  std::int64_t count_;
  std::unordered_set<const c10::StorageImpl*> memory_;

 public:
  std::vector<at::Tensor> values;  // by ValueId
};

}  // namespace

GoldenBlock::GoldenBlock(const Program& program,
                         std::span<const std::unique_ptr<PlainRunner>> runners,
                         std::vector<std::uint32_t> samples, const Check& check)
    : samples_(std::move(samples)), rows_(program.values.size()) {
  const auto batch = static_cast<std::size_t>(program.profile->batch);
  const std::size_t chunks = (samples_.size() + batch - 1) / batch;
  for (std::size_t v = 0; v < rows_.size(); ++v) {
    if (program.values[v].kept) {
      rows_[v].resize(samples_.size());
    }
  }
  std::vector<std::vector<at::Tensor>> memory(chunks);
  parallel_for(runners.size(), chunks, [&](std::size_t worker, std::uint64_t chunk) {
    execute::compute_on_one_thread();
    const std::size_t first = chunk * batch;
    const std::size_t count = std::min(batch, samples_.size() - first);
    const std::vector<std::uint32_t> indices(
        samples_.begin() + static_cast<std::ptrdiff_t>(first),
        samples_.begin() + static_cast<std::ptrdiff_t>(first + count));
    Keeper keeper(program, static_cast<std::int64_t>(count));
    const std::vector<at::Tensor> outputs = runners[worker]->run_clean(indices, &keeper);
    if (check) {
      check(indices, outputs);
    }
    for (std::size_t v = 0; v < rows_.size(); ++v) {
      const WaveValue& value = program.values[v];
      if (!value.kept) {
        continue;
      }
      const auto* data = static_cast<const std::byte*>(keeper.values[v].const_data_ptr());
      for (std::size_t r = 0; r < count; ++r) {
        rows_[v][first + r] = data + r * value.bytes();
      }
    }
    memory[chunk] = std::move(keeper.values);
  });
  for (auto& tensors : memory) {
    for (at::Tensor& tensor : tensors) {
      if (tensor.defined()) {
        memory_.push_back(std::move(tensor));
      }
    }
  }
}

}  // namespace softbeam::run
