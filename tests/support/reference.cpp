#include "tests/support/reference.h"

#include <ATen/ops/empty.h>

#include <cstring>
#include <map>
#include <stdexcept>

#include "host/data/npz.h"

namespace softbeam::support {
namespace {

at::Tensor to_tensor(const data::Array& array) {
  static const std::map<std::string, at::ScalarType> types{{"f2", at::kHalf},   {"f4", at::kFloat},
                                                           {"f8", at::kDouble}, {"i8", at::kLong},
                                                           {"u1", at::kByte},   {"b1", at::kBool}};
  at::Tensor tensor = at::empty(array.shape, types.at(array.type));
  std::memcpy(tensor.data_ptr(), array.bytes.data(), array.bytes.size());
  return tensor;
}

}  // namespace

Reference read_reference(const std::string& folder, const std::string& name) {
  const auto arrays = data::read_npz(folder + "/" + name + ".reference.npz");
  Reference reference{to_tensor(arrays.at("input")), {to_tensor(arrays.at("output"))}};
  for (std::size_t i = 1; arrays.contains("output_" + std::to_string(i)); ++i) {
    reference.outputs.push_back(to_tensor(arrays.at("output_" + std::to_string(i))));
  }
  return reference;
}

bool same_bits(const at::Tensor& left, const at::Tensor& right) {
  if (left.scalar_type() != right.scalar_type() || left.sizes() != right.sizes()) {
    return false;
  }
  const at::Tensor a = left.contiguous();
  const at::Tensor b = right.contiguous();
  return a.nbytes() == 0 || std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) == 0;
}

}  // namespace softbeam::support
