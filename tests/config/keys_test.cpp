#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "host/config/schema.h"

namespace softbeam::config {
namespace {

struct Row {
  std::string form;
  std::string fallback;
  std::string meaning;
};

// The cells of "| a | b \| c |", without the marks of code.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::string cell;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      cell += line[++i];
    } else if (line[i] == '|') {
      const std::size_t first = cell.find_first_not_of(' ');
      const std::size_t last = cell.find_last_not_of(' ');
      cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
      cell.clear();
    } else if (line[i] != '`') {
      cell += line[i];
    }
  }
  return cells;
}

// The tables of configs/README.md by key; a key's section is the heading above it.
std::map<std::string, Row> documented_keys() {
  std::ifstream in(std::string(SB_SOURCE_DIR) + "/configs/README.md");
  EXPECT_TRUE(in) << "configs/README.md is missing";
  std::map<std::string, Row> rows;
  bool in_table = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("| key | form |")) {
      in_table = true;
    } else if (!line.starts_with('|')) {
      in_table = false;
    } else if (in_table && !line.starts_with("|--")) {
      const std::vector<std::string> cells = cells_of(line);
      if (cells.size() != 4) {
        ADD_FAILURE() << "not four cells: " << line;
        continue;
      }
      EXPECT_TRUE(rows.emplace(cells[0], Row{cells[1], cells[2], cells[3]}).second)
          << "documented twice: " << cells[0];
    }
  }
  return rows;
}

std::string without_code_marks(std::string text) {
  std::erase(text, '`');
  return text;
}

TEST(Keys, HaveUniqueNamesOfSectionAndKey) {
  std::set<std::string> names;
  for (const Key& key : keys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_EQ(std::count(key.name.begin(), key.name.end(), '.'), 1) << key.name;
  }
}

TEST(Keys, OfASectionStandTogether) {
  std::set<std::string> closed;
  std::string open;
  for (const Key& key : keys()) {
    const std::string section = key.name.substr(0, key.name.find('.'));
    if (section == open) continue;
    EXPECT_TRUE(closed.insert(section).second) << key.name;
    open = section;
  }
}

TEST(Keys, AreComplete) {
  for (const Key& key : keys()) {
    EXPECT_FALSE(key.form.empty()) << key.name;
    EXPECT_FALSE(key.help.empty()) << key.name;
    EXPECT_EQ(key.help.find('\n'), std::string::npos) << key.name;
    EXPECT_TRUE(key.read) << key.name;
    EXPECT_TRUE(key.write) << key.name;
  }
}

TEST(Keys, AreDocumentedAsTheyAre) {
  const std::map<std::string, Row> rows = documented_keys();
  for (const Key& key : keys()) {
    const auto row = rows.find(key.name);
    if (row == rows.end()) {
      ADD_FAILURE() << key.name << " is not documented in configs/README.md";
      continue;
    }
    EXPECT_EQ(row->second.form, key.form) << key.name;
    EXPECT_EQ(row->second.fallback,
              key.fallback.empty() ? "required" : without_code_marks(key.fallback))
        << key.name;
    EXPECT_FALSE(row->second.meaning.empty()) << key.name;
  }
  EXPECT_EQ(rows.size(), keys().size()) << "configs/README.md documents a key that is not there";
}

TEST(Keys, ThatAreNotBuiltAreDocumentedToo) {
  std::ifstream in(std::string(SB_SOURCE_DIR) + "/configs/README.md");
  std::stringstream text;
  text << in.rdbuf();
  for (const Unbuilt& unbuilt : unbuilt_keys()) {
    const std::size_t mark = unbuilt.name.find_first_of("=>");
    const std::string shown = mark == std::string::npos || unbuilt.name[mark] == '>'
                                  ? unbuilt.name.substr(0, mark)
                                  : unbuilt.name.substr(mark + 1);
    EXPECT_NE(text.str().find("`" + shown + "`"), std::string::npos) << unbuilt.name;
  }
}

TEST(Keys, KeepTheirDefaultsInOneForm) {
  // Where the default is a value and not a word for its absence, reading it changes nothing.
  for (const Key& key : keys()) {
    const YAML::Node written = key.write(CampaignConfig{});
    if (!written.IsDefined() || written.IsNull() || key.fallback.empty()) continue;
    EXPECT_EQ(written.as<std::string>(), key.fallback) << key.name;
  }
}

}  // namespace
}  // namespace softbeam::config
