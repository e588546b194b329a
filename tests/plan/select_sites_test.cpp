#include "host/plan/select_sites.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/error.h"
#include "tests/plan/small_model.h"
#include "tests/support/message_of.h"

namespace softbeam::plan {
namespace {

using config::Where;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using Faults = config::CampaignConfig::Faults;

std::vector<std::string> chosen(const Faults& faults) {
  std::vector<std::string> names;
  for (const auto& site : select_sites(faults, small_model::sites())) names.push_back(site.name);
  return names;
}

std::string refused(const Faults& faults) {
  return support::message_of<UsageError>([&] { chosen(faults); });
}

TEST(SelectSites, MeansConvolutionAndLinearOutputsWhereNothingIsSaid) {
  EXPECT_THAT(chosen({}), ElementsAre("conv1", "layer1.conv2", "fc"));
}

TEST(SelectSites, TakesAnyOperatorWhereSitesAreNamed) {
  EXPECT_THAT(chosen({.sites = {"relu1", "fc"}}), ElementsAre("relu1", "fc"));
}

TEST(SelectSites, TakesEveryOutputOfTheNamedOperators) {
  EXPECT_THAT(chosen({.ops = {"relu", "linear"}}), ElementsAre("relu1", "fc"));
}

TEST(SelectSites, NamesAndOperatorsTogetherNarrowTheChoice) {
  EXPECT_THAT(chosen({.sites = {"*1"}, .ops = {"conv2d"}}), ElementsAre("conv1"));
}

TEST(SelectSites, AStarDoesNotMatchNodeInputs) {
  EXPECT_THAT(chosen({.sites = {"*"}}),
              ElementsAre("conv1", "relu1", "layer1.conv2", "fc", "bytes"));
  EXPECT_THAT(chosen({.sites = {"conv1*"}}), ElementsAre("conv1"));
}

TEST(SelectSites, APatternWithAColonMatchesNodeInputs) {
  EXPECT_THAT(chosen({.sites = {"*:in0"}}), ElementsAre("conv1:in0"));
  EXPECT_THAT(chosen({.sites = {"conv1:in0"}}), ElementsAre("conv1:in0"));
}

TEST(SelectSites, NamesMatchWhole) {
  EXPECT_THAT(refused({.sites = {"conv"}}), HasSubstr("'conv'"));
  EXPECT_THAT(chosen({.sites = {"layer1.*"}}), ElementsAre("layer1.conv2"));
}

TEST(SelectSites, AModulesPathStandsForItsParameters) {
  EXPECT_THAT(chosen({.where = Where::weights, .sites = {"conv1"}}), ElementsAre("conv1.weight"));
  EXPECT_THAT(chosen({.where = Where::biases, .sites = {"conv1"}}), ElementsAre("conv1.bias"));
  EXPECT_THAT(chosen({.where = Where::weights, .sites = {"fc.weight"}}), ElementsAre("fc.weight"));
}

TEST(SelectSites, TakesWeightsBiasesAndInputsByWhere) {
  EXPECT_THAT(chosen({.where = Where::weights}), ElementsAre("conv1.weight", "fc.weight"));
  EXPECT_THAT(chosen({.where = Where::biases}), ElementsAre("conv1.bias"));
  EXPECT_THAT(chosen({.where = Where::inputs}), ElementsAre("image"));
}

TEST(SelectSites, RefusesAnUnknownSiteWithTheNearestName) {
  EXPECT_THAT(refused({.sites = {"conv1", "relu2"}}),
              AllOf(HasSubstr("faults.sites"), HasSubstr("'relu2'"),
                    HasSubstr("did you mean 'relu1'?"), HasSubstr("layer1.conv2")));
}

TEST(SelectSites, RefusesAnUnknownOperatorWithTheNearestName) {
  EXPECT_THAT(refused({.ops = {"conv2b"}}),
              AllOf(HasSubstr("faults.ops"), HasSubstr("'conv2b'"),
                    HasSubstr("did you mean 'conv2d'?"), HasSubstr("linear")));
}

TEST(SelectSites, RefusesANameThatBelongsToAnotherPlace) {
  EXPECT_THAT(refused({.where = Where::weights, .sites = {"relu1"}}),
              AllOf(HasSubstr("'relu1'"), HasSubstr("conv1.weight")));
}

TEST(SelectSites, RefusesAnEmptyChoiceAndSaysWhich) {
  EXPECT_THAT(refused({.sites = {"relu1"}, .ops = {"linear"}}),
              AllOf(HasSubstr("faults.sites"), HasSubstr("faults.ops"), HasSubstr("linear")));
}

TEST(SelectSites, SaysWhatTheModelHasNone) {
  const std::vector<execute::Site> only{small_model::sites()[2]};
  EXPECT_THAT(
      support::message_of<UsageError>([&] { select_sites({.where = Where::biases}, only); }),
      AllOf(HasSubstr("faults.where"), HasSubstr("inspect")));
}

}  // namespace
}  // namespace softbeam::plan
