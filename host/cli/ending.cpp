#include "host/cli/ending.h"

#include <fmt/format.h>

#include <cstdio>

namespace softbeam::cli {

int say_how_it_ended(const campaign::CampaignResult& result) {
  constexpr int stopped_by_signal = 130;
  switch (result.ending) {
    case campaign::Ending::complete:
      return 0;
    case campaign::Ending::out_of_time:
      fmt::print(stderr,
                 "softbeam: run.max_time is over: {} of {} trials are in the store; the same "
                 "command goes on\n",
                 result.stored, result.planned);
      return 0;
    case campaign::Ending::stopped:
      fmt::print(stderr,
                 "softbeam: stopped: {} of {} trials are in the store; the same command goes on\n",
                 result.stored, result.planned);
      return stopped_by_signal;
  }
  return 0;
}

}  // namespace softbeam::cli
