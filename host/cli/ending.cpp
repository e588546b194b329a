#include "host/cli/ending.h"

#include <fmt/format.h>

#include "host/cli/streams.h"

namespace softbeam::cli {

int say_how_it_ended(const campaign::CampaignResult& result) {
  constexpr int stopped_by_signal = 130;
  switch (result.ending) {
    case campaign::Ending::complete:
      return 0;
    case campaign::Ending::out_of_time:
      say(
          fmt::format("run.max_time is over: {} of {} trials are in the store; the same "
                      "command goes on",
                      result.stored, result.planned));
      return 0;
    case campaign::Ending::stopped:
      say(fmt::format("stopped: {} of {} trials are in the store; the same command goes on",
                      result.stored, result.planned));
      return stopped_by_signal;
  }
  return 0;
}

}  // namespace softbeam::cli
