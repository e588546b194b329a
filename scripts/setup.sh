# What quickstart.sh and test.sh share: packages, a Python with torch, configure and build.
# Sourced by them; a step that cannot go on says why and ends the script with exit code 1.
# shellcheck shell=bash

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VENV="$ROOT/.venv"
REQUIREMENTS=("$ROOT/tools/requirements.txt" "$ROOT/scripts/requirements.txt")
cd "$ROOT" || exit 1

fail() {
  echo "$*" >&2
  exit 1
}

# step TITLE: the time of a step is printed when the next one starts.
step_started=
step() {
  step_done
  echo "== $1" >&2
  step_started=$SECONDS
}
step_done() {
  [[ -z $step_started ]] || echo "   $((SECONDS - step_started)) s" >&2
  step_started=
}

# logged LOG COMMAND...: shows nothing of the command but, when it fails, its last lines.
logged() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 && return
  tail -n 30 "$log" >&2
  fail "This command failed: $* (all of its output is in $log)"
}

free_gb() {
  df -Pk "$ROOT" | awk 'NR == 2 { print int($4 / 1000000) }'
}

# need_disk GIGABYTES
need_disk() {
  (($(free_gb) >= $1)) || fail "Not enough disk space in $ROOT ($(free_gb) GB free, about $1 GB" \
    "needed). Free some, or clone softbeam to a larger disk."
}

# Compiling a file that includes torch takes up to 2 GB of memory.
build_jobs() {
  local by_memory
  by_memory=$(awk '/^MemAvailable/ { print int($2 / 2000000) }' /proc/meminfo)
  local jobs
  jobs=$(nproc)
  ((by_memory < jobs)) && jobs=$by_memory
  echo $((jobs > 0 ? jobs : 1))
}

missing_packages() {
  local package
  while read -r package; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      echo "$package"
  done < <(grep -v '^#' "$ROOT/scripts/packages.txt")
}

