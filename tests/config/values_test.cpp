#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/config/campaign_file.h"

namespace softbeam::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Values = CampaignFile;

TEST_F(Values, CountsArePlainDigits) {
  for (const char* text : {"1e4", "10_000", "'10,000'", "10000.0"}) {
    EXPECT_THAT(refuse(fmt::format("campaign:\n  trials: {}\n", text)),
                AllOf(HasSubstr("campaign.yaml:4: campaign.trials"), HasSubstr("plain digits"),
                      HasSubstr("write 10000")))
        << text;
  }
  for (const char* text : {"3.5", "many", "0x10", "' 5'", "5 000 x", "+5", "''", "true"}) {
    EXPECT_THAT(refuse(fmt::format("campaign:\n  trials: {}\n", text)), HasSubstr("plain digits"))
        << text;
  }
}

TEST_F(Values, CountsStayInRange) {
  EXPECT_THAT(refuse("campaign: {trials: -5}\n"),
              AllOf(HasSubstr("'-5'"), HasSubstr("at least 1")));
  EXPECT_THAT(refuse("campaign: {trials: 0}\n"), AllOf(HasSubstr("'0'"), HasSubstr("at least 1")));
  EXPECT_THAT(refuse("campaign: {trials: 18446744073709551616}\n"),
              AllOf(HasSubstr("too large"), HasSubstr("18446744073709551615")));
  EXPECT_THAT(refuse("campaign: {trials: 0100}\n"), HasSubstr("write 100"));
  EXPECT_THAT(refuse("campaign: {trials: 000}\n"), HasSubstr("write 0"));
  EXPECT_THAT(refuse("run: {threads: 5000}\n"), HasSubstr("at most 4096"));
  EXPECT_THAT(refuse("run: {batch: -1}\n"), HasSubstr("at least 0"));
  EXPECT_EQ(load_with("campaign: {seed: 18446744073709551615}\n").campaign.seed, ~std::uint64_t{0});
  EXPECT_EQ(load_with("campaign: {trials: '7'}\n").campaign.trials, 7U);
}

TEST_F(Values, ARecordIsOfTrialsOrAggregate) {
  EXPECT_EQ(load_with("campaign: {trials: 7}\n").campaign.record, Record::trials);
  const CampaignConfig config = load_with("campaign: {record: aggregate, keep: 0}\n");
  EXPECT_EQ(config.campaign.record, Record::aggregate);
  EXPECT_EQ(config.campaign.keep, 0U);
  EXPECT_EQ(load_with("campaign: {record: aggregate}\n").campaign.keep, 10000U);
  EXPECT_THAT(refuse("campaign:\n  record: counts\n"),
              AllOf(HasSubstr("campaign.yaml:4: campaign.record"), HasSubstr("'counts'"),
                    HasSubstr("trials, aggregate")));
  EXPECT_THAT(refuse("campaign:\n  record: aggregate\n  keep: 1099511627777\n"),
              AllOf(HasSubstr("campaign.keep"), HasSubstr("at most 1099511627776")));
}

TEST_F(Values, KeptRowsNeedAnAggregate) {
  EXPECT_THAT(refuse("campaign:\n  keep: 5\n"), AllOf(HasSubstr("campaign.yaml:4: campaign.keep"),
                                                      HasSubstr("campaign.record is 'trials'"),
                                                      HasSubstr("use `record: aggregate`")));
}

TEST_F(Values, NumbersAreFinite) {
  for (const char* text : {".nan", ".inf", "inf", "nan", "1e999", "one", "'1,5'", "1.5x", "''"}) {
    EXPECT_THAT(refuse(fmt::format("faults: {{what: set, value: {}}}\n", text)),
                AllOf(HasSubstr("campaign.yaml:3: faults.value"), HasSubstr("finite")))
        << text;
  }
  EXPECT_EQ(load_with("faults: {what: set, value: +1e-3}\n").faults.value, 1e-3);
}

