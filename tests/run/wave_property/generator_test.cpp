// The drawn graphs are what the property needs: varied, accepted by campaigns, made again from
// their seed, and quick.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>

#include "tests/run/wave_property/drawn.h"
#include "tests/run/wave_property/outputs.h"
#include "tests/support/random_plan.h"

namespace softbeam::run {
namespace {

constexpr std::uint64_t graphs = 150;

void print(const char* title, const std::map<std::string, int>& counts) {
  std::printf("%s:", title);
  for (const auto& [name, count] : counts) std::printf(" %s %d", name.c_str(), count);
  std::printf("\n");
}

TEST(RandomGraph, HasAllOperatorsAndIsNearlyAlwaysAccepted) {
  std::map<std::string, int> redrawn;
  std::map<std::string, int> operators;
  std::map<std::string, int> shapes;
  std::size_t nodes = 0;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const Drawn drawn = draw_subject(seed, redrawn);
    const model::Graph& graph = *drawn.subject->graph;
    nodes += graph.nodes.size();
    std::map<std::string, int> here;
    for (const model::Node& node : graph.nodes) here[node.target] = 1;
    for (const auto& [name, one] : here) operators[name] += one;
    shapes["several outputs"] += graph.outputs.size() > 1;
    shapes["static batch"] += graph.static_batch.has_value();
    shapes["writes through views"] += drawn.writes_through_views;
    std::map<std::uint32_t, int> readers;
    for (const model::Node& node : graph.nodes) {
      for (const model::Slot& slot : node.slots) ++readers[slot.value.value];
    }
    bool many = false;
    bool shared = false;
    for (const auto& [value, count] : readers) {
      const model::ValueKind kind = graph.values[value].kind;
      many = many || (kind == model::ValueKind::result && count > 1);
      shared = shared || (kind == model::ValueKind::parameter && count > 1);
    }
    shapes["values with many readers"] += many;
    shapes["shared parameters"] += shared;
  }
  print("redrawn", redrawn);
  print("graphs with", operators);
  print("graphs with", shapes);
  std::printf("%.1f nodes a graph\n", static_cast<double>(nodes) / graphs);
  int refused = 0;
  for (const auto& [kind, count] : redrawn) refused += count;
  EXPECT_LT(refused, static_cast<int>(graphs / 4));
  for (const char* name :
       {"aten::conv2d", "aten::linear", "aten::max_pool2d", "aten::avg_pool2d", "aten::batch_norm",
        "aten::relu_", "aten::add.Tensor", "aten::cat", "aten::slice", "aten::constant_pad_nd"}) {
    const std::string op = std::string(name).substr(0, std::string(name).find('.'));
    EXPECT_GE(operators[op], static_cast<int>(graphs / 25)) << name;
  }
}

TEST(RandomGraph, IsAFunctionOfItsSeed) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const support::RandomGraph a = support::random_graph(seed);
    const support::RandomGraph b = support::random_graph(seed);
    ASSERT_EQ(listing(*a.graph), listing(*b.graph)) << "seed " << seed;
    ASSERT_EQ(std::memcmp(a.data.images.data(), b.data.images.data(),
                          a.data.images.size() * sizeof(float)),
              0);
    ASSERT_EQ(a.graph->stored.size(), b.graph->stored.size());
    for (std::size_t i = 0; i < a.graph->stored.size(); ++i) {
      const at::Tensor& x = a.graph->stored[i].content.toTensor();
      const at::Tensor& y = b.graph->stored[i].content.toTensor();
      ASSERT_EQ(x.sizes(), y.sizes());
      ASSERT_EQ(std::memcmp(x.const_data_ptr(), y.const_data_ptr(), x.nbytes()), 0);
    }
  }
}

