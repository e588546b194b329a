// Who reads a value's content last, also where names stand for other content later.
#include "host/execute/last_reader.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "host/backend/backend.h"
#include "host/execute/executor.h"
#include "host/model/load.h"

namespace softbeam::execute {
namespace {

class Seen {
 public:
  Seen(const std::string& name, const std::vector<std::int64_t>& shape)
      : graph_(model::load_model(std::string(SB_TEST_MODELS) + "/" + name)), readers_(*graph_) {
    at::set_num_threads(1);
    Executor executor(graph_, *backend_);
    executor.run(at::randn(shape), readers_);
  }

  // The last reader's operator, and its own node: of the value of this name.
  std::string reader_of(const std::string& name) const {
    for (const model::Value& value : graph_->values) {
      if (value.name != name) continue;
      const model::NodeId reader = readers_.of(value.id);
      if (reader == model::no_node) return "none";
      return graph_->node(reader).target + (reader == value.producer ? " itself" : "");
    }
    return "no such value";
  }

 private:
  std::unique_ptr<backend::Backend> backend_ = backend::make_backend("cpu");
  std::shared_ptr<const model::Graph> graph_;
  LastReaders readers_;
};

TEST(LastReaders, AreTheLastNodesThatReadAValue) {
  const Seen lenet("lenet5.pt2", {4, 1, 28, 28});
  EXPECT_EQ(lenet.reader_of("x"), "aten::pad");
  EXPECT_EQ(lenet.reader_of("conv1"), "aten::relu");
  EXPECT_EQ(lenet.reader_of("conv2.weight"), "aten::conv2d");
  EXPECT_EQ(lenet.reader_of("fc3"), "aten::linear itself");
  const Seen skips("two_calls.traced.pt", {2, 3, 12, 12});
  EXPECT_EQ(skips.reader_of("swish"), "aten::add");  // also read by a convolution before
  EXPECT_EQ(skips.reader_of("relu"), "aten::mul");
}

TEST(LastReaders, OfAValueBehindAnInPlaceOperatorAreThoseBeforeIt) {
  const Seen views("inplace_views.pt2", {4, 3, 12, 12});
  EXPECT_EQ(views.reader_of("conv"), "aten::relu_");
  const Seen calls("two_calls.traced.pt", {2, 3, 12, 12});
  EXPECT_EQ(calls.reader_of("mid"), "aten::relu_");
}

// made = f(x); changed = g_(made); other = h(made), which reads what g_ wrote.
TEST(LastReaders, ReadingAnOldNameIsReadingTheNewContent) {
  model::Graph graph;
  const std::vector<std::string> names{"made", "changed", "other"};
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    graph.values.push_back({.id = {i}, .name = names[i], .producer = {i}});
    model::Node node{.id = {i}};
    node.outputs = {{i}};
    if (i > 0) node.slots = {{.argument = 0, .value = {0}}};
    graph.nodes.push_back(node);
  }
  graph.nodes[1].writes = {0};
  for (const bool alias : {false, true}) {  // `changed` may be made through a view
    LastReaders readers(graph);
    const at::Tensor made = at::zeros({2, 3});
    const at::Tensor written = alias ? made.view({2, 3}) : made;
    readers.observe({0}, made);
    readers.observe_input({1}, 0, written);
    readers.observe({1}, written);
    readers.observe_input({2}, 0, made);
    readers.observe({2}, at::zeros({2, 3}));
    EXPECT_EQ(readers.of({0}), model::NodeId{1});
    EXPECT_EQ(readers.of({1}), model::NodeId{2});
    EXPECT_EQ(readers.of({2}), model::NodeId{2});
  }
}

}  // namespace
}  // namespace softbeam::execute
