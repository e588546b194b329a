// The sites of an imagined small model, and plans over them. Used by the tests of this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/config/config.h"
#include "host/execute/site.h"
#include "host/plan/fault_plan.h"
#include "host/plan/frame.h"
#include "injectors/corruption.h"

namespace softbeam::plan::small_model {

using execute::SiteKind;
using injectors::Corruption;
using injectors::DType;

inline execute::Site site(std::uint32_t id, const std::string& name, const std::string& op,
                          SiteKind kind, std::vector<std::int64_t> shape,
                          DType dtype = DType::float32) {
  execute::Site result{.id = {id},
                       .name = name,
                       .op = op,
                       .module = name.substr(0, name.find_first_of(":")),
                       .kind = kind,
                       .dtype = dtype,
                       .shape = std::move(shape),
                       .elements = 1};
  if (kind == SiteKind::weight || kind == SiteKind::bias) {
    result.module = name.substr(0, name.rfind('.'));
  }
  for (const std::int64_t extent : result.shape) {
    result.elements *= static_cast<std::uint64_t>(extent);
  }
  return result;
}

// Ids are positions, as in a profile.
inline std::vector<execute::Site> sites() {
  return {site(0, "image", "", SiteKind::model_input, {1, 4, 4}),
          site(1, "conv1:in0", "conv2d", SiteKind::input, {1, 4, 4}),
          site(2, "conv1", "conv2d", SiteKind::output, {3, 4, 4}),
          site(3, "relu1", "relu", SiteKind::output, {3, 4, 4}),
          site(4, "layer1.conv2", "conv2d", SiteKind::output, {2, 4}, DType::float16),
          site(5, "fc", "linear", SiteKind::output, {8}),
          site(6, "conv1.weight", "conv2d", SiteKind::weight, {3, 1, 3, 3}),
          site(7, "conv1.bias", "conv2d", SiteKind::bias, {3}),
          site(8, "fc.weight", "linear", SiteKind::weight, {8, 6}),
          site(9, "bytes", "quantize", SiteKind::output, {4}, DType::int8)};
}

inline constexpr std::uint64_t samples = 10;

inline std::unique_ptr<FaultPlan> drawn(const config::CampaignConfig& config,
                                        std::uint64_t of_samples = samples) {
  return draw_plan(config, make_frame(config.faults, sites()), of_samples);
}

inline std::vector<Trial> trials_of(const FaultPlan& plan, std::uint64_t first,
                                    std::uint64_t last) {
  std::vector<Trial> trials;
  plan.trials(first, last, trials);
  return trials;
}

inline std::vector<Trial> trials_of(const FaultPlan& plan) {
  return trials_of(plan, 0, plan.trials());
}

inline std::vector<Corruption> fault_of(const FaultPlan& plan, std::uint64_t id) {
  std::vector<Corruption> corruptions;
  plan.fault({id}, corruptions);
  return corruptions;
}

}  // namespace softbeam::plan::small_model
