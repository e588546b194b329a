// Private: a table of texts, printed with aligned columns.
// Used by text.cpp.
#pragma once

#include <string>
#include <vector>

namespace softbeam::report {

class Table {
 public:
  // The first `left` columns are aligned to the left, the others to the right.
  Table(std::vector<std::string> head, std::size_t left);
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // Two spaces in front and between columns, a newline behind each row.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the first is the head
  std::size_t left_;
};

}  // namespace softbeam::report
