#!/usr/bin/env bash
# Builds everything and runs all tests; the last line says how many passed.
# Used by developers and by .ci/run.
set -euo pipefail
exec 2>&1 </dev/null

usage() {
  cat <<'END'
Usage: scripts/test.sh [PRESET]

Installs what is missing, builds PRESET of CMakePresets.json and runs its tests. Without PRESET:
the preset cpu and, where nvcc 13 is found, the CUDA folder and its tests, compiled for one
architecture (without a GPU these tests are skipped and say so).

The last line is 'N passed, N failed, N skipped'. Exit codes: 0 all passed, 1 not, 2 usage.
END
}

case ${1:-} in
  --help | -h) usage && exit ;;
  -*) usage && exit 2 ;;
esac

# shellcheck source-path=SCRIPTDIR source=setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

results=()
# run_tests FOLDER CTest arguments...: failures are counted at the end, so that all tests run.
run_tests() {
  local junit="$ROOT/$1/junit.xml"
  rm -f "$junit"
  results+=("$junit")
  ctest "${@:2}" --parallel 2 --output-on-failure --output-junit "$junit" || true
}

setup_packages
setup_python

preset=${1:-cpu}
step "Build (preset $preset)"
need_disk 3
configure "$preset"
cmake --build --preset "$preset" --parallel "$(build_jobs)"
step "Tests (preset $preset)"
run_tests "build/$preset" --preset "$preset"

if [[ -z ${1:-} ]] && has_nvcc_13; then
  # A build folder of its own: a developer's build/cuda keeps its architectures.
  folder=build/cuda-one-architecture
  step "Build with CUDA, for one architecture"
  configure cuda -B "$folder" -DSB_CUDA_ARCHITECTURES=90 -DSB_BENCHMARKS=OFF
  cmake --build "$folder" --target softbeam test_cuda test_thrust test_backend test_run \
    --parallel "$(build_jobs)"
  step "Tests with CUDA"
  run_tests "$folder" --test-dir "$folder" -L '^(cuda|backend|gpu)$'
fi
step_done
"$PYTHON" scripts/count_tests.py "${results[@]}"