TEST_F(Values, ConfidenceKeepsADistanceFromOne) {
  EXPECT_THAT(refuse("campaign: {confidence: 0.9999999999999}\n"), HasSubstr("too close to 1"));
  EXPECT_EQ(load_with("campaign: {confidence: 0.999999999}\n").campaign.confidence, 0.999999999);
}

TEST_F(Values, ConfidenceIsBelowOne) {
  EXPECT_THAT(refuse("campaign: {confidence: 95}\n"),
              AllOf(HasSubstr("campaign.confidence"), HasSubstr("write 0.95")));
  for (const char* text : {"0", "1", "-0.5", "200"}) {
    EXPECT_THAT(refuse(fmt::format("campaign: {{confidence: {}}}\n", text)),
                HasSubstr("between 0 and 1"));
  }
}

TEST_F(Values, TimesHaveOneUnit) {
  const std::vector<std::pair<std::string, double>> times = {
      {"90", 90}, {"90s", 90}, {"10m", 600}, {"2h", 7200}, {"1.5h", 5400}, {"0.5", 0.5}};
  for (const auto& [text, seconds] : times) {
    EXPECT_EQ(load_with("run: {max_time: " + text + "}\n").run.max_time_s, seconds) << text;
  }
  for (const char* text : {"10min", "1h30m", "h", "ten", "10 m", "''", "10d"}) {
    EXPECT_THAT(refuse(fmt::format("run: {{max_time: {}}}\n", text)),
                AllOf(HasSubstr("campaign.yaml:3: run.max_time"), HasSubstr("10m")))
        << text;
  }
  for (const char* text : {"0", "-5s", "1e300h"}) {
    EXPECT_THAT(refuse(fmt::format("run: {{max_time: {}}}\n", text)), HasSubstr("out of range"));
  }
}

