// What the profile proves and refuses, and the sites that it lists.
#include "host/execute/profile.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/backend/backend.h"
#include "host/base/error.h"
#include "host/data/dataset.h"
#include "host/model/load.h"
#include "tests/support/message_of.h"

namespace softbeam::execute {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Profile profile_of(const std::string& name, const std::string& data, std::int64_t batch,
                   Randomness randomness = Randomness::refused) {
  at::set_num_threads(1);
  const c10::InferenceMode inference;
  const auto graph = model::load_model(std::string(SB_TEST_MODELS) + "/" + name);
  const auto backend = backend::make_backend("cpu");
  Executor executor(graph, *backend);
  const auto set = data::load_dataset(std::string(SB_TEST_MODELS) + "/" + data, {});
  std::vector<std::int64_t> shape{static_cast<std::int64_t>(set.samples)};
  shape.insert(shape.end(), set.shape.begin(), set.shape.end());
  const at::Tensor all =
      at::from_blob(const_cast<float*>(set.images.data()), shape, at::kFloat).clone();
  return make_profile(executor, all.narrow(0, 0, batch), randomness);
}

const Site& site(const Profile& profile, const std::string& name) {
  for (const Site& s : profile.sites) {
    if (s.name == name) return s;
  }
  throw std::runtime_error("no site " + name);
}

TEST(Profile, RefusesAModelThatMixesSamplesAndNamesTheValue) {
  for (const std::int64_t batch : {1, 4, 8}) {
    EXPECT_THAT(
        support::message_of<RunError>([&] { profile_of("mixes_samples.pt2", "small.npz", batch); }),
        AllOf(HasSubstr("'mean'"), HasSubstr("mixes the samples"), HasSubstr("special.py:")));
    EXPECT_THAT(
        support::message_of<RunError>([&] { profile_of("train_mode_bn.pt2", "small.npz", batch); }),
        AllOf(HasSubstr("'norm'"), HasSubstr("mixes the samples"), HasSubstr("eval mode")));
  }
}

TEST(Profile, RefusesRandomResultsAndNamesTheOperator) {
  EXPECT_THAT(support::message_of<RunError>([&] { profile_of("random_op.pt2", "small.npz", 4); }),
              AllOf(HasSubstr("rand_like"), HasSubstr("differs between two runs"),
                    HasSubstr("--allow-nondeterministic")));
  EXPECT_THAT(
      support::message_of<RunError>([&] { profile_of("random_dropout.pt2", "small.npz", 4); }),
      HasSubstr("dropout"));
}

TEST(Profile, OfRandomResultsHasTheSitesAndLayoutsThatTheSizesAllow) {
  for (const std::int64_t batch : {1, 4}) {
    for (const char* name : {"random_op.pt2", "random_dropout.pt2"}) {
      const Profile profile = profile_of(name, "small.npz", batch, Randomness::allowed);
      EXPECT_FALSE(profile.deterministic) << name;
      EXPECT_EQ(site(profile, "conv").kind, SiteKind::output);
      EXPECT_EQ(site(profile, "fc").shape, (std::vector<std::int64_t>{5}));
      ASSERT_EQ(profile.output_shapes.size(), 1U);
      EXPECT_EQ(profile.output_shapes[0], (std::vector<std::int64_t>{5}));
    }
  }
}

TEST(Profile, OfADeterministicModelDoesNotChangeWhereRandomnessIsAllowed) {
  const Profile strict = profile_of("batch_moves.pt2", "small.npz", 4);
  const Profile allowed = profile_of("batch_moves.pt2", "small.npz", 4, Randomness::allowed);
  EXPECT_TRUE(strict.deterministic);
  EXPECT_TRUE(allowed.deterministic);
  EXPECT_EQ(strict.layouts, allowed.layouts);
}

TEST(Profile, RefusesToMixSamplesAlsoWhereRandomnessIsAllowed) {
  for (const char* name : {"mixes_samples.pt2", "train_mode_bn.pt2"}) {
    EXPECT_THAT(support::message_of<RunError>(
                    [&] { profile_of(name, "small.npz", 4, Randomness::allowed); }),
                HasSubstr("mixes the samples"));
  }
}

TEST(Profile, FindsTheSamplesWhereverTheyLie) {
  const Profile profile = profile_of("batch_moves.pt2", "small.npz", 4);
  bool elsewhere = false;
  bool inner = false;
  for (const SitePlace& place : profile.places) {
    elsewhere = elsewhere || place.layout.dim > 0;
    inner = inner || place.layout.inner;
  }
  EXPECT_TRUE(elsewhere);
  EXPECT_TRUE(inner);
}

TEST(Profile, SitesAndShapesDoNotDependOnTheBatch) {
  const Profile one = profile_of("lenet5.pt2", "digits.npz", 1);
  const Profile many = profile_of("lenet5.pt2", "digits.npz", 16);
  ASSERT_EQ(one.sites.size(), many.sites.size());
  for (std::size_t i = 0; i < one.sites.size(); ++i) {
    EXPECT_EQ(one.sites[i].name, many.sites[i].name);
    EXPECT_EQ(one.sites[i].elements, many.sites[i].elements) << one.sites[i].name;
    EXPECT_EQ(one.sites[i].macs, many.sites[i].macs) << one.sites[i].name;
  }
}

TEST(Profile, CountsTheMultiplyAddsOfLeNet5) {
  const Profile profile = profile_of("lenet5.pt2", "digits.npz", 4);
  EXPECT_EQ(site(profile, "conv1").macs, 28U * 28 * 6 * 25);
  EXPECT_EQ(site(profile, "conv2").macs, 10U * 10 * 16 * 6 * 25);
  EXPECT_EQ(site(profile, "fc1").macs, 400U * 120);
  EXPECT_EQ(profile.macs, 28U * 28 * 150 + 100U * 2400 + 48000 + 10080 + 840);
}

TEST(Profile, ListsOutputsInputsParametersAndTheModelsInput) {
  const Profile profile = profile_of("lenet5.pt2", "digits.npz", 4);
  EXPECT_EQ(site(profile, "conv1").kind, SiteKind::output);
  EXPECT_EQ(site(profile, "conv1:in0").kind, SiteKind::input);
  EXPECT_EQ(site(profile, "conv1.weight").kind, SiteKind::weight);
  EXPECT_EQ(site(profile, "conv1.bias").kind, SiteKind::bias);
  EXPECT_EQ(site(profile, "relu1").shape, (std::vector<std::int64_t>{6, 28, 28}));
  EXPECT_EQ(profile.sites.front().kind, SiteKind::model_input);
}

TEST(Profile, AnInputWhoseViewIsWrittenLaterIsNoSite) {
  const Profile profile = profile_of("inplace_views.pt2", "small.npz", 4);
  EXPECT_THAT(profile.no_sites,
              testing::Contains(AllOf(HasSubstr("slice:in0"), HasSubstr("view"))));
  for (const Site& s : profile.sites) EXPECT_NE(s.name, "slice:in0");
}

TEST(Profile, AViewThatTheModelWritesThroughIsNoSite) {
  const Profile profile = profile_of("inplace_views.pt2", "small.npz", 4);
  EXPECT_THAT(profile.no_sites, testing::Contains(HasSubstr("writes later")));
}

}  // namespace
}  // namespace softbeam::execute
