// Windows of many trials side by side in images of golden's own shape (canvases), whatever the
// node: a convolution, a pooling, or an operator that computes pixel by pixel. The library runs the
// very kernel that it ran for golden.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "host/backend/backend.h"
#include "host/run/device/shape.h"
#include "host/run/device/step_call.h"
#include "host/run/wave/conv_shape.h"

namespace softbeam::run {

// What one trial shows a node at one input.
struct SeenImage {
  injectors::Planes golden;
  const std::uint32_t* row = nullptr;  // laid over it; null: golden's own content
  injectors::Rect row_rect;
};

class WindowNode {
 public:
  // Precondition: takes_windows(program, step). All references must outlive the node.
  WindowNode(const Program& program, const Step& step);

  const Convolution& geometry() const { return geometry_; }
  // The tensor for windows of so many outputs; one for all sizes where pixels are packed in line.
  ConvShape shape(std::int32_t height, std::int32_t width) const;
  // Windows of this size in one tensor.
  std::int64_t capacity(std::int32_t height, std::int32_t width) const;
  bool packs_pixels() const { return packs_pixels_; }

  // Where the results of a tensor's windows lie.
  struct Results {
    std::vector<at::Tensor> outputs;                      // by output of the step
    std::vector<std::vector<injectors::Planes>> windows;  // [output][window]
  };
  // Computes as many windows as fit: `wanted` are their outputs, `images` what each sees,
  // [window][input].
  Results compute(backend::Backend& backend, const StepCall& call, const ConvShape& shape,
                  std::span<const injectors::Rect> wanted, std::span<const SeenImage> images) const;

 private:
  Convolution of(std::int32_t in_channels, std::int32_t out_channels) const;

  Convolution geometry_;  // how windows slide; its channels are not used
  std::int32_t batch_;
  bool packs_pixels_;
  std::uint32_t fill_ = 0;                 // outside of the image
  std::vector<std::int32_t> in_channels_;  // by input
  std::vector<std::int32_t> out_channels_;
};

// True for convolutions, max poolings and pixelwise operators on images whose windows may be
// computed in canvases.
bool takes_windows(const Program& program, const Step& step);

}  // namespace softbeam::run
