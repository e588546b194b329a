// A value, parameter or input of the model that faults may strike. Plain data, without tensors.
// Made by the profile; used by plan, record and report.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "injectors/dtype.h"
#include "injectors/ids.h"

namespace softbeam::execute {

enum class SiteKind : std::uint8_t {
  output,       // a node's output, named as the value: "layer1.0.conv1"
  input,        // one node's own view of an input: "layer1.0.conv1:in0"
  weight,       // a parameter that multiplies: "conv1.weight"
  bias,         // a parameter that is added: "conv1.bias"
  model_input,  // an input of the model, by its name
};
std::string_view name(SiteKind kind);

struct Site {
  injectors::SiteId id;
  std::string name;
  std::string op;      // ATen name of the node ("conv2d"), or of the first consumer of a parameter
  std::string module;  // path of the module ("layer1.0.conv1")
  SiteKind kind = SiteKind::output;
  injectors::DType dtype = injectors::DType::float32;
  std::vector<std::int64_t> shape;  // of one sample, without the batch; a parameter's whole shape
  std::uint64_t elements = 0;
  std::uint64_t macs = 0;  // multiply-adds per sample of the node (0 where not counted)

  std::uint64_t bytes() const {
    return elements * static_cast<std::uint64_t>(injectors::bytes(dtype));
  }
};

// True if a fault there changes the model rather than one sample's values.
inline bool is_parameter(SiteKind kind) {
  return kind == SiteKind::weight || kind == SiteKind::bias;
}
inline bool is_parameter(const Site& site) { return is_parameter(site.kind); }

}  // namespace softbeam::execute
