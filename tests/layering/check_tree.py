#!/usr/bin/env python3
"""Reads every #include and says which arrows point the wrong way; ends with 1 where one does.

Run by CTest on the whole tree, and by check_tree_test.py on trees that are wrong on purpose."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

# Each folder may include itself and those to its left.
FOLDERS = ["injectors", "cuda", "host", "tests", "benchmarks"]
STAGES = ["base", "config", "data", "model", "backend", "execute", "plan", "run", "compare",
          "record", "report", "campaign", "bench", "cli", "main"]
MAY_INCLUDE_CUDA = "host/backend/cuda_backend.cpp"
HOST_DEVICE_HEADER = "injectors/host_device.h"
# Headers here, and every file of injectors/ and cuda/, do without torch.
TORCH_FREE_STAGES = ["base", "config", "data", "plan", "compare", "record", "report"]

SUFFIXES = {".h", ".cpp", ".cu", ".cuh"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
PRIVATE = re.compile(r"\bPrivate to ([\w/]+)/")
TORCH = re.compile(r"^(ATen|c10|torch|caffe2)/")
DEVICE_MACRO = re.compile(r"^\s*#.*\b__CUDA(CC|_ARCH)__")


def stage_of(path: str) -> str:
    """host/run/wave.h is of the stage run, host/campaign.cpp of campaign."""
    return Path(path).parts[1].split(".")[0]


def arrow(source: str, target: str) -> str | None:
    """What is wrong with a file `source` that includes `target`; None where nothing is."""
    here, there = source.split("/")[0], target.split("/")[0]
    if there not in FOLDERS:
        return "is not named from the root of the repository"
    if "tests" in (here, there) and "benchmarks" in (here, there):
        return f"nothing depends on {there}/"
    if FOLDERS.index(there) > FOLDERS.index(here):
        return f"{here}/ stands before {there}/"
    if here == "host" and there == "cuda" and source != MAY_INCLUDE_CUDA:
        return f"only {MAY_INCLUDE_CUDA} includes cuda/"
    if here == there == "host":
        if stage_of(target) not in STAGES:
            return f"host/{stage_of(target)} is not in the list of stages"
        if STAGES.index(stage_of(target)) > STAGES.index(stage_of(source)):
            return f"{stage_of(source)} stands before {stage_of(target)}"
    return None


def is_torch_free(path: str) -> bool:
    folder = path.split("/")[0]
    return folder in ("injectors", "cuda") or (
        folder == "host" and path.endswith(".h") and stage_of(path) in TORCH_FREE_STAGES)


def private_folder(root: Path, path: str) -> str | None:
    """The folder that the first lines of a header restrict it to; tests may look inside."""
    lines = (root / path).read_text(encoding="utf-8").splitlines()
    found = PRIVATE.search("\n".join(lines[:4]))
    return found[1] if found else None


def check_include(root: Path, source: str, quote: str, target: str) -> str | None:
    if TORCH.match(target) and (is_torch_free(source) or source.endswith((".cu", ".cuh"))):
        return "no torch here"
    if quote == "<":
        return "includes of the project are quoted" if target.split("/")[0] in FOLDERS else None
    wrong = arrow(source, target)
    if wrong:
        return wrong
    if (root / f"{target}.in").is_file():
        return None  # made by CMake
    if not (root / target).is_file():
        return "there is no such file"
    folder = private_folder(root, target)
    if folder and f"/{folder}/" not in f"/{source}" and not source.startswith("tests/"):
        return f"is private to {folder}/"
    return None


def check_file(root: Path, path: str) -> Iterator[str]:
    text = (root / path).read_text(encoding="utf-8")
    if path.endswith((".h", ".cuh")) and "#pragma once" not in text:
        yield f"{path}:1: has no #pragma once"
    if path.startswith("host/") and stage_of(path) not in STAGES:
        yield f"{path}:1: host/{stage_of(path)} is not in the list of stages"
        return
    for number, line in enumerate(text.splitlines(), 1):
        if DEVICE_MACRO.match(line) and path != HOST_DEVICE_HEADER:
            yield f"{path}:{number}: only {HOST_DEVICE_HEADER} asks which compiler reads it"
        include = INCLUDE.match(line)
        wrong = include and check_include(root, path, include[1], include[2])
        if wrong:
            yield f"{path}:{number}: includes {include[2]}: {wrong}"


def check_tree(root: Path) -> list[str]:
    files = sorted(path.relative_to(root).as_posix() for folder in FOLDERS
                   for path in (root / folder).rglob("*") if path.suffix in SUFFIXES)
    if not files:
        return [f"{root}: no source files"]
    return [problem for path in files for problem in check_file(root, path)]


if __name__ == "__main__":
    problems = check_tree(Path(sys.argv[1]))
    print(*problems, f"{len(problems)} problems", sep="\n")
    sys.exit(1 if problems else 0)
