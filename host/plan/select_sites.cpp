#include "host/plan/select_sites.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "host/base/error.h"
#include "host/base/suggest.h"

namespace softbeam::plan {
namespace {

using config::Where;
using execute::Site;
using execute::SiteKind;

bool is_kind(const Site& site, Where where) {
  switch (where) {
    case Where::neurons:
      return site.kind == SiteKind::output || site.kind == SiteKind::input;
    case Where::weights:
      return site.kind == SiteKind::weight;
    case Where::biases:
      return site.kind == SiteKind::bias;
    case Where::inputs:
      return site.kind == SiteKind::model_input;
  }
  return false;
}

bool matches(const std::string& pattern, const Site& site) {
  const bool parameter = execute::is_parameter(site);
  return glob_match(pattern, site.name) || (parameter && glob_match(pattern, site.module));
}

std::vector<std::string> names_of(const std::vector<Site>& sites) {
  std::vector<std::string> names;
  names.reserve(sites.size());
  for (const Site& site : sites) {
    names.push_back(site.name);
  }
  return names;
}

std::string shortened(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 8;
  if (names.size() <= shown) {
    return fmt::format("{}", fmt::join(names, ", "));
  }
  return fmt::format("{}, ... and {} more", fmt::join(names.begin(), names.begin() + shown, ", "),
                     names.size() - shown);
}

}  // namespace

std::vector<std::string> default_ops() { return {"conv2d", "linear"}; }

std::vector<Site> select_sites(const config::CampaignConfig::Faults& faults,
                               std::span<const Site> sites) {
  std::vector<Site> possible;
  std::set<std::string> present;
  for (const Site& site : sites) {
    if (is_kind(site, faults.where)) {
      possible.push_back(site);
      present.insert(site.op);
    }
  }
  if (possible.empty()) {
    throw UsageError("faults.where: the model has no such sites; run `softbeam inspect MODEL`");
  }

  // A name or pattern that matches nothing is a typing error, not an empty choice.
  for (const std::string& pattern : faults.sites) {
    if (std::none_of(possible.begin(), possible.end(),
                     [&](const Site& site) { return matches(pattern, site); })) {
      const auto names = names_of(possible);
      throw UsageError(fmt::format("faults.sites: the model has no site '{}'{}; its sites: {}",
                                   pattern, did_you_mean(pattern, names), shortened(names)));
    }
  }
  const std::vector<std::string> known(present.begin(), present.end());
  for (const std::string& op : faults.ops) {
    if (!present.contains(op)) {
      throw UsageError(fmt::format("faults.ops: the model has no operator '{}' there{}; it has: {}",
                                   op, did_you_mean(op, known), fmt::join(known, ", ")));
    }
  }

  const bool any_op =
      (faults.ops.empty() && !faults.sites.empty()) || faults.where == Where::inputs;
  const std::vector<std::string> ops = faults.ops.empty() ? default_ops() : faults.ops;
  std::vector<Site> chosen;
  for (const Site& site : possible) {
    const bool named = std::any_of(faults.sites.begin(), faults.sites.end(),
                                   [&](const std::string& p) { return matches(p, site); });
    // Without names, "neurons" means outputs: an input is another node's output.
    const bool by_name = faults.sites.empty() ? site.kind != SiteKind::input : named;
    const bool by_op = any_op || std::find(ops.begin(), ops.end(), site.op) != ops.end();
    if (by_name && by_op) {
      chosen.push_back(site);
    }
  }
  if (chosen.empty()) {
    throw UsageError(fmt::format(
        "faults.sites, faults.ops: no site is both named and of operator {} (sites that exist: "
        "{}); name the operators in faults.ops",
        fmt::join(ops, ", "), shortened(names_of(possible))));
  }
  return chosen;
}

}  // namespace softbeam::plan
