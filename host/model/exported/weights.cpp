#include "host/model/exported/weights.h"

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "host/base/error.h"
#include "host/model/exported/enums.h"

namespace softbeam::model::exported {
namespace {

constexpr const char* weights_config = "data/weights/model_weights_config.json";
constexpr const char* constants_config = "data/constants/model_constants_config.json";

struct Layout {
  c10::ScalarType dtype;
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
  std::int64_t offset = 0;
};

std::int64_t extent(const Json& value) {
  const Tagged size = tagged(value);
  if (size.tag != "as_int") {
    throw ShapeError("a stored tensor has a symbolic size");
  }
  return integer(size.value);
}

std::vector<std::int64_t> extents(const Json& list) {
  std::vector<std::int64_t> values;
  values.reserve(list.size());
  for (const Json& item : list) {
    values.push_back(extent(item));
  }
  return values;
}

Layout read_layout(const std::string& name, const Json& meta) {
  try {
    layout(integer(member(meta, "layout")));
    return {scalar_type(integer(member(meta, "dtype"))), extents(array(meta, "sizes")),
            extents(array(meta, "strides")), extent(member(meta, "storage_offset"))};
  } catch (const ShapeError& error) {
    throw ShapeError(fmt::format("weight '{}': {}", name, error.what()));
  }
}

// Bytes that the layout reaches into its storage; nothing if it makes no sense or overflows.
std::optional<std::uint64_t> reach(const Layout& layout) {
  if (layout.sizes.size() != layout.strides.size() || layout.offset < 0) {
    return std::nullopt;
  }
  const auto item = static_cast<std::int64_t>(c10::elementSize(layout.dtype));
  std::int64_t last = layout.offset;
  std::int64_t elements = 1;
  std::int64_t step = 0;
  bool empty = false;
  for (std::size_t i = 0; i < layout.sizes.size(); ++i) {
    const std::int64_t size = layout.sizes[i];
    if (size < 0 || layout.strides[i] < 0) {
      return std::nullopt;
    }
    empty = empty || size == 0;
    if (size > 0 && (__builtin_mul_overflow(elements, size, &elements) ||
                     __builtin_mul_overflow(size - 1, layout.strides[i], &step) ||
                     __builtin_add_overflow(last, step, &last))) {
      return std::nullopt;
    }
  }
  std::int64_t bytes = 0;
  if (__builtin_mul_overflow(elements, item, &bytes) || __builtin_add_overflow(last, 1, &last) ||
      __builtin_mul_overflow(last, item, &bytes)) {
    return std::nullopt;
  }
  return empty ? 0 : static_cast<std::uint64_t>(bytes);
}

}  // namespace

Weights::Weights(Archive& archive) : archive_(archive) {
  add_config(weights_config, "data/weights/");
  add_config(constants_config, "data/constants/");
}

void Weights::add_config(const std::string& record, const std::string& folder) {
  const auto it = configs_.emplace(record, archive_.json(record)).first;
  archive_.reading(record, [&] {
    const Json& config = member(it->second, "config");
    if (!config.is_object()) {
      throw ShapeError("'config' should be an object");
    }
    for (const auto& [name, payload] : config.items()) {
      // A buffer that is left out of the state_dict stands in the constants instead.
      payloads_.emplace(name,
                        Payload{folder + text(member(payload, "path_name")), &payload, &it->first});
    }
  });
}

at::Tensor Weights::tensor(const std::string& name) {
  const auto found = payloads_.find(name);
  if (found == payloads_.end()) {
    throw RunError(fmt::format("{}: weight '{}' is not in the archive; export the model again",
                               archive_.path(), name));
  }
  const Payload& payload = found->second;
  at::Tensor tensor;
  archive_.reading(*payload.config, [&] {
    if (const Json* pickled = optional_member(*payload.meta, "use_pickle");
        pickled != nullptr && boolean(*pickled)) {
      throw RunError(fmt::format(
          "{}: weight '{}' is a Python object (a tensor subclass), which cannot be read; export "
          "the model with plain tensors",
          archive_.path(), name));
    }
    const Layout layout = read_layout(name, member(*payload.meta, "tensor_meta"));
    auto storage = storages_.find(payload.record);
    if (storage == storages_.end()) {
      storage = storages_.emplace(payload.record, archive_.storage(payload.record)).first;
    }
    const std::optional<std::uint64_t> bytes = reach(layout);
    if (!bytes || *bytes > storage->second.nbytes()) {
      throw RunError(fmt::format(
          "{}: weight '{}' does not fit its storage (sizes [{}], strides [{}], offset {}, {} "
          "bytes stored); the file is damaged, export the model again",
          archive_.path(), name, fmt::join(layout.sizes, ", "), fmt::join(layout.strides, ", "),
          layout.offset, storage->second.nbytes()));
    }
    tensor = at::empty({0}, at::TensorOptions(layout.dtype))
                 .set_(storage->second, layout.offset, layout.sizes, layout.strides);
  });
  return tensor;
}

}  // namespace softbeam::model::exported
