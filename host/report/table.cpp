#include "host/report/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace softbeam::report {

Table::Table(std::vector<std::string> head, std::size_t left)
    : rows_{std::move(head)}, left_(left) {}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string all;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i < left_ ? fmt::format("  {:<{}}", row[i], widths[i])
                        : fmt::format("  {:>{}}", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    all += line + "\n";
  }
  return all;
}

}  // namespace softbeam::report
