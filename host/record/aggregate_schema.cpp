#include "host/record/aggregate_schema.h"

#include <fmt/format.h>

namespace softbeam::record {
namespace {

// Columns computed from a packed class; trial_class.cpp has the layout.
constexpr const char* class_columns = R"sql(
  site INTEGER GENERATED ALWAYS AS (class >> 40) VIRTUAL,
  bit INTEGER GENERATED ALWAYS AS (class >> 33 & 127) VIRTUAL,
  outcome INTEGER GENERATED ALWAYS AS (class & 7) VIRTUAL,
  activated INTEGER GENERATED ALWAYS AS (class >> 3 & 1) VIRTUAL,
  sdc_1 INTEGER GENERATED ALWAYS AS (class >> 4 & 1) VIRTUAL,
  sdc_5 INTEGER GENERATED ALWAYS AS (class >> 5 & 1) VIRTUAL,
  sdc_10 INTEGER GENERATED ALWAYS AS (class >> 6 & 1) VIRTUAL,
  sdc_20 INTEGER GENERATED ALWAYS AS (class >> 7 & 1) VIRTUAL,
  labelled INTEGER GENERATED ALWAYS AS (class >> 8 & 1) VIRTUAL,
  golden_right INTEGER GENERATED ALWAYS AS (class >> 9 & 1) VIRTUAL,
  faulty_right INTEGER GENERATED ALWAYS AS (class >> 10 & 1) VIRTUAL)sql";

constexpr const char* tables = R"sql(
CREATE TABLE aggregates(
  campaign INTEGER PRIMARY KEY REFERENCES campaigns, keep INTEGER NOT NULL,
  samples_per_fault INTEGER NOT NULL);

CREATE TABLE counted(
  id INTEGER PRIMARY KEY,
  campaign INTEGER GENERATED ALWAYS AS (id >> 24) VIRTUAL,
  first INTEGER GENERATED ALWAYS AS ((id & 16777215) << 16) VIRTUAL,
  trials BLOB);

CREATE TABLE samples_met(
  campaign INTEGER NOT NULL REFERENCES campaigns, sample INTEGER NOT NULL,
  PRIMARY KEY(campaign, sample)) WITHOUT ROWID;

CREATE TABLE trial_counts(
  campaign INTEGER NOT NULL REFERENCES campaigns, class INTEGER NOT NULL, trials INTEGER NOT NULL,
  depth INTEGER GENERATED ALWAYS AS (nullif(class >> 11 & 4194303, 0) - 1) VIRTUAL,{0},
  PRIMARY KEY(campaign, class)) WITHOUT ROWID;

CREATE TABLE open_faults(
  campaign INTEGER NOT NULL REFERENCES campaigns, fault INTEGER NOT NULL, class INTEGER NOT NULL,
  trials INTEGER NOT NULL,{0},
  PRIMARY KEY(campaign, fault, class)) WITHOUT ROWID;

CREATE TABLE fault_cells(
  campaign INTEGER NOT NULL REFERENCES campaigns, struck INTEGER NOT NULL,
  faults INTEGER NOT NULL, activated_faults INTEGER NOT NULL, trials INTEGER NOT NULL,
  activated INTEGER NOT NULL, nn INTEGER NOT NULL, an INTEGER NOT NULL, aa INTEGER NOT NULL,
  labelled INTEGER NOT NULL, golden_right INTEGER NOT NULL, faulty_right INTEGER NOT NULL,
  site INTEGER GENERATED ALWAYS AS (struck >> 7) VIRTUAL,
  bit INTEGER GENERATED ALWAYS AS (struck & 127) VIRTUAL,
  PRIMARY KEY(campaign, struck)) WITHOUT ROWID;

CREATE TABLE fault_sums(
  campaign INTEGER NOT NULL REFERENCES campaigns, struck INTEGER NOT NULL,
  metric INTEGER NOT NULL, domain INTEGER NOT NULL,
  y INTEGER NOT NULL, yy INTEGER NOT NULL, yn INTEGER NOT NULL, yd INTEGER NOT NULL,
  PRIMARY KEY(campaign, struck, metric, domain)) WITHOUT ROWID;

CREATE VIEW count_view AS
SELECT n.campaign, k.label AS campaign_label,
  coalesce(s.name, CASE n.site WHEN 4194303 THEN 'several' ELSE 'none' END) AS site,
  coalesce(s.op, CASE n.site WHEN 4194303 THEN 'several' ELSE 'none' END) AS op,
  CASE WHEN n.bit < 64 THEN n.bit WHEN n.bit = 64 THEN 'word' WHEN n.bit = 66 THEN 'none'
    ELSE 'several' END AS bit,
  o.name AS outcome, n.depth, n.activated, n.sdc_1, n.sdc_5, n.sdc_10, n.sdc_20, n.labelled,
  n.golden_right, n.faulty_right, n.trials
FROM trial_counts AS n
JOIN campaigns AS k ON k.id = n.campaign
JOIN outcomes AS o ON o.code = n.outcome
LEFT JOIN sites AS s ON s.campaign = n.campaign AND s.site = n.site;
)sql";

}  // namespace

std::string aggregate_tables() { return fmt::format(fmt::runtime(tables), class_columns); }

}  // namespace softbeam::record
