#include "host/model/torchscript/location.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <string_view>

namespace softbeam::model::torchscript {

namespace {

using torch::jit::SourceRange;

bool is_users(std::string_view file) {
  if (file.empty() || file.front() == '<' || file.starts_with("code/__torch__")) {
    return false;
  }
  constexpr std::string_view own[] = {"-packages/torch/", "/torch/nn/", "/torch/jit/", "/torch/_"};
  return std::none_of(std::begin(own), std::end(own), [&](std::string_view part) {
    return file.find(part) != std::string_view::npos;
  });
}

std::string shorten(std::string_view file, std::string_view line) {
  return std::string(file.substr(file.find_last_of("/\\") + 1)) + ":" + std::string(line);
}

// A trace keeps the Python call stack as the text of its source, the innermost frame first:
// "/home/ada/model.py(41): forward".
std::optional<std::string> from_stack(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto close = line.find("): ");
    const auto open = close == std::string::npos ? close : line.rfind('(', close);
    if (open == std::string::npos) {
      continue;
    }
    const std::string_view number = std::string_view(line).substr(open + 1, close - open - 1);
    const bool is_number =
        !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
    if (is_number && is_users(std::string_view(line).substr(0, open))) {
      return shorten(std::string_view(line).substr(0, open), number);
    }
  }
  return std::nullopt;
}

std::optional<std::string> place(const SourceRange& range) {
  if (!range.source()) {
    return std::nullopt;
  }
  const SourceRange original = range.findSourceRangeThatGenerated().value_or(range);
  if (!original.source()) {
    return std::nullopt;
  }
  if (const auto at = original.file_line_col(); at && is_users(std::get<0>(*at))) {
    return shorten(std::get<0>(*at), std::to_string(std::get<1>(*at)));
  }
  return from_stack(original.text().str());
}

}  // namespace

std::string source_location(const SourceRange& range, const std::vector<SourceRange>& callers) {
  if (auto found = place(range)) {
    return *found;
  }
  for (std::size_t i = callers.size(); i-- > 0;) {
    if (auto found = place(callers[i])) {
      return *found;
    }
  }
  return "";
}

}  // namespace softbeam::model::torchscript
