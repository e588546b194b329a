#include <fmt/format.h>

#include <bit>
#include <nlohmann/json.hpp>
#include <ostream>
#include <vector>

#include "host/plan/plan_file.h"

namespace softbeam::plan {
namespace {

using injectors::Corruption;

bool is_bit_level(injectors::Operation operation) {
  using injectors::Operation;
  return operation == Operation::bit_flip || operation == Operation::stuck_at_0 ||
         operation == Operation::stuck_at_1;
}

std::vector<int> listed_bits(const Corruption& corruption, injectors::DType dtype) {
  std::vector<int> bits;
  if (is_bit_level(corruption.operation)) {
    for (std::uint64_t mask = injectors::touched_bits(corruption.masks, dtype); mask != 0;
         mask &= mask - 1) {
      bits.push_back(std::countr_zero(mask));
    }
  }
  return bits;
}

std::string hexadecimal(std::uint64_t mask, injectors::DType dtype) {
  return fmt::format("0x{:0{}x}", mask, injectors::bytes(dtype) * 2);
}

// Object by object, so that a plan of millions of trials needs no memory.
class Writer {
 public:
  Writer(std::span<const execute::Site> sites, FileFormat format, std::ostream& out)
      : sites_(sites), format_(format), out_(out) {
    out_ << (format_ == FileFormat::json
                 ? "["
                 : "trial,fault,sample,site,element,operation,bits,flip,keep\n");
  }

  void write(const Trial& trial, const std::vector<Corruption>& corruptions) {
    if (format_ == FileFormat::json) {
      write_json(trial, corruptions);
    } else {
      write_csv(trial, corruptions);
    }
  }

  void finish() { out_ << (format_ == FileFormat::json ? "\n]\n" : ""); }

 private:
  void write_json(const Trial& trial, const std::vector<Corruption>& corruptions) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Corruption& c : corruptions) {
      const execute::Site& site = sites_[c.site.value];
      list.push_back({{"site", site.name},
                      {"element", c.element},
                      {"operation", injectors::name(c.operation)},
                      {"bits", listed_bits(c, site.dtype)},
                      {"flip", hexadecimal(c.masks.flip, site.dtype)},
                      {"keep", hexadecimal(c.masks.keep, site.dtype)}});
    }
    const nlohmann::ordered_json object{{"trial", trial.id.value},
                                        {"fault", trial.fault.value},
                                        {"sample", trial.sample.value},
                                        {"corruptions", list}};
    out_ << (first_ ? "\n" : ",\n") << object.dump();
    first_ = false;
  }

  void write_csv(const Trial& trial, const std::vector<Corruption>& corruptions) {
    const std::string head =
        fmt::format("{},{},{}", trial.id.value, trial.fault.value, trial.sample.value);
    if (corruptions.empty()) {
      out_ << head << ",,,,,,\n";
    }
    for (const Corruption& c : corruptions) {
      const execute::Site& site = sites_[c.site.value];
      std::string bits;
      for (const int bit : listed_bits(c, site.dtype)) {
        bits += fmt::format("{}{}", bits.empty() ? "" : " ", bit);
      }
      out_ << fmt::format("{},{},{},{},{},{},{}\n", head, site.name, c.element,
                          injectors::name(c.operation), bits, hexadecimal(c.masks.flip, site.dtype),
                          hexadecimal(c.masks.keep, site.dtype));
    }
  }

  std::span<const execute::Site> sites_;
  FileFormat format_;
  std::ostream& out_;
  bool first_ = true;
};

}  // namespace

void write_plan(const FaultPlan& plan, std::span<const execute::Site> sites, std::uint64_t first,
                std::uint64_t last, FileFormat format, std::ostream& out) {
  Writer writer(sites, format, out);
  constexpr std::uint64_t block = 4096;
  for (std::uint64_t begin = first; begin < last; begin += block) {
    std::vector<Trial> trials;
    plan.trials(begin, std::min(last, begin + block), trials);
    for (const Trial& trial : trials) {
      std::vector<Corruption> corruptions;
      plan.fault(trial.fault, corruptions);
      writer.write(trial, corruptions);
    }
  }
  writer.finish();
}

}  // namespace softbeam::plan
