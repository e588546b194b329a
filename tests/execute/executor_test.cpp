// The executor's promises: results of the library, values intact where they are kept, strikes that
// reach their value's readers and nobody else.
#include "host/execute/executor.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "host/backend/backend.h"
#include "host/data/npz.h"
#include "host/execute/storage.h"
#include "host/model/load.h"

namespace softbeam::execute {
namespace {

using data::Array;

at::Tensor tensor_of(const Array& array) {
  at::Tensor tensor = at::empty(array.shape, at::kFloat);
  std::memcpy(tensor.mutable_data_ptr(), array.bytes.data(), array.bytes.size());
  return tensor;
}

bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a.contiguous();
  const at::Tensor y = b.contiguous();
  return x.sizes() == y.sizes() && x.scalar_type() == y.scalar_type() &&
         std::memcmp(x.const_data_ptr(), y.const_data_ptr(), x.nbytes()) == 0;
}

class Loaded {
 public:
  explicit Loaded(const std::string& name, const std::string& form = ".pt2")
      : graph(model::load_model(std::string(SB_TEST_MODELS) + "/" + name + form)),
        reference(data::read_npz(std::string(SB_TEST_MODELS) + "/" + name + ".reference.npz")) {
    at::set_num_threads(1);
  }
  model::ValueId value(const std::string& wanted) const {
    for (const model::Value& v : graph->values) {
      if (v.name == wanted) return v.id;
    }
    ADD_FAILURE() << "no value " << wanted;
    return {};
  }
  at::Tensor input() const { return tensor_of(reference.at("input")); }

  std::shared_ptr<const model::Graph> graph;
  std::map<std::string, Array> reference;
  std::unique_ptr<backend::Backend> backend = backend::make_backend("cpu");
};

// Keeps every value with a copy made when it was seen.
class Keeper : public Hooks {
 public:
  explicit Keeper(bool keeps) : keeps_(keeps) {}
  void observe(model::ValueId id, const at::Tensor& tensor) override {
    seen[id.value] = tensor;
    copies[id.value] = tensor.clone();
  }
  bool keeps(const c10::StorageImpl*) const override { return keeps_; }

  std::map<std::uint32_t, at::Tensor> seen;
  std::map<std::uint32_t, at::Tensor> copies;

 private:
  bool keeps_;
};

// Overwrites one value, or one node input, with a constant.
class Overwrite : public Keeper {
 public:
  explicit Overwrite(model::ValueId value) : Keeper(false), value_(value) {}
  Overwrite(model::NodeId node, std::size_t slot) : Keeper(false), node_(node), slot_(slot) {}
  bool strikes(model::ValueId id) const override { return value_ && *value_ == id; }
  void corrupt(model::ValueId, const at::Tensor& tensor) override { tensor.fill_(3.0); }
  bool strikes_input(model::NodeId node, std::size_t slot) const override {
    return node_ && *node_ == node && slot == slot_;
  }
  void corrupt_input(model::NodeId, std::size_t, const at::Tensor& tensor) override {
    tensor.fill_(3.0);
  }

