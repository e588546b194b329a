// run.verify: a random share of a wave's trials once more, as full inferences.
#include <fmt/format.h>

#include <algorithm>

#include "host/base/error.h"
#include "host/campaign/wave.h"
#include "host/run/wave/same_words.h"
#include "injectors/rng.h"

namespace softbeam::campaign {

// Replays a random share of the trials as plain inferences and demands the same bits; any NaN is
// any other.
void Wave::verify(std::size_t worker, const run::Chunk& chunk,
                  const std::vector<injectors::Effect>& effects) {
  run::TrialRunner& wave = *runners_[worker];
  run::PlainRunner& plain = *subject_.runners[worker];
  std::vector<std::uint32_t> drawn;
  for (std::uint32_t t = 0; t < chunk.size(); ++t) {
    injectors::Stream stream(config_.campaign.seed, chunk.trials[t].id.value,
                             injectors::Purpose::verify);
    if (static_cast<double>(stream.next32()) < config_.run.verify * 4294967296.0) {
      drawn.push_back(t);
    }
  }
  for (std::size_t next = 0; next < drawn.size();) {
    run::Chunk part;
    part.clear();
    std::vector<std::uint32_t> members;
    const auto batch = static_cast<std::size_t>(subject_.profile.batch);
    bool parameters = false;
    while (next < drawn.size() && part.size() < batch) {
      const std::uint32_t t = drawn[next];
      const auto corruptions =
          std::span(chunk.corruptions).subspan(chunk.first[t], chunk.first[t + 1] - chunk.first[t]);
      const bool strikes = plain.strikes_parameters(corruptions);
      // A fault of parameters changes the model for every row of its pass.
      if (part.size() > 0 && (strikes || parameters) &&
          part.trials.back().fault != chunk.trials[t].fault) {
        break;
      }
      part.add(chunk.trials[t], *planned_.plan);
      members.push_back(t);
      parameters = strikes;
      ++next;
    }
    const run::ChunkResult result = plain.run(part);
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::uint32_t t = members[i];
      bool same =
          std::equal(result.effects.begin() + static_cast<std::ptrdiff_t>(part.first[i]),
                     result.effects.begin() + static_cast<std::ptrdiff_t>(part.first[i + 1]),
                     effects.begin() + static_cast<std::ptrdiff_t>(chunk.first[t]));
      for (std::size_t o = 0; same && o < result.outputs.size(); ++o) {
        const auto golden = subject_.golden->row(o, chunk.trials[t].sample.value);
        std::vector<float> own(golden.begin(), golden.end());
        const auto& list = wave.rows(o);
        const auto row = std::partition_point(list.begin(), list.end(),
                                              [&](const run::Row& r) { return r.trial < t; });
        if (row != list.end() && row->trial == t) {
          wave.output(o, t, &*row, reinterpret_cast<std::byte*>(own.data()));
        }
        const float* expected = result.outputs[o].const_data_ptr<float>() + i * own.size();
        same = run::same_words(expected, own.data(), own.size());
      }
      if (!same) {
        throw RunError(fmt::format(
            "run.verify: trial {} differs between the wave and a full inference (a shortcut is "
            "not exact on this machine; nothing of this group was recorded); run with "
            "--run.mode plain, and please report the model and the plan",
            chunk.trials[t].id.value));
      }
      ++verified_;
    }
  }
}

}  // namespace softbeam::campaign