// Plain mode knows its own answer: the place and the company of a trial in a chunk do not matter,
// but for payloads of NaN and, in few graphs, words that the library computes without vectors.
TEST(RandomPlan, DoesNotDependOnTheOrderOfTrialsInPlainMode) {
  std::map<std::string, int> redrawn;
  int differing = 0;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const Drawn drawn = draw_subject(2000 + seed, redrawn);
    const execute::Profile& profile = drawn.subject->profile;
    const support::RandomPlan plan(seed, profile, drawn.subject->data.samples);
    std::vector<plan::Trial> trials;
    plan.trials(0, plan.trials(), trials);
    std::reverse(trials.begin(), trials.end());
    const Outputs reversed = run_plain(*drawn.subject, plan, trials);
    Outputs again = run_plain(*drawn.subject, plan);
    const Outputs plain = again;
    for (std::size_t o = 0; o < plain.rows.size(); ++o) {
      const std::size_t elements = plain.rows[o].size() / trials.size();
      for (std::size_t t = 0; t < trials.size(); ++t) {
        std::copy_n(reversed.rows[o].begin() + static_cast<std::ptrdiff_t>(t * elements), elements,
                    again.rows[o].end() - static_cast<std::ptrdiff_t>((t + 1) * elements));
      }
    }
    for (const auto& [trial, text] : compare(plain, again, plan, profile).differing) {
      ++differing;
      std::reverse(trials.begin(), trials.end());
      EXPECT_TRUE(depends_on_place(*drawn.subject, plan, trials[trial])) << text;
      std::reverse(trials.begin(), trials.end());
    }
  }
  std::printf("%d trials depend on their place\n", differing);
  EXPECT_LT(differing, 20);
}

TEST(RandomPlan, StrikesAllKindsOfSitesInPlainMode) {
  std::map<std::string, int> redrawn;
  std::map<std::string, int> struck;
  double golden_s = 0;
  double plain_s = 0;
  const auto seconds = [](auto since) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
  };
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const auto start = std::chrono::steady_clock::now();
    const Drawn drawn = draw_subject(1000 + seed, redrawn);
    golden_s += seconds(start);
    const execute::Profile& profile = drawn.subject->profile;
    const support::RandomPlan plan(seed, profile, drawn.subject->data.samples);
    const auto begin = std::chrono::steady_clock::now();
    const Outputs plain = run_plain(*drawn.subject, plan);
    plain_s += seconds(begin);
    std::vector<injectors::Corruption> corruptions;
    std::vector<plan::Trial> trials;
    plan.trials(0, plan.trials(), trials);
    for (const plan::Trial& trial : trials) plan.fault(trial.fault, corruptions);
    ASSERT_EQ(plain.effects.size(), corruptions.size());
    for (std::size_t i = 0; i < corruptions.size(); ++i) {
      ++struck[std::string(name(profile.site(corruptions[i].site).kind))];
      struck["nothing changed"] += plain.effects[i].before == plain.effects[i].after;
    }
    for (std::size_t t = 0; t < trials.size(); ++t) {
      bool masked = true;
      bool finite = true;
      for (std::size_t o = 0; o < plain.rows.size(); ++o) {
        const auto golden = drawn.subject->golden->row(o, trials[t].sample.value);
        const float* row = plain.rows[o].data() + t * golden.size();
        masked = masked && std::memcmp(row, golden.data(), golden.size_bytes()) == 0;
        for (std::size_t i = 0; i < golden.size(); ++i) finite = finite && std::isfinite(row[i]);
      }
      ++struck["trials"];
      struck["masked trials"] += masked;
      struck["trials with NaN or Inf"] += !finite;
    }
  }
  print("redrawn", redrawn);
  print("corruptions", struck);
  std::printf("a graph takes %.1f ms up to golden, its plain trials %.1f ms\n",
              golden_s * 1000 / graphs, plain_s * 1000 / graphs);
  for (const char* kind : {"output", "input", "weight", "bias", "model_input", "nothing changed"}) {
    EXPECT_GT(struck[kind], 20) << kind;
  }
}

}  // namespace
}  // namespace softbeam::run