 private:
  std::optional<model::ValueId> value_;
  std::optional<model::NodeId> node_;
  std::size_t slot_ = 0;
};

class EveryModel : public testing::TestWithParam<std::string> {};

TEST_P(EveryModel, GivesTheBitsOfTheEagerModule) {
  const Loaded loaded(GetParam());
  Executor executor(loaded.graph, *loaded.backend);
  Hooks none;
  for (int again = 0; again < 2; ++again) {
    const auto outputs = executor.run(loaded.input(), none);
    EXPECT_TRUE(same_bits(outputs.at(0), tensor_of(loaded.reference.at("output"))));
  }
}

TEST_P(EveryModel, KeptValuesStayIntactAndChangeNothing) {
  const Loaded loaded(GetParam());
  Executor executor(loaded.graph, *loaded.backend);
  Keeper keeper(true);
  const at::Tensor input = loaded.input();
  const at::Tensor before = input.clone();
  const auto outputs = executor.run(input, keeper);
  EXPECT_TRUE(same_bits(outputs.at(0), tensor_of(loaded.reference.at("output"))));
  EXPECT_TRUE(same_bits(input, before));
  for (const auto& [id, tensor] : keeper.seen) {
    EXPECT_TRUE(same_bits(tensor, keeper.copies.at(id))) << loaded.graph->values[id].name;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, EveryModel,
                         testing::Values("lenet5", "resnet18", "inplace_views", "scalars", "tied",
                                         "two_calls", "batch_moves", "buffer_view"));

TEST(Executor, AStruckValueIsSeenByItsReadersAndNotByItsProducer) {
  const Loaded loaded("lenet5");
  Executor executor(loaded.graph, *loaded.backend);
  Overwrite strike(loaded.value("relu1"));
  executor.run(loaded.input(), strike);
  Keeper clean(false);
  executor.run(loaded.input(), clean);
  EXPECT_TRUE(same_bits(strike.copies.at(loaded.value("conv1").value),
                        clean.copies.at(loaded.value("conv1").value)));
  // Max pooling of a constant is that constant.
  EXPECT_TRUE(strike.copies.at(loaded.value("pool1").value).eq(3.0).all().item<bool>());
}

TEST(Executor, AStruckViewLeavesTheValueThatItViewsAlone) {
  // flatten is a view of pool2's memory; a kept pool2 must not change with it.
  const Loaded loaded("lenet5");
  Executor executor(loaded.graph, *loaded.backend);
  Overwrite strike(loaded.value("flatten"));
  executor.run(loaded.input(), strike);
  Keeper clean(false);
  executor.run(loaded.input(), clean);
  EXPECT_TRUE(same_bits(strike.copies.at(loaded.value("pool2").value),
                        clean.copies.at(loaded.value("pool2").value)));
  EXPECT_FALSE(same_bits(strike.copies.at(loaded.value("fc1").value),
                         clean.copies.at(loaded.value("fc1").value)));
}

TEST(Executor, AStruckInputOfOneNodeIsNotSeenByTheOtherReaders) {
  // layer1.0.add reads conv2's output and the block's input, which layer1.0.conv1 has read before.
  const Loaded loaded("resnet18");
  Executor executor(loaded.graph, *loaded.backend);
  const model::Node& add =
      loaded.graph->node(loaded.graph->value(loaded.value("layer1.0.add")).producer);
  Keeper clean(false);
  executor.run(loaded.input(), clean);
  // Find the slot that reads the max pooling's result.
  std::size_t slot = add.slots.size();
  for (std::size_t s = 0; s < add.slots.size(); ++s) {
    if (add.slots[s].value == loaded.value("maxpool")) slot = s;
  }
  ASSERT_LT(slot, add.slots.size());
  Overwrite strike(add.id, slot);
  executor.run(loaded.input(), strike);
  EXPECT_TRUE(same_bits(strike.copies.at(loaded.value("layer1.0.conv1").value),
                        clean.copies.at(loaded.value("layer1.0.conv1").value)));
  EXPECT_FALSE(same_bits(strike.copies.at(loaded.value("layer1.0.add").value),
                         clean.copies.at(loaded.value("layer1.0.add").value)));
}

TEST(Executor, TiedParametersShareMemoryAlsoInItsCopies) {
  const Loaded loaded("tied");
  Executor one(loaded.graph, *loaded.backend);
  Executor two(loaded.graph, *loaded.backend);
  std::vector<at::Tensor> mine;
  for (const model::Stored& stored : loaded.graph->stored) {
    if (stored.content.isTensor()) mine.push_back(one.parameter(stored.value));
  }
  ASSERT_FALSE(mine.empty());
  // Another executor, and the file's own tensors, have memory of their own.
  for (const model::Stored& stored : loaded.graph->stored) {
    if (!stored.content.isTensor()) continue;
    EXPECT_NE(one.parameter(stored.value).const_data_ptr(),
              two.parameter(stored.value).const_data_ptr());
    EXPECT_NE(one.parameter(stored.value).const_data_ptr(),
              stored.content.toTensor().const_data_ptr());
  }
}

TEST(Executor, AnExceptionLeavesNothingBehind) {
  const Loaded loaded("lenet5");
  Executor executor(loaded.graph, *loaded.backend);
  class Thrower : public Hooks {
   public:
    void observe(model::ValueId id, const at::Tensor&) override {
      if (id.value > 20) throw std::runtime_error("in the middle");
    }
  } thrower;
  EXPECT_THROW(executor.run(loaded.input(), thrower), std::runtime_error);
  Hooks none;
  EXPECT_TRUE(same_bits(executor.run(loaded.input(), none).at(0),
                        tensor_of(loaded.reference.at("output"))));
}

TEST(Storage, ACopyKeepsTheGeometryOfAView) {
  const at::Tensor base = at::arange(24, at::kFloat).view({2, 3, 4});
  const at::Tensor view = base.transpose(0, 2).narrow(0, 1, 2);
  const at::Tensor copy = with_own_storage(view);
  EXPECT_EQ(copy.strides(), view.strides());
  EXPECT_EQ(copy.storage_offset(), view.storage_offset());
  EXPECT_TRUE(same_bits(copy, view));
  copy.fill_(0);
  EXPECT_EQ(base.sum().item<float>(), 276.0F);
}

TEST(Storage, ExpandedTensorsOverlapThemselves) {
  EXPECT_TRUE(overlaps_itself(at::ones({1, 3}).expand({4, 3})));
  EXPECT_TRUE(overlaps_itself(at::ones({8}).unfold(0, 3, 1)));
  EXPECT_FALSE(overlaps_itself(at::ones({8}).unfold(0, 3, 3)));
  EXPECT_FALSE(overlaps_itself(at::ones({4, 3}).t()));
  EXPECT_FALSE(overlaps_itself(at::ones({4, 6, 2}).narrow(1, 2, 3).transpose(0, 2)));
}

}  // namespace
}  // namespace softbeam::execute
