#!/usr/bin/env bash
# clang-tidy over every C++ file, through the preset tidy; each finding is an error.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
command -v clang-tidy >/dev/null || fail "clang-tidy was not found: apt-get install clang-tidy"
setup_packages
setup_python
step "clang-tidy"
configure tidy
cmake --build --preset tidy --parallel "$(build_jobs)" -- -k 0
step_done
