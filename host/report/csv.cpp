// One line per trial; docs/store.md documents the columns.
#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <iterator>
#include <map>
#include <ostream>

#include "host/base/error.h"
#include "host/report/report.h"
#include "injectors/fault_model.h"

namespace softbeam::report {
namespace {

constexpr const char* header =
    "trial,fault,sample,site,element,bits,activated,outcome,depth,operation,keep,flip,label,"
    "golden_top1,golden_confidence,golden_correct,top1,sdc_1,sdc_5,sdc_10,sdc_20,max_abs,max_rel\n";
constexpr std::size_t block_bytes = 1 << 16;

using Line = std::back_insert_iterator<std::string>;
using Corruptions = std::span<const record::CorruptionRow>;

// Quoted where RFC 4180 asks for it.
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + "\"";
}

template <class T>
void put(std::string& line, const std::optional<T>& value) {
  line += ',';
  if (!value) return;
  if constexpr (std::is_same_v<T, bool>) {
    line += *value ? '1' : '0';
  } else {
    fmt::format_to(Line(line), "{}", *value);
  }
}

std::optional<double> unless_nan(double value) {
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

// "30", several as "22+30"; "word" for an operation on the whole word.
std::string bits_text(const injectors::Corruption& corruption, injectors::DType dtype) {
  if (corruption.operation >= injectors::Operation::zero) return "word";
  std::string text;
  for (std::uint64_t bits = touched_bits(corruption.masks, dtype); bits != 0; bits &= bits - 1) {
    fmt::format_to(Line(text), "{}{}", text.empty() ? "" : "+", std::countr_zero(bits));
  }
  return text;
}

class Writer {
 public:
  Writer(const record::Store& store, const record::CampaignRow& campaign, std::ostream& out)
      : out_(out), buffer_(header) {
    for (const record::FrameSite& entry : campaign.sites) {
      sites_[entry.site.id.value] = &entry.site;
    }
    for (const record::GoldenRow& row : store.golden(campaign.id)) golden_[row.sample.value] = row;
  }

  void add(const record::TrialRow& row, Corruptions corruptions) {
    fmt::format_to(Line(buffer_), "{},{},{}", row.trial.value, row.fault.value, row.sample.value);
    put_each(corruptions, [&](const auto& each) { return site(each).name; });
    put_each(corruptions, [](const auto& each) { return std::to_string(each.element); });
    put_each(corruptions, [&](const auto& each) { return bits_text(each, site(each).dtype); });
    put(buffer_, std::optional(row.activated));
    put(buffer_, std::optional(name(row.verdict.outcome)));
    put(buffer_, row.depth);
    put_each(corruptions, [](const auto& each) { return std::string(name(each.operation)); });
    put_each(corruptions, [](const auto& each) { return fmt::format("{:#x}", each.masks.keep); });
    put_each(corruptions, [](const auto& each) { return fmt::format("{:#x}", each.masks.flip); });
    put_answers(row);
    buffer_ += '\n';
    if (buffer_.size() >= block_bytes) flush();
  }

  void flush() {
    out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    out_.flush();
    buffer_.clear();
    if (!out_) throw RunError("cannot write the CSV (the output is full or closed)");
  }

 private:
  const execute::Site& site(const injectors::Corruption& corruption) const {
    const auto found = sites_.find(corruption.site.value);
    if (found == sites_.end()) {
      throw RunError(fmt::format("the store is damaged (site {} is not in the campaign's frame)",
                                 corruption.site.value));
    }
    return *found->second;
  }

  // The corruptions of a fault share a field, with semicolons between them.
  template <class Text>
  void put_each(Corruptions corruptions, const Text& text) {
    buffer_ += ',';
    if (corruptions.size() == 1) {
      buffer_ += quoted(text(corruptions.front().corruption));
      return;
    }
    std::string all;
    for (const record::CorruptionRow& row : corruptions) {
      if (&row != &corruptions.front()) all += ';';
      all += text(row.corruption);
    }
    buffer_ += quoted(all);
  }

  void put_answers(const record::TrialRow& row) {
    const auto found = golden_.find(row.sample.value);
    const record::GoldenRow golden = found == golden_.end() ? record::GoldenRow{} : found->second;
    put(buffer_, golden.label);
    put(buffer_, golden.top1);
    put(buffer_, golden.confidence);
    put(buffer_,
        golden.label && golden.top1 ? std::optional(*golden.label == *golden.top1) : std::nullopt);
    put(buffer_, row.verdict.top1);
    put(buffer_, row.verdict.sdc_1);
    put(buffer_, row.verdict.sdc_5);
    put(buffer_, row.verdict.sdc_10);
    put(buffer_, row.verdict.sdc_20);
    put(buffer_, unless_nan(row.verdict.max_abs));
    put(buffer_, unless_nan(row.verdict.max_rel));
  }

  std::ostream& out_;
  std::string buffer_;
  std::map<std::uint32_t, const execute::Site*> sites_;
  std::map<std::uint32_t, record::GoldenRow> golden_;
};

}  // namespace

void export_csv(const record::Store& store, std::int64_t campaign, std::ostream& out) {
  for (const record::CampaignRow& row : store.campaigns()) {
    if (row.id != campaign) continue;
    Writer writer(store, row, out);
    store.for_each(campaign, [&](const record::TrialRow& trial, Corruptions corruptions) {
      writer.add(trial, corruptions);
    });
    writer.flush();
    return;
  }
  throw RunError(fmt::format("the store has no campaign {}", campaign));
}

}  // namespace softbeam::report
