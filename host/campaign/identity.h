// What a campaign in a store is: its fingerprint, its row, and whether a run may add to it.
#pragma once

#include <optional>
#include <string>

#include "host/campaign/subject.h"
#include "host/plan/fault_plan.h"
#include "host/plan/frame.h"
#include "host/record/store.h"

namespace softbeam::campaign {

// A plan ready to be run, with what the record says of it.
struct Planned {
  std::unique_ptr<plan::FaultPlan> plan;
  std::optional<plan::Frame> frame;  // of a drawn plan; absent for a plan from a file
  std::string source;                // "drawn", or the digest of the plan's file
  std::string file;                  // "" for a drawn plan
};

// Draws the configuration's plan, or reads it from `plan_file` if that is not empty.
Planned make_plan(const Subject& subject, const config::CampaignConfig& config,
                  const std::string& plan_file);

record::CampaignRow describe_campaign(const Subject& subject, const config::CampaignConfig& config,
                                      const Planned& planned, const std::string& label);
std::vector<record::GoldenRow> golden_rows(const Subject& subject);

// One entry of the fingerprint; "" if it is not there.
std::string fact(const record::CampaignRow& row, const std::string& key);

// Throws UsageError naming every difference that would change a recorded outcome. What may differ:
// more trials, the time limit, memory and share of verified trials, the confidence of
// intervals, the paths of model and data (their
// digests must agree).
void refuse_other_campaign(const record::CampaignRow& stored, const record::CampaignRow& now,
                           const std::string& store_path);

}  // namespace softbeam::campaign
