#include "host/run/device/window_step.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/error.h"
#include "host/run/wave/conv_plan.h"
#include "host/run/wave/step_windows.h"

namespace softbeam::run {

using injectors::Rect;

WindowStep::WindowStep(const Program& program, const Step& step, const StepCall& call,
                       const WaveSettings& settings)
    : program_(program), step_(step), call_(call), settings_(settings), node_(program, step) {}

// The outputs that a trial's rows may change, with those that its fault strikes here.
void WindowStep::find_windows(const DeviceSweep& sweep, const ActiveList& list,
                              std::vector<std::uint32_t>& whole) {
  const Convolution& geometry = node_.geometry();
  windows_.clear();
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    Rect rows;
    for (std::size_t input = 0; input < step_.inputs.size(); ++input) {
      if (const Row* row = list.row(i, input)) rows = united(rows, row->rect);
    }
    Window window{.active = i, .outputs = outputs_reached(geometry, rows, settings_)};
    if (window.outputs.empty()) continue;
    for (const model::ValueId output : step_.outputs) {
      window.outputs = sweep.with_struck(output, list.trials[i], window.outputs);
    }
    window.height = size_class(window.outputs.height(), geometry.y.out);
    window.width = size_class(window.outputs.width(), geometry.x.out);
    // A tensor must hold more windows than whole rows, beside the clean one.
    if (node_.capacity(window.height, window.width) <= program_.profile->batch) {
      whole.push_back(i);
    } else {
      windows_.push_back(window);
    }
  }
}

void WindowStep::run(DeviceSweep& sweep, const ActiveList& list,
                     std::vector<std::uint32_t>& whole) {
  find_windows(sweep, list, whole);
  if (windows_.empty()) return;
  const auto area = [](const Window& w) { return std::int64_t{w.height} * w.width; };
  std::stable_sort(windows_.begin(), windows_.end(), [&](const Window& a, const Window& b) {
    return std::pair(area(a), a.height) < std::pair(area(b), b.height);
  });
  if (node_.packs_pixels()) {
    std::reverse(windows_.begin(), windows_.end());  // the large ones first, the rest fills up
    run_like(sweep, list, node_.shape(0, 0), windows_);
  } else {
    run_cells(sweep, list);
  }
}

void WindowStep::run_like(DeviceSweep& sweep, const ActiveList& list, const ConvShape& shape,
                          std::span<const Window> windows) {
  while (!windows.empty()) {
    windows = windows.subspan(run_tensor(sweep, list, shape, windows));
  }
}

// Class after class; what does not fill a tensor goes on with the next class that holds it.
void WindowStep::run_cells(DeviceSweep& sweep, const ActiveList& list) {
  std::vector<Window> current;
  for (std::size_t first = 0; first < windows_.size();) {
    const std::int32_t height = windows_[first].height;
    const std::int32_t width = windows_[first].width;
    std::size_t last = first;
    while (last < windows_.size() && windows_[last].height == height &&
           windows_[last].width == width) {
      current.push_back(windows_[last++]);
    }
    first = last;
    const ConvShape shape = node_.shape(height, width);
    const auto room = static_cast<std::size_t>(node_.capacity(height, width) - 1);
    const std::size_t full = current.size() / room * room;
    run_like(sweep, list, shape, std::span(current).first(full));
    current.erase(current.begin(), current.begin() + static_cast<std::ptrdiff_t>(full));
    const bool fits_next = first < windows_.size() && windows_[first].height >= height &&
                           windows_[first].width >= width;
    if (!fits_next) {
      run_like(sweep, list, shape, current);
      current.clear();
    }
  }
}

// One tensor: a clean window and as many others as fit; returns how many.
std::size_t WindowStep::run_tensor(DeviceSweep& sweep, const ActiveList& list,
                                   const ConvShape& shape, std::span<const Window> windows) {
  std::vector<Rect> wanted{windows.front().outputs};
  std::vector<SeenImage> images;
  const std::uint32_t watch = list.trials[windows.front().active];
  for (const model::ValueId input : step_.inputs) {
    images.push_back({.golden = sweep.golden(input, watch)});
  }
  const auto most = static_cast<std::size_t>(
      node_.packs_pixels() ? shape.batch * std::int64_t{shape.height} * shape.width
                           : node_.capacity(shape.height, shape.width));
  for (const Window& window : windows.first(std::min(windows.size(), most))) {
    wanted.push_back(window.outputs);
    for (std::size_t input = 0; input < step_.inputs.size(); ++input) {
      const Row* row = list.row(window.active, input);
      SeenImage image{.golden = sweep.golden(step_.inputs[input], list.trials[window.active])};
      if (row != nullptr) {
        image.row = reinterpret_cast<const std::uint32_t*>(row->data);
        image.row_rect = row->rect;
      }
      images.push_back(image);
    }
  }
  const WindowNode::Results results = node_.compute(sweep.backend(), call_, shape, wanted, images);
  ++tensors_;
  const std::size_t done = results.windows.front().size() - 1;
  for (std::size_t o = 0; o < step_.outputs.size(); ++o) {
    const model::ValueId id = step_.outputs[o];
    const auto& places = results.windows[o];
    if (!sweep.is_golden(id, std::array{Candidate{watch, wanted.front(), places.front()}})) {
      throw RunError(
          fmt::format("{}: a clean window among {} came out changed (the library's result depends "
                      "on its neighbours) use run.mode: plain",
                      model::describe(program_.graph->node(step_.nodes.front())), describe(shape)));
    }
    std::vector<Candidate> candidates;
    candidates.reserve(done);
    for (std::size_t w = 0; w < done; ++w) {
      candidates.push_back({list.trials[windows[w].active], windows[w].outputs, places[w + 1]});
    }
    sweep.emit(id, results.outputs[o], candidates);
  }
  return done;
}

}  // namespace softbeam::run
