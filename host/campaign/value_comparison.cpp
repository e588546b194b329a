#include "host/campaign/value_comparison.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstring>

#include "injectors/fault_model.h"

namespace softbeam::campaign {

ValueComparison::ValueComparison(const Subject& subject)
    : subject_(subject), readers_(*subject.graph) {
  for (std::size_t s = 0; s < subject.profile.sites.size(); ++s) {
    const auto kind = subject.profile.sites[s].kind;
    if (kind == execute::SiteKind::output || kind == execute::SiteKind::model_input) {
      site_of_[subject.profile.places[s].value.value] = s;
    }
  }
}

// The sample's part, or all of a value that is the same for all samples: a struck parameter can
// change it.
at::Tensor ValueComparison::row_of(model::ValueId id, const at::Tensor& tensor) const {
  const auto& layout = subject_.profile.layouts[id.value];
  const at::Tensor part =
      layout ? execute::rows(tensor, *layout).select(0, 0) : tensor.contiguous();
  return part.cpu().clone();
}

void ValueComparison::observe(model::ValueId id, const at::Tensor& tensor) {
  const at::Tensor row = row_of(id, tensor);
  if (!comparing_) {
    readers_.observe(id, tensor);
    golden_[id.value] = row;
    return;
  }
  const at::Tensor& golden = golden_.at(id.value);
  if (std::memcmp(golden.const_data_ptr(), row.const_data_ptr(), row.nbytes()) == 0) {
    return;
  }
  different_.push_back(id);
  const auto site = site_of_.find(id.value);
  if (site != site_of_.end()) {
    describe(site->second, golden, row);
  }
}

void ValueComparison::observe_input(model::NodeId node, std::size_t slot,
                                    const at::Tensor& tensor) {
  if (!comparing_) {
    readers_.observe_input(node, slot, tensor);
  }
}

void ValueComparison::describe(std::size_t s, const at::Tensor& golden, const at::Tensor& faulty) {
  const execute::Site& site = subject_.profile.sites[s];
  const auto width = static_cast<std::size_t>(golden.element_size());
  const auto* a = static_cast<const char*>(golden.const_data_ptr());
  const auto* b = static_cast<const char*>(faulty.const_data_ptr());
  ReplayedValue value{.name = site.name, .op = site.op, .elements = site.elements};
  for (std::size_t e = 0; e < site.elements; ++e) {
    if (std::memcmp(a + e * width, b + e * width, width) == 0) {
      continue;
    }
    ++value.different;
    std::uint64_t word_a = 0;
    std::uint64_t word_b = 0;
    std::memcpy(&word_a, a + e * width, width);
    std::memcpy(&word_b, b + e * width, width);
    const double before = injectors::decode(word_a, site.dtype);
    const double after = injectors::decode(word_b, site.dtype);
    if (std::isfinite(before) && std::isfinite(after)) {
      value.max_abs = std::max(value.max_abs, std::abs(after - before));
    } else if (std::isfinite(before)) {
      ++value.nonfinite;
    }
  }
  values_.push_back(value);
}

model::NodeId ValueComparison::last_difference(const run::Chunk& chunk,
                                               const run::ChunkResult& result) const {
  model::NodeId last = model::no_node;
  const auto note = [&](model::NodeId node) {
    if (node != model::no_node && (last == model::no_node || last < node)) {
      last = node;
    }
  };
  for (const model::ValueId id : different_) {
    note(readers_.of(id));
  }
  for (std::size_t c = 0; c < chunk.corruptions.size(); ++c) {
    const injectors::SiteId site = chunk.corruptions[c].site;
    const execute::SitePlace& place = subject_.profile.places[site.value];
    const auto kind = subject_.profile.site(site).kind;
    if (result.effects[c].before == result.effects[c].after) {
      continue;
    }
    if (kind == execute::SiteKind::input) {
      note(place.node);
    } else if (execute::is_parameter(kind)) {
      note(readers_.of(place.value));
    }
  }
  return last;
}

}  // namespace softbeam::campaign
