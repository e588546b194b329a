#include <random>
#include <string>
#include <vector>

#include "tests/config/campaign_file.h"

namespace softbeam::config {
namespace {

using injectors::BitRange;
using injectors::Field;
using injectors::Operation;
using testing::ElementsAre;
using testing::IsEmpty;

// Random configurations that load() could have made.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  CampaignConfig config() {
    CampaignConfig c;
    c.model.file = text();
    c.model.output = pick<OutputKind>({OutputKind::logits, OutputKind::probabilities});
    c.data.file = text();
    if (coin()) c.data.limit = count();
    c.faults.where = pick<Where>({Where::neurons, Where::weights, Where::biases, Where::inputs});
    c.faults.sites = texts();
    c.faults.ops = texts();
    c.faults.weight = pick<SiteWeight>({SiteWeight::elements, SiteWeight::bytes, SiteWeight::site});
    c.faults.what =
        pick<Operation>({Operation::bit_flip, Operation::stuck_at_0, Operation::stuck_at_1,
                         Operation::zero, Operation::set_value, Operation::random_value});
    if (c.faults.what <= Operation::stuck_at_1) c.faults.bits = bits();
    if (c.faults.what == Operation::set_value) c.faults.value = number();
    c.faults.count = count();
    if (coin()) {
      c.campaign.trials = count();
    } else {
      c.campaign.trials_per_sample = count();
    }
    if (c.faults.where == Where::weights) c.campaign.samples_per_fault = count();
    c.campaign.seed = random_();
    c.campaign.confidence = std::uniform_real_distribution<double>(0.001, 0.999)(random_);
    c.campaign.record = pick<Record>({Record::trials, Record::aggregate});
    if (c.campaign.record == Record::aggregate) {
      c.campaign.keep = coin() ? random_() % 1000 : random_() >> 24U;
    }
    c.run.device = pick<std::string>({"cpu", "cuda", "cuda:1"});
    c.run.threads = random_() % 64;
    c.run.batch = random_() % 1024;
    c.run.mode = pick<Mode>({Mode::wave, Mode::plain});
    c.run.verify = coin() ? 0.0 : std::uniform_real_distribution<double>(0, 1)(random_);
    c.run.memory = (std::uint64_t{1} << 20U) +
                   (coin() ? random_() % (std::uint64_t{1} << 49U) : (random_() % 4096) << 20U);
    if (coin()) c.run.memory = 0;
    c.run.tf32 = coin();
    c.run.allow_nondeterministic = coin();
    if (coin()) c.run.max_time_s = std::uniform_real_distribution<double>(0.1, 1e6)(random_);
    return c;
  }

 private:
  bool coin() { return random_() % 2 == 0; }
  std::uint64_t count() { return coin() ? 1 + random_() % 1000 : random_() | 1; }
  double number() { return std::normal_distribution<double>(0, coin() ? 1e-3 : 1e30)(random_); }

  template <class T>
  T pick(const std::vector<T>& choices) {
    return choices[random_() % choices.size()];
  }

  std::string text() {
    static const std::vector<std::string> pieces = {
        "conv1", "*",   ".", ":", " ",    "#", "'",  "\"", "\\", "-",        "[",   "]",
        "{",     "}",   ",", "&", "null", "~", "\n", "\t", "%",  "\xC3\xA9", "0-7", "\x01",
        "true",  "1e3", "|", ">", "@",    "`", "!",  "?",  "=",  "<<",       "---", "\r"};
    std::string out;
    for (std::size_t n = 1 + random_() % 4; n > 0; --n) out += pick(pieces);
    return out;
  }

  std::vector<std::string> texts() {
    std::vector<std::string> out;
    for (std::size_t n = random_() % 4; n > 0; --n) out.push_back(text());
    return out;
  }

  std::vector<injectors::BitSelector> bits() {
    std::vector<injectors::BitSelector> out;
    for (std::size_t n = random_() % 4; n > 0; --n) {
      const int low = static_cast<int>(random_() % 64);
      const int high = low + 1 + static_cast<int>(random_() % static_cast<unsigned>(64 - low));
      if (coin()) {
        out.emplace_back(BitRange{low, high});
      } else {
        out.emplace_back(pick<Field>({Field::sign, Field::exponent, Field::mantissa}));
      }
    }
    return out;
  }

  std::mt19937_64 random_;
};

class RoundTrip : public CampaignFile {};

TEST_F(RoundTrip, LoadReadsBackWhatDumpWrote) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    const CampaignConfig config = Generator(seed).config();
    const std::string text = dump(config);
    CampaignConfig back;
    ASSERT_NO_THROW(back = load(write(text), {})) << "seed " << seed << "\n" << text;
    ASSERT_EQ(back, config) << "seed " << seed << "\n" << text;
    ASSERT_EQ(parse(text), config) << "seed " << seed << "\n" << text;
    ASSERT_EQ(dump(back), text);
    ASSERT_THAT(differences(config, back), IsEmpty());
  }
}

TEST_F(RoundTrip, DumpShowsTheDefaults) {
  EXPECT_EQ(dump(load_with("faults: {sites: [conv1, '*.fc']}\nrun: {max_time: 10m}\n")),
            R"(model:
  file: m.pt2
  output: logits
data:
  file: d.npz
faults:
  where: neurons
  sites: [conv1, "*.fc"]
  weight: elements
  what: bitflip
  bits: random
  count: 1
campaign:
  trials: 10000
  seed: 1
  confidence: 0.95
  record: trials
run:
  device: cpu
  mode: wave
  threads: 0
  batch: 0
  verify: 0
  memory: auto
  tf32: false
  allow_nondeterministic: false
  max_time: 600
)");
}

TEST_F(RoundTrip, DifferencesNameKeyAndBothValues) {
  const auto a = load_with("faults: {bits: [0-31]}\n");
  const auto b = load_with("faults: {bits: [30]}\nrun: {max_time: 5}\n");
  EXPECT_THAT(differences(a, b),
              ElementsAre("faults.bits: [0-31] -> [30]", "run.max_time: not set -> 5"));
  EXPECT_THAT(differences(a, a), IsEmpty());
}

TEST_F(RoundTrip, DifferencesTellTheTwoWaysToCountTrials) {
  EXPECT_THAT(
      differences(load_with(""), load_with("campaign: {trials_per_sample: 3}\n")),
      ElementsAre("campaign.trials: 10000 -> not set", "campaign.trials_per_sample: not set -> 3"));
}

}  // namespace
}  // namespace softbeam::config
