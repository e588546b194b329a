#!/usr/bin/env bash
# Formats every C++ and CUDA file that git knows; with --check it only says what would change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case ${1:-} in
  --check) arguments=(--dry-run -Werror) ;;
  '') arguments=(-i) ;;
  *) echo "Usage: scripts/format.sh [--check]" >&2 && exit 2 ;;
esac
command -v clang-format >/dev/null || {
  echo "clang-format was not found: apt-get install clang-format" >&2
  exit 1
}
git ls-files -z '*.h' '*.cpp' '*.cu' | xargs -0 -r clang-format "${arguments[@]}"
