#!/usr/bin/env python3
"""Compiles every kernel of cuda/ and prints what ptxas reports of each: registers, stack, spills.

Needs nvcc and no GPU. With --write the table in docs/cuda.md is replaced; with --check the script
ends with 1 where the documented table is another one, or where a kernel spills."""

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/cuda.md"
BEGIN, END = "<!-- kernels: scripts/kernel_resources.py --write -->", "<!-- /kernels -->"
ARCHITECTURES = ["75", "80", "86", "89", "90"]

ENTRY = re.compile(r"Compiling entry function '(\w+)' for 'sm_(\w+)'")
FRAME = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers")
SHARED = re.compile(r"(\d+) bytes smem")


@dataclass
class Kernel:
    mangled: str
    architecture: str
    registers: int = 0
    stack: int = 0
    spilled: int = 0
    shared: int = 0


def parse(report: str) -> Iterator[Kernel]:
    """One Kernel for each entry function and architecture of ptxas' verbose output."""
    kernel = None
    for line in report.splitlines():
        if entry := ENTRY.search(line):
            kernel = Kernel(entry[1], entry[2])
        elif kernel and (frame := FRAME.search(line)):
            kernel.stack = int(frame[1])
            kernel.spilled = int(frame[2]) + int(frame[3])
        elif kernel and (used := USED.search(line)):
            kernel.registers = int(used[1])
            shared = SHARED.search(line)
            kernel.shared = int(shared[1]) if shared else 0
            yield kernel
            kernel = None


def short_name(demangled: str) -> str:
    """'strike_kernel<uint32_t>' of a whole signature; empty for a kernel that is not ours."""
    found = re.search(r"softbeam::gpu::.*?::(\w+_kernel)(<.*?>)?\(", demangled)
    if not found:
        return ""
    arguments = (found[2] or "").replace("softbeam::injectors::", "")
    for theirs, ours in [("unsigned char", "uint8_t"), ("unsigned short", "uint16_t"),
                         ("unsigned int", "uint32_t"), ("unsigned long", "uint64_t")]:
        arguments = arguments.replace(theirs, ours)
    return found[1].removesuffix("_kernel") + arguments


def demangle(names: list[str]) -> dict[str, str]:
    done = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True,
                          check=True)
    return dict(zip(names, done.stdout.splitlines(), strict=True))


def table(kernels: list[Kernel], names: dict[str, str]) -> str:
    rows: dict[str, dict[str, Kernel]] = {}
    for kernel in kernels:
        if name := short_name(names[kernel.mangled]):
            rows.setdefault(name, {})[kernel.architecture] = kernel
    known = sorted({kernel.architecture for row in rows.values() for kernel in row.values()})
    lines = ["| kernel | " + " | ".join(f"sm_{a}" for a in known) + " | shared | stack | spilled |",
             "|---|" + "--:|" * (len(known) + 3)]
    for name, row in sorted(rows.items()):
        registers = [str(row[a].registers) if a in row else "" for a in known]
        rest = [str(max(getattr(k, field) for k in row.values()))
                for field in ("shared", "stack", "spilled")]
        lines.append(f"| `{name}` | " + " | ".join(registers + rest) + " |")
    return "\n".join(lines) + "\n"


def nvcc() -> str:
    path = os.pathsep.join([os.environ.get("PATH", ""), os.environ.get("CUDA_HOME", "") + "/bin",
                            "/usr/local/cuda/bin"])
    found = shutil.which("nvcc", path=path)
    if not found:
        sys.exit("nvcc was not found; install the CUDA 13.0 toolkit")
    return found


def cudnn_include(given: str | None) -> str:
    """The folder of cuDNN's headers: that of torch's wheel, as in the build."""
    if given:
        return given
    torch = importlib.util.find_spec("torch")
    if torch is None:
        sys.exit("torch was not found; run this with .venv/bin/python3, or pass --cudnn-include")
    return str(Path(torch.submodule_search_locations[0]).parent / "nvidia/cudnn/include")


def compile_one(compiler: str, include: str, source: Path) -> str:
    targets = [f"-gencode=arch=compute_{a},code=sm_{a}" for a in ARCHITECTURES]
    done = subprocess.run(
        [compiler, "-std=c++20", "--fmad=false", "-O3", "-Xptxas=-v", f"-I{ROOT}", f"-I{include}",
         *targets, "-c", str(source), "-o", os.devnull], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stderr + done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="replace the table in docs/cuda.md")
    parser.add_argument("--check", action="store_true", help="compare with the table there")
    parser.add_argument("--cudnn-include", help="folder of cudnn_graph.h; default: torch's wheel")
    parser.add_argument("--jobs", type=int, default=1, help="compilers at a time")
    arguments = parser.parse_args()

    compiler, include = nvcc(), cudnn_include(arguments.cudnn_include)
    sources = sorted((ROOT / "cuda").rglob("*.cu"))
    with ThreadPoolExecutor(arguments.jobs) as pool:
        reports = pool.map(lambda source: compile_one(compiler, include, source), sources)
        kernels = [kernel for report in reports for kernel in parse(report)]
    names = demangle(sorted({kernel.mangled for kernel in kernels}))
    made = table(kernels, names)
    print(made, end="")

    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN + "\n")
    documented, _, after = rest.partition(END)
    if arguments.write:
        DOCUMENT.write_text(before + BEGIN + "\n" + made + END + after, encoding="utf-8")
    if arguments.check and documented != made:
        print("docs/cuda.md has another table; run scripts/kernel_resources.py --write")
        return 1
    ours = [kernel for kernel in kernels if short_name(names[kernel.mangled])]
    return 1 if arguments.check and any(kernel.spilled for kernel in ours) else 0


if __name__ == "__main__":
    sys.exit(main())
