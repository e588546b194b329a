#!/usr/bin/env bash
# From a fresh clone to the reports of two fault-injection campaigns; a second run is cheap.
# The reports go to stdout, everything else to stderr.
set -euo pipefail

usage() {
  cat <<'END'
Usage: scripts/quickstart.sh [--setup-only] [--help]

Installs what is missing, builds softbeam, prepares two trained networks with their data, and runs
a campaign of random bit flips on each:

  LeNet-5            20,000 trials on handwritten digits
  EfficientNet-Lite0  1,000 trials on photographs, 224 x 224

What it puts where:

  Debian packages    those of scripts/packages.txt that are missing (needs root; otherwise the
                     apt-get line is printed)
  .venv/             torch 2.11.0 and its libraries, 4.7 GB, and 0.5 GB for the Python tools
  build/cpu/         the program (build/cuda/ where nvcc 13 and a GPU are found)
  models/            networks and data
  results/           the campaigns' stores

All of it lies in this folder and is ignored by git. A second run skips what is done.

  --setup-only   stop before the campaigns
  SB_TORCH=DIR   use the torch 2.11 in DIR (.../lib/python3.X/site-packages/torch)

Exit codes: 0 done, 1 failed, 2 usage.
END
}

setup_only=
for argument in "$@"; do
  case $argument in
    --help | -h) usage && exit ;;
    --setup-only) setup_only=1 ;;
    *) echo "Unknown argument '$argument'; see scripts/quickstart.sh --help" >&2 && exit 2 ;;
  esac
done

# shellcheck source-path=SCRIPTDIR source=setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
exec 3>&1 1>&2

# campaign NAME: runs configs/quickstart_NAME.yaml, or goes on with its store.
campaign() {
  local store="results/quickstart_$1.db"
  step "Campaign $1 (store: $store)"
  "$softbeam" run "configs/quickstart_$1.yaml" --store "$store" >&3 ||
    fail "The campaign stopped. If its store belongs to other files, remove $store* (it and the files beside it) and run again."
}

echo "softbeam's quickstart installs what is missing of: Debian packages (scripts/packages.txt), and"
echo "in .venv torch 2.11.0 with its libraries (4.7 GB on disk) and the Python tools (0.5 GB)."
setup_packages
setup_python

preset=cpu
if has_nvcc_13 && has_gpu; then
  preset=cuda
fi
step "Build (preset $preset, build/$preset)"
need_disk 1
configure $preset
cmake --build --preset $preset --target softbeam --parallel "$(build_jobs)"
softbeam="build/$preset/host/softbeam"

step "Models and data (models/)"
"$PYTHON" tools/prepare_quickstart.py --out models

if [[ -z $setup_only ]]; then
  mkdir -p results
  campaign lenet5
  campaign efficientnet_lite0
fi
step_done
echo "The program is $softbeam; '$softbeam --help' shows what else it does. All took $SECONDS s."
