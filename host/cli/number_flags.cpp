#include "host/cli/number_flags.h"

#include <fmt/format.h>

#include <sstream>

#include "host/base/error.h"
#include "host/config/values.h"

namespace softbeam::cli {
namespace {

// The 16 samples that `inspect` makes up then take 1 GiB.
constexpr std::uint64_t most_elements = 1U << 24U;

template <class Read>
auto with_flag(const std::string& flag, Read read) {
  try {
    return read();
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("{}: {}", flag, error.what()));
  }
}

}  // namespace

std::uint64_t read_count_flag(const std::string& flag, const std::string& text,
                              std::uint64_t least) {
  return with_flag(flag, [&] { return config::parse_count(text, least, largest_number); });
}

double read_confidence_flag(const std::string& flag, const std::string& text) {
  return with_flag(flag, [&] { return config::parse_confidence(text); });
}

std::vector<std::int64_t> read_shape_flag(const std::string& flag, const std::string& text) {
  std::vector<std::int64_t> shape;
  std::uint64_t elements = 1;
  std::istringstream sizes(text + ',');
  for (std::string size; std::getline(sizes, size, ',');) {
    const std::uint64_t count = read_count_flag(flag, size, 0);
    if (count == 0) {
      throw UsageError(
          fmt::format("{}: '{}' has a size of 0 (sizes start at 1); write the shape "
                      "of one sample, such as 1,28,28",
                      flag, text));
    }
    if (count > most_elements / elements) {
      throw UsageError(
          fmt::format("{}: a sample of '{}' is too large (at most {} elements); write "
                      "the shape of one sample, such as 1,28,28",
                      flag, text, most_elements));
    }
    elements *= count;
    shape.push_back(static_cast<std::int64_t>(count));
  }
  return shape;
}

}  // namespace softbeam::cli