TEST_F(Values, AmountsOfMemoryHaveOneUnit) {
  const std::vector<std::pair<std::string, std::uint64_t>> amounts = {
      {"auto", 0},
      {"4GiB", std::uint64_t{4} << 30U},
      {"1.5 GiB", std::uint64_t{3} << 29U},
      {"512MiB", std::uint64_t{512} << 20U},
      {"2048KiB", std::uint64_t{2} << 20U},
      {"1TiB", std::uint64_t{1} << 40U},
      {"2TB", 2'000'000'000'000},
      {"4GB", 4'000'000'000},
      {"300MB", 300'000'000},
      {"9000KB", 9'000'000},
      {"2000000B", 2'000'000},
      {"4294967296", std::uint64_t{4} << 30U}};
  for (const auto& [text, bytes] : amounts) {
    EXPECT_EQ(load_with("run: {memory: " + text + "}\n").run.memory, bytes) << text;
  }
  for (const char* text :
       {"4G", "4gib", "GiB", "lots", "4 GiB 2", "4GiBB", "''", "0x10", "4GiB/s"}) {
    EXPECT_THAT(refuse(fmt::format("run: {{memory: {}}}\n", text)),
                AllOf(HasSubstr("campaign.yaml:3: run.memory"), HasSubstr("at most one unit"),
                      HasSubstr("4GiB, 512MiB, 64KiB, 2TiB, 4GB, 512MB, 64KB, 2TB"),
                      HasSubstr("4294967296")))
        << text;
  }
  EXPECT_THAT(refuse("run: {memory: 4}\n"),
              AllOf(HasSubstr("'4' is too small (at least 1MiB; a number without a unit is bytes)"),
                    HasSubstr("4GiB")));
  EXPECT_THAT(refuse("run: {memory: -4GiB}\n"), HasSubstr("too small"));
  EXPECT_THAT(refuse("run: {memory: 2000TiB}\n"), HasSubstr("at most 1024TiB"));
}

TEST_F(Values, AmountsOfMemoryAreWrittenInTheLargestUnitThatFits) {
  const auto dumped = [&](const std::string& text) {
    const std::string all = dump(load_with("run: {memory: " + text + "}\n"));
    const std::size_t from = all.find("memory: ") + 8;
    return all.substr(from, all.find('\n', from) - from);
  };
  EXPECT_EQ(dumped("1.5GiB"), "1536MiB");
  EXPECT_EQ(dumped("2048GiB"), "2TiB");
  EXPECT_EQ(dumped("4GB"), "3906250KiB");
  EXPECT_EQ(dumped("1000000001"), "1000000001");
}

TEST_F(Values, SharesAreFromZeroToOne) {
  for (const char* text : {"0", "0.01", "1", "1.0"}) {
    EXPECT_EQ(load_with(fmt::format("run: {{verify: {}}}\n", text)).run.verify, std::stod(text));
  }
  EXPECT_THAT(refuse("run: {verify: 2}\n"),
              AllOf(HasSubstr("from 0 to 1"), HasSubstr("write 0.02")));
  EXPECT_THAT(refuse("run: {verify: -0.1}\n"), HasSubstr("from 0 to 1"));
  EXPECT_THAT(refuse("run: {verify: all}\n"), HasSubstr("finite number"));
}

TEST_F(Values, SwitchesAreTrueOrFalse) {
  EXPECT_TRUE(load_with("run: {tf32: true}\n").run.tf32);
  EXPECT_TRUE(load_with("run: {allow_nondeterministic: true}\n").run.allow_nondeterministic);
  EXPECT_FALSE(load_with("run: {allow_nondeterministic: false}\n").run.allow_nondeterministic);
  for (const char* text : {"yes", "1", "True", "''"}) {
    EXPECT_THAT(refuse(fmt::format("run: {{allow_nondeterministic: {}}}\n", text)),
                HasSubstr("accepted: true, false"))
        << text;
  }
}

TEST_F(Values, TheModeIsTheWaveUnlessPlainIsAskedFor) {
  EXPECT_EQ(load_with("").run.mode, Mode::wave);
  EXPECT_EQ(load_with("run: {mode: wave}\n").run.mode, Mode::wave);
  EXPECT_EQ(load_with("run: {mode: plain}\n").run.mode, Mode::plain);
}

TEST_F(Values, ChoicesNameTheAcceptedSet) {
  EXPECT_THAT(
      refuse("faults:\n  where: neuron\n"),
      AllOf(HasSubstr("campaign.yaml:4: faults.where"), HasSubstr("'neuron'"),
            HasSubstr("did you mean 'neurons'?"), HasSubstr("neurons, weights, biases, inputs")));
  EXPECT_THAT(refuse("faults: {what: bit_flip}\n"),
              AllOf(HasSubstr("did you mean 'bitflip'?"), HasSubstr("stuck_at_0")));
  EXPECT_THAT(refuse("faults: {weight: uniform}\n"), HasSubstr("elements, bytes, site"));
  EXPECT_THAT(refuse_flag("model.output", "logit"),
              AllOf(HasSubstr("did you mean 'logits'?"), HasSubstr("probabilities")));
  EXPECT_THAT(refuse("run: {mode: fast}\n"), HasSubstr("accepted: wave, plain"));
  EXPECT_THAT(refuse("faults: {where: Neurons}\n"), HasSubstr("did you mean 'neurons'?"));
}

TEST_F(Values, DevicesAreSpelledExactly) {
  for (const char* text : {"gpu", "cuda1", "'cuda:'", "'cuda:x'", "'cuda:-1'", "'cuda:01'", "CPU",
                           "'cuda:1234'", "''"}) {
    EXPECT_THAT(refuse(fmt::format("run: {{device: {}}}\n", text)),
                AllOf(HasSubstr("run.device"), HasSubstr("cpu, cuda, cuda:N")))
        << text;
  }
  EXPECT_EQ(load_with("run: {device: cuda:0}\n").run.device, "cuda:0");
}

TEST_F(Values, OneValueIsNotAList) {
  for (const char* key : {"campaign: {trials", "faults: {where", "run: {device", "run: {max_time",
                          "campaign: {confidence"}) {
    const std::string text = std::string(key) + ": [1]}\n";
    EXPECT_THAT(refuse(text), AllOf(HasSubstr("campaign.yaml:3"), HasSubstr("is a list"))) << key;
  }
  EXPECT_THAT(refuse("campaign: {trials: {a: 1}}\n"), HasSubstr("a mapping"));
  EXPECT_THAT(refuse("campaign:\n  trials:\n  seed: 1\n"),
              AllOf(HasSubstr("campaign.yaml:4: campaign.trials"), HasSubstr("no value")));
}

TEST_F(Values, AListIsNotOneValue) {
  for (const char* key : {"sites", "ops", "bits"}) {
    EXPECT_THAT(refuse(fmt::format("faults:\n  {}: conv1\n", key)),
                AllOf(HasSubstr(fmt::format("campaign.yaml:4: faults.{}", key)),
                      HasSubstr("not a list"), HasSubstr("[conv1]")));
    EXPECT_THAT(refuse(fmt::format("faults: {{{}: []}}\n", key)), HasSubstr("list is empty"));
    EXPECT_THAT(refuse(fmt::format("faults: {{{}: }}\n", key)), HasSubstr("no value"));
    EXPECT_THAT(refuse(fmt::format("faults: {{{}: [[a]]}}\n", key)), HasSubstr("plain values"));
    EXPECT_THAT(refuse(fmt::format("faults: {{{}: [a, ~]}}\n", key)), HasSubstr("plain values"));
    EXPECT_THAT(refuse(fmt::format("faults: {{{}: ['']}}\n", key)), HasSubstr("empty item"));
    EXPECT_THAT(refuse(fmt::format("faults: {{{}: {{a: 1}}}}\n", key)), HasSubstr("not a list"));
  }
}

TEST_F(Values, BitsAreIndicesRangesAndFields) {
  using injectors::BitRange;
  using injectors::BitSelector;
  using injectors::Field;
  const auto bits = load_with("faults: {bits: [0-31, 63, 5-5, exponent, mantissa]}\n").faults.bits;
  const std::vector<BitSelector> expected = {BitRange{0, 32}, BitRange{63, 64}, BitRange{5, 6},
                                             Field::exponent, Field::mantissa};
  EXPECT_EQ(bits, expected);
}

TEST_F(Values, RandomBitsAreAllBits) {
  EXPECT_TRUE(load_with("faults: {bits: random}\n").faults.bits.empty());
  EXPECT_TRUE(load_with("faults: {bits: [random]}\n").faults.bits.empty());
  EXPECT_THAT(refuse("faults: {bits: [3, random]}\n"), HasSubstr("alone"));
}

TEST_F(Values, BitsThatNameNothingAreRefused) {
  const auto message = [&](const std::string& item) {
    std::string text = refuse("faults:\n  bits: [0, '" + item + "']\n");
    EXPECT_THAT(text, HasSubstr("campaign.yaml:4: faults.bits"));
    return text;
  };
  EXPECT_THAT(message("9-3"), AllOf(HasSubstr("'9-3'"), HasSubstr("write 3-9")));
  EXPECT_THAT(message("64"), AllOf(HasSubstr("bit 64"), HasSubstr("bits 0-63")));
  EXPECT_THAT(message("0-64"), HasSubstr("bit 64"));
  EXPECT_THAT(message("0-99999999999"), HasSubstr("bits 0-63"));
  EXPECT_THAT(message("99999999999999999999"), HasSubstr("bits 0-63"));
  EXPECT_THAT(message("exponnet"), HasSubstr("did you mean 'exponent'?"));
  for (const char* text : {"-1", "1.5", "0..7", "0-", "-", "0-7-9", "0x3", "all", " 3"}) {
    EXPECT_THAT(message(text), AllOf(HasSubstr("names no bits"), HasSubstr("0-31"))) << text;
  }
}

TEST_F(Values, MessagesSayTheProblemOnce) {
  EXPECT_THAT(refuse("campaign: {trials: x}\n"), Not(HasSubstr("\n")));
}

}  // namespace
}  // namespace softbeam::config
