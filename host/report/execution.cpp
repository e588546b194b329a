#include "host/report/execution.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "host/report/table.h"

namespace softbeam::report {
namespace {

// Keys as words, "switched_off" -> "switched off".
std::string words(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return key;
}

}  // namespace

std::string execution_text(const record::Notes& notes) {
  if (notes.empty()) return "";
  constexpr std::size_t most_of_one_key = 8;
  Table table({"How it was run", ""}, 2);
  std::map<std::string, std::size_t> seen;
  for (const auto& [key, value] : notes) {
    const std::size_t nth = ++seen[key];
    if (nth <= most_of_one_key) table.add({nth == 1 ? words(key) : "", value});
  }
  for (const auto& [key, count] : seen) {
    if (count > most_of_one_key) {
      table.add({"", fmt::format("and {} more {} (--json lists them)", count - most_of_one_key,
                                 words(key))});
    }
  }
  return fmt::format("\n{}", table.text());
}

std::string execution_line(const record::Notes& notes) {
  std::map<std::string, std::size_t> seen;
  for (const auto& [key, value] : notes) ++seen[key];
  std::string text;
  for (const auto& [key, value] : notes) {
    const std::size_t count = std::exchange(seen[key], 0);
    if (count == 0) continue;
    text += text.empty() ? "Run: " : "; ";
    text += count == 1 ? fmt::format("{} {}", words(key), value)
                       : fmt::format("{} {}", count, words(key));
  }
  if (!text.empty()) text += '.';
  return text;
}

}  // namespace softbeam::report
