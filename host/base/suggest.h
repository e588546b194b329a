// Nearest-name suggestions and glob matching, for error messages and site selection.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace softbeam {

// The candidate with the smallest edit distance (a transposition counts one, letter case nothing),
// if that is small enough to be a likely typing error; otherwise empty. Ties: the first.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

// " (did you mean 'faults.bits'?)", or "" where nothing is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

// Shell-like match of the whole text: '*' any characters except ':', '?' one such character,
// everything else itself.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace softbeam
