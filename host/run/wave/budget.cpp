#include "host/run/wave/budget.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/error.h"

namespace softbeam::run {
namespace {

struct Size {
  std::int32_t height = 0;
  std::int32_t width = 0;
  bool live() const { return height > 0; }
};

Size largest(Size a, Size b) { return {std::max(a.height, b.height), std::max(a.width, b.width)}; }

std::int32_t reached_size(const injectors::Axis& axis, std::int32_t inputs) {
  return std::min(axis.out, (inputs + axis.reach() - 2) / axis.stride + 1);
}

class Follow {
 public:
  explicit Follow(const Program& program) : program_(program), sizes_(program.values.size()) {}

  void start(model::ValueId id, Size size) { add(id, size); }

  // Most bytes alive at once, from step `first` on.
  std::uint64_t run(std::size_t first) {
    for (std::size_t s = first; s < program_.steps.size(); ++s) {
      const Step& step = program_.steps[s];
      Size in;
      for (const model::ValueId input : step.inputs) {
        in = largest(in, sizes_[input.value]);
      }
      if (in.live()) {
        for (const model::ValueId output : step.outputs) {
          add(output, moved(step, output, in));
        }
      }
      for (const model::ValueId dead : step.dead) {
        live_ -= bytes(dead, sizes_[dead.value]);
        sizes_[dead.value] = {};
      }
    }
    return peak_;
  }

 private:
  Size moved(const Step& step, model::ValueId output, Size in) const {
    const WaveValue& value = program_.value(output);
    const Size full{value.height, value.width};
    Size out = full;
    switch (step.kind) {
      case StepKind::convolution: {
        const Convolution& c = program_.convolutions[step.detail];
        out = {reached_size(c.y, in.height), reached_size(c.x, in.width)};
        break;
      }
      case StepKind::pooling: {
        const Pooling& p = program_.poolings[step.detail];
        out = {reached_size(p.y, in.height), reached_size(p.x, in.width)};
        break;
      }
      case StepKind::shift:
      case StepKind::region:
        out = in;
        break;
      case StepKind::reshape:
      case StepKind::linear:
      case StepKind::dense:
        break;
    }
    return {std::min(out.height, full.height), std::min(out.width, full.width)};
  }

  void add(model::ValueId id, Size size) {
    live_ -= bytes(id, sizes_[id.value]);
    sizes_[id.value] = largest(sizes_[id.value], size);
    live_ += bytes(id, sizes_[id.value]);
    peak_ = std::max(peak_, live_);
  }

  std::uint64_t bytes(model::ValueId id, Size size) const {
    const WaveValue& value = program_.value(id);
    return static_cast<std::uint64_t>(size.height) * static_cast<std::uint64_t>(size.width) *
           static_cast<std::uint64_t>(value.channels) * value.word_bytes;
  }