setup_packages() {
  step "Debian packages"
  if ! command -v dpkg-query >/dev/null; then
    echo "   not a Debian system; the libraries of scripts/packages.txt are taken for granted" >&2
    return
  fi
  local missing
  mapfile -t missing < <(missing_packages)
  if ((${#missing[@]} == 0)); then
    echo "   all there" >&2
    return
  fi
  if ((EUID != 0)); then
    fail "Packages are missing, and installing them needs root. Run this and start again:" \
      $'\n\n'"  sudo apt-get install -y --no-install-recommends ${missing[*]}"$'\n'
  fi
  echo "   to install: ${missing[*]}" >&2
  local apt=(apt-get -o DPkg::Lock::Timeout=300)
  logged build/apt-update.log "${apt[@]}" update
  "${apt[@]}" install --assume-no --no-install-recommends "${missing[@]}" 2>/dev/null |
    sed -n 's/^\(Need to get\|After this\)/   \1/p' >&2 || true
  logged build/apt-install.log env DEBIAN_FRONTEND=noninteractive \
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
}

# has_requirements PYTHON: true where every pinned package is there in its version.
has_requirements() {
  [[ -x $(command -v "$1") ]] && "$1" "$ROOT/scripts/check_requirements.py" "${REQUIREMENTS[@]}" \
    >/dev/null 2>&1
}

# A Python that can make virtual environments; a user's own python3 may lack what Debian's has.
base_python() {
  local python
  for python in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
      >/dev/null 2>&1; then
      command -v "$python"
      return
    fi
  done
  fail "No Python 3.11 or newer with the module venv was found. On Debian 12:" \
    "apt-get install python3 python3-venv"
}

venv_gb() {
  du -s "$VENV" 2>/dev/null | awk 'END { print int($1 / 1000000) }'
}

# make_venv PYTHON: fills $VENV; what an interrupted run left there is used again.
make_venv() {
  if ! "$VENV/bin/python3" -c '' >/dev/null 2>&1; then
    "$1" -m venv --clear "$VENV"
  elif ! "$VENV/bin/python3" -m pip --version >/dev/null 2>&1; then
    "$VENV/bin/python3" -m ensurepip >/dev/null
  fi
  # pip writes RECORD last: a package without it is half-installed, and pip would refuse to touch it.
  local info
  for info in "$VENV"/lib/python3*/site-packages/*.dist-info; do
    [[ ! -d $info || -e $info/RECORD ]] || rm -r "$info"
  done
  # A user's torch is used where it lies, and only the other packages are installed.
  if [[ -n ${SB_TORCH:-} ]]; then
    dirname "$SB_TORCH" >"$(echo "$VENV"/lib/python3*/site-packages)/softbeam_torch.pth"
  fi
  # /tmp may be a small memory disk. Where there is room, what was downloaded is kept until all is
  # installed, so that an interrupted run does not download it again.
  local cache=(--cache-dir "$VENV/cache")
  (($(free_gb) >= 12)) || cache=(--no-cache-dir)
  rm -rf "$VENV/tmp"
  mkdir -p "$VENV/tmp"
  TMPDIR="$VENV/tmp" "$VENV/bin/python3" -m pip install "${cache[@]}" --no-input \
    --disable-pip-version-check --progress-bar off "${REQUIREMENTS[@]/#/-r}" |
    sed -nu -e 's/^ *Downloading [^ ]*\/\([^/ ]* (\)/   downloading \1/p' \
      -e 's/^ *Downloading \([^/ ]* (\)/   downloading \1/p' \
      -e 's/^Installing collected.*/   unpacking/p' >&2
  rm -rf "$VENV/tmp" "$VENV/cache"
}

# The interpreter that a torch folder .../lib/pythonX.Y/site-packages/torch belongs to.
python_of_torch() {
  local python
  python="$(cd "$SB_TORCH/../../../.." && pwd)/bin/python3"
  [[ -x $python ]] || fail "SB_TORCH=$SB_TORCH does not belong to a Python (no $python). Set it to" \
    "the folder .../lib/python3.X/site-packages/torch, or unset it."
  echo "$python"
}

# Sets PYTHON, which has the tools' packages, and SB_TORCH, the folder of torch that is linked.
setup_python() {
  step "Python packages (torch 2.11.0 and the tools)"
  local base=
  if [[ -n ${SB_TORCH:-} ]]; then
    grep -q "^__version__ *= *'2\.11\." "$SB_TORCH/version.py" 2>/dev/null ||
      fail "SB_TORCH=$SB_TORCH is not torch 2.11. Set it to a folder .../site-packages/torch of" \
        "torch 2.11.0, or unset it to have torch installed into .venv."
    base=$(python_of_torch)
  fi
  local python
  PYTHON=
  for python in $base "$VENV/bin/python3" python3; do
    if has_requirements "$python"; then
      PYTHON=$(command -v "$python")
      break
    fi
  done
  if [[ -z $PYTHON ]]; then
    [[ -n $base ]] || base=$(base_python)
    if [[ -z ${SB_TORCH:-} ]]; then
      echo "   into .venv: torch and its libraries (2.5 GB to download, 4.7 GB on disk) and 0.5 GB" \
        "for the tools" >&2
      need_disk $((8 - $(venv_gb)))
    fi
    make_venv "$base"
    PYTHON="$VENV/bin/python3"
  fi
  echo "   $PYTHON" >&2
  SB_TORCH=$("$PYTHON" -c "import importlib.util as u
print(u.find_spec('torch').submodule_search_locations[0])")
  # Read by CMake and by the tools that tests start.
  export PYTHON SB_TORCH
}

# configure PRESET [CMake arguments...]
configure() {
  cmake --preset "$1" -DSB_TORCH="$SB_TORCH" -DSB_PYTHON="$PYTHON" "${@:2}" >/dev/null
}

# CMake finds nvcc here too when it is not on PATH (cmake/cuda.cmake).
find_nvcc() {
  PATH="$PATH:${CUDA_HOME:-/usr/local/cuda}/bin:/usr/local/cuda/bin" command -v nvcc
}

has_nvcc_13() {
  local nvcc
  nvcc=$(find_nvcc) && "$nvcc" --version | grep 'release 13\.' >/dev/null
}

has_gpu() {
  command -v nvidia-smi >/dev/null && nvidia-smi -L 2>/dev/null | grep '^GPU ' >/dev/null
}
