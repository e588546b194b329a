// Plain mode: full inferences, every row of a chunk its own trial. The reference that every later
// shortcut must equal. One runner per thread.
#pragma once

#include <memory>
#include <vector>

#include "host/data/dataset.h"
#include "host/execute/executor.h"
#include "host/execute/profile.h"
#include "host/run/chunk.h"

namespace softbeam::run {

// Samples `indices` as a tensor [batch, sample shape...] on the device; rows beyond the list repeat
// its first sample.
at::Tensor gather(const data::Dataset& data, const std::vector<std::uint32_t>& indices,
                  std::int64_t batch, at::Device device);

class PlainRunner {
 public:
  // All references must outlive the runner.
  PlainRunner(execute::Executor& executor, const execute::Profile& profile,
              const data::Dataset& data);
  ~PlainRunner();

  // At most `batch` trials. If the first trial's fault strikes parameters, the chunk holds trials
  // of that one fault only; parameters are back in place when this returns or throws.
  // Throws RunError when an injection did not do what was planned.
  // `extra` sees every value and every input of a node, after the strikes (replay); may be null.
  ChunkResult run(const Chunk& chunk, execute::Hooks* extra = nullptr);

  // A clean run of these samples (at most `batch`): one contiguous float32 tensor per output,
  // [batch, elements], on the CPU.
  std::vector<at::Tensor> run_clean(const std::vector<std::uint32_t>& samples,
                                    execute::Hooks* extra = nullptr);

  // Chunks of trials that were run so far, each a whole batch.
  std::uint64_t passes() const { return passes_; }

  // True if this fault changes the model rather than a row.
  bool strikes_parameters(std::span<const injectors::Corruption> corruptions) const;

 private:
  class Strikes;
  std::vector<at::Tensor> outputs_of(const at::Tensor& input, execute::Hooks& hooks);

  execute::Executor& executor_;
  const execute::Profile& profile_;
  const data::Dataset& data_;
  std::unique_ptr<Strikes> strikes_;
  std::uint64_t passes_ = 0;
};

}  // namespace softbeam::run
