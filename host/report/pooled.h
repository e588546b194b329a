// Private: one rate with its interval, from the cells of the sites that it pools.
// Used by report.cpp for the whole campaign and for every group.
#pragma once

#include <string>
#include <vector>

#include "host/record/moments.h"
#include "host/report/report.h"

namespace softbeam::report {

using record::Moments;

// The trials of one site, and the site's share of the frame's elements.
struct Stratum {
  double weight = 0.0;
  const Moments* cell = nullptr;
};

// The trials that a rate is taken over.
struct Pool {
  Moments total;
  bool clustered = false;       // one fault meets several samples
  std::vector<Stratum> strata;  // sites to be re-weighted to elements; empty: not needed
  std::string absent;           // why a re-weighted rate cannot be given; "" if it can
};

// "weighted by the elements of 3 sites, not by their trials"
std::string weights_text(const Pool& pool);

// `domain` 0: over all trials; 1: over activated ones.
Rate pooled_rate(const Pool& pool, std::size_t metric, int domain, Interval kind,
                 double confidence);

}  // namespace softbeam::report
