#include "host/model/exported/origin.h"

#include <algorithm>
#include <array>

namespace softbeam::model::exported {
namespace {

constexpr std::string_view frame_start = "File \"";
constexpr std::string_view line_start = "\", line ";

// Folders of frames that say nothing about the user's model. Trailing slashes keep torchvision.
constexpr std::array<std::string_view, 4> own_folders = {
    "site-packages/torch/", "dist-packages/torch/", "site-packages\\torch\\",
    "dist-packages\\torch\\"};

bool inside_torch(std::string_view file) {
  if (file.starts_with('<')) {  // code that torch made, such as "<eval_with_key>.3"
    return true;
  }
  for (const std::string_view folder : own_folders) {
    if (file.find(folder) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

std::string shorten(std::string_view file, std::string_view line) {
  file.remove_prefix(file.find_last_of("/\\") + 1);  // npos + 1 is 0
  return std::string(file) + ":" + std::string(line);
}

}  // namespace

std::vector<ModuleCall> module_calls(std::string_view nn_module_stack) {
  std::vector<ModuleCall> calls;
  while (!nn_module_stack.empty()) {
    const std::string_view entry = nn_module_stack.substr(0, nn_module_stack.find(';'));
    nn_module_stack.remove_prefix(std::min(entry.size() + 1, nn_module_stack.size()));
    const std::size_t first = entry.find(',');
    if (first == std::string_view::npos) {
      continue;
    }
    const std::string_view key = entry.substr(0, first);
    const std::string_view rest = entry.substr(first + 1);
    if (key.starts_with("_empty_nn_module_stack")) {  // stands for "unknown"
      continue;
    }
    calls.push_back({std::string(key), std::string(rest.substr(0, rest.find(',')))});
  }
  return calls;
}

std::string source_line(std::string_view stack_trace) {
  std::string last;
  std::string users;
  std::size_t at = 0;
  while ((at = stack_trace.find(frame_start, at)) != std::string_view::npos) {
    at += frame_start.size();
    const std::size_t end = stack_trace.find(line_start, at);
    if (end == std::string_view::npos) {
      break;
    }
    const std::string_view file = stack_trace.substr(at, end - at);
    const std::size_t number = end + line_start.size();
    const std::size_t number_end = stack_trace.find_first_not_of("0123456789", number);
    last = shorten(file, stack_trace.substr(number, number_end - number));
    if (!inside_torch(file)) {
      users = last;
    }
    at = number;
  }
  return users.empty() ? last : users;
}

}  // namespace softbeam::model::exported
