#include "host/run/device/whole_step.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "host/base/error.h"

namespace softbeam::run {
namespace {

using injectors::LaidWindow;
using injectors::Planes;

std::byte* row_of(const at::Tensor& rows, std::size_t row, const WaveValue& value) {
  return static_cast<std::byte*>(rows.mutable_data_ptr()) + row * value.bytes();
}

// The chunk's rows in a row; where they do not lie so, in memory of their own.
class ChunkRows {
 public:
  ChunkRows(const WaveValue& value, at::Tensor chunk) : value_(value), chunk_(std::move(chunk)) {
    rows_ = value.contiguous
                ? chunk_
                : at::empty({value.layout.batch, static_cast<std::int64_t>(value.elements)},
                            chunk_.options());
  }
  Planes row(std::size_t r) const { return WordShape(value_).planes(row_of(rows_, r, value_)); }
  // Behind the last row that was laid.
  const at::Tensor& chunk() const {
    if (!value_.contiguous) {
      const at::Tensor to = execute::by_sample(chunk_, value_.layout);
      to.copy_(rows_.view(to.sizes()));
    }
    return chunk_;
  }

 private:
  const WaveValue& value_;
  at::Tensor chunk_;
  at::Tensor rows_;
};

}  // namespace

void run_whole(DeviceSweep& sweep, const Program& program, const Step& step, const StepCall& call,
               const ActiveList& list, std::span<const std::uint32_t> which) {
  const auto batch = static_cast<std::size_t>(program.profile->batch);
  // A batch of one leaves no room for a clean row.
  const std::size_t room = std::max<std::size_t>(batch - 1, 1);
  for (; !which.empty(); which = which.subspan(std::min(room, which.size()))) {
    const std::size_t count = std::min(room, which.size());
    const std::uint32_t watch = list.trials[which.front()];
    std::vector<at::Tensor> inputs;
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      const model::ValueId id = step.inputs[i];
      const WordShape shape = sweep.shape(id);
      const ChunkRows rows(program.value(id), call.chunk(i));
      std::vector<LaidWindow> windows;
      for (std::size_t r = 0; r < batch; ++r) {
        windows.push_back(r < count ? sweep.window(id, list.trials[which[r]], list.row(which[r], i),
                                                   shape.whole(), rows.row(r))
                                    : sweep.window(id, watch, nullptr, shape.whole(), rows.row(r)));
      }
      sweep.backend().lay(windows, shape.channels);
      inputs.push_back(rows.chunk());
    }
    const std::vector<at::Tensor> outputs = call(inputs);
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      const model::ValueId id = step.outputs[o];
      const WaveValue& value = program.value(id);
      const WordShape shape = sweep.shape(id);
      const auto candidate = [&](std::uint32_t trial, std::size_t r) {
        return Candidate{trial, shape.whole(), shape.planes(row_of(outputs[o], r, value))};
      };
      if (count < batch && !sweep.is_golden(id, std::array{candidate(watch, batch - 1)})) {
        throw RunError(fmt::format(
            "a clean row among faulty ones differs from golden at {} (whole rows): this device or "
            "the library does not compute the same twice; nothing of this wave was recorded",
            model::describe(program.graph->node(step.nodes.front()))));
      }
      std::vector<Candidate> candidates;
      for (std::size_t r = 0; r < count; ++r) {
        candidates.push_back(candidate(list.trials[which[r]], r));
      }
      sweep.emit(id, outputs[o], candidates);
    }
  }
}

bool whole_rows_are_golden(backend::Backend& backend, const Program& program, const Step& step,
                           const StepCall& call, const GoldenBlock& golden) {
  const auto batch = static_cast<std::size_t>(program.profile->batch);
  const auto slot = [&](std::size_t r) { return static_cast<std::uint32_t>(r % golden.size()); };
  std::vector<at::Tensor> inputs;
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    const WordShape shape(program.value(step.inputs[i]));
    const ChunkRows rows(program.value(step.inputs[i]), call.chunk(i));
    std::vector<LaidWindow> windows;
    for (std::size_t r = 0; r < batch; ++r) {
      windows.push_back({.to = rows.row(r),
                         .lines = shape.height,
                         .columns = shape.width,
                         .golden = shape.planes(golden.row(step.inputs[i], slot(r))),
                         .height = shape.height,
                         .width = shape.width});
    }
    backend.lay(windows, shape.channels);
    inputs.push_back(rows.chunk());
  }
  const std::vector<at::Tensor> outputs = call(inputs);
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    const WaveValue& value = program.value(step.outputs[o]);
    const WordShape shape(value);
    std::vector<injectors::ComparedWindow> compared;
    for (std::size_t r = 0; r < batch; ++r) {
      compared.push_back({shape.planes(row_of(outputs[o], r, value)),
                          shape.planes(golden.row(step.outputs[o], slot(r))), shape.height,
                          shape.width});
    }
    std::vector<injectors::Rect> boxes(batch);
    backend.compare(compared, shape.channels, boxes);
    if (std::any_of(boxes.begin(), boxes.end(), [](const auto& box) { return !box.empty(); })) {
      return false;
    }
  }
  return true;
}

}  // namespace softbeam::run