  const Program& program_;
  std::vector<Size> sizes_;
  std::uint64_t live_ = 0;
  std::uint64_t peak_ = 0;
};

std::uint64_t bytes_of(const WaveValue& value) { return value.per_sample ? value.bytes() : 0; }

}  // namespace

RowBounds bound_rows(const Program& program) {
  RowBounds bounds;
  bounds.value.resize(program.values.size());
  bounds.parameter.resize(program.values.size());
  bounds.input.resize(program.graph->nodes.size());
  const auto from = [&](std::span<const model::ValueId> values, std::size_t step, bool whole) {
    Follow follow(program);
    for (const model::ValueId id : values) {
      const WaveValue& value = program.value(id);
      follow.start(id, whole ? Size{value.height, value.width} : Size{1, 1});
    }
    return follow.run(step);
  };
  const model::ValueId input = program.graph->inputs.front().value;
  bounds.value[input.value] = from(std::span(&input, 1), 0, false);
  for (std::size_t s = 0; s < program.steps.size(); ++s) {
    const Step& step = program.steps[s];
    const std::uint64_t one = from(step.outputs, s + 1, false);
    const std::uint64_t whole = from(step.outputs, s + 1, true);
    for (const model::ValueId output : step.outputs) {
      bounds.value[output.value] = one;
    }
    for (const model::ValueId parameter : step.parameters) {
      bounds.parameter[parameter.value] += whole;
    }
    for (const model::NodeId node : step.nodes) {
      bounds.input[node.value] = whole;
    }
    if (step.kind == StepKind::region) {
      const Region& region = program.regions[step.detail];
      for (std::size_t o = region.externals; o < region.operands.size(); ++o) {
        bounds.value[region.operands[o].value] = one;
      }
    }
  }
  return bounds;
}

std::uint64_t RowBounds::bytes(const execute::Profile& profile,
                               std::span<const injectors::Corruption> corruptions) const {
  std::uint64_t sum = 0;
  for (const injectors::Corruption& c : corruptions) {
    const execute::SitePlace& place = profile.places[c.site.value];
    switch (profile.site(c.site).kind) {
      case execute::SiteKind::weight:
      case execute::SiteKind::bias:
        sum += parameter[place.value.value];
        break;
      case execute::SiteKind::input:
        sum += input[place.node.value];
        break;
      case execute::SiteKind::output:
      case execute::SiteKind::model_input:
        sum += value[place.value.value];
        break;
    }
  }
  return sum;
}

std::uint64_t golden_bytes(const Program& program) {
  std::uint64_t sum = 0;
  for (const WaveValue& value : program.values) {
    sum += value.kept ? value.bytes() : 0;
  }
  return sum;
}

std::uint64_t chunk_bytes(const Program& program) {
  // What a clean run has alive at its widest place, by the graph's own order.
  std::uint64_t live = bytes_of(program.value(program.graph->inputs.front().value));
  std::uint64_t peak = live;
  std::vector<std::vector<std::uint64_t>> dies(program.graph->nodes.size());
  for (const WaveValue& value : program.values) {
    if (value.per_sample && value.last_use != model::no_node) {
      dies[value.last_use.value].push_back(value.bytes());
    }
  }
  for (const model::Node& node : program.graph->nodes) {
    for (const model::ValueId output : node.outputs) {
      live += bytes_of(program.value(output));
    }
    peak = std::max(peak, live);
    for (const std::uint64_t bytes : dies[node.id.value]) {
      live -= std::min(live, bytes);
    }
  }
  return peak * static_cast<std::uint64_t>(program.profile->batch);
}

WaveBudget share_memory(const Program& program, std::uint64_t memory, std::uint64_t samples,
                        std::uint64_t workers, std::uint64_t largest_trial) {
  const std::uint64_t sample = golden_bytes(program);
  const std::uint64_t chunks = workers * chunk_bytes(program);
  const std::uint64_t least = sample + chunks + workers * largest_trial;
  const auto mib = [](std::uint64_t bytes) { return (bytes + (1U << 20) - 1) >> 20; };
  if (memory < least) {
    throw UsageError(fmt::format(
        "run.memory: {} MiB are too few: {} MiB are needed (golden's values of one sample {} MiB, "
        "chunks of {} samples on {} threads {} MiB, the rows of one trial on each {} MiB); raise "
        "it, lower run.threads or run.batch, or take run.mode: plain",
        memory >> 20, mib(least), mib(sample), program.profile->batch, workers, mib(chunks),
        mib(workers * largest_trial)));
  }
  // Rows get a quarter, at least one trial each; golden the rest; what golden leaves goes to rows.
  const std::uint64_t free = memory - chunks;
  const std::uint64_t rows = std::max(workers * largest_trial, free / 4);
  WaveBudget budget;
  budget.samples = sample == 0
                       ? samples
                       : std::min(samples, std::max<std::uint64_t>(
                                               1, (free - std::min(rows, free - sample)) / sample));
  budget.rows_per_worker = (free - budget.samples * sample) / workers;
  return budget;
}

}  // namespace softbeam::run
