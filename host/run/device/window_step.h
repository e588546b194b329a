// A step's windows on a device: sorted by size, packed into canvases, handed to the sweep; and the
// proof that places in a canvas do not matter.
#pragma once

#include <span>
#include <vector>

#include "host/run/device/device_sweep.h"
#include "host/run/device/window_node.h"
#include "host/run/wave/settings.h"

namespace softbeam::run {

class WindowStep {
 public:
  // Precondition: takes_windows(program, step). All references must outlive the step.
  WindowStep(const Program& program, const Step& step, const StepCall& call,
             const WaveSettings& settings);

  // Windows of golden, of noise and of hostile values at random places against whole images; false
  // if a word differs.
  bool prove(backend::Backend& backend, const GoldenBlock& golden) const;

  // Computes the list's trials in canvases; those that are cheaper as whole rows are left to
  // `whole`. Throws RunError where a clean window does not come back clean.
  void run(DeviceSweep& sweep, const ActiveList& list, std::vector<std::uint32_t>& whole);

  // Tensors that were computed so far.
  std::uint64_t tensors() const { return tensors_; }

 private:
  struct Window {
    std::uint32_t active = 0;  // index into the list
    injectors::Rect outputs;
    std::int32_t height = 0;  // of its class
    std::int32_t width = 0;
  };
  void find_windows(const DeviceSweep& sweep, const ActiveList& list,
                    std::vector<std::uint32_t>& whole);
  void run_like(DeviceSweep& sweep, const ActiveList& list, const ConvShape& shape,
                std::span<const Window> windows);
  void run_cells(DeviceSweep& sweep, const ActiveList& list);
  std::size_t run_tensor(DeviceSweep& sweep, const ActiveList& list, const ConvShape& shape,
                         std::span<const Window> windows);
  bool proves(backend::Backend& backend, const std::vector<at::Tensor>& images,
              std::uint64_t round) const;
  std::vector<at::Tensor> proof_images(const GoldenBlock& golden, int kind) const;

  const Program& program_;
  const Step& step_;
  const StepCall& call_;
  const WaveSettings& settings_;
  WindowNode node_;
  std::vector<Window> windows_;
  std::uint64_t tensors_ = 0;
};

}  // namespace softbeam::run
