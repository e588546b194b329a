"""The command line of run.py, checked before anything is measured."""

import argparse
import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from softbeam_tools.errors import ToolError, UsageError, nearest, positive

from .work import NETWORKS, network


@dataclass(frozen=True)
class Tool:
    """One peer: the module that drives it, and what its folder of sources must contain."""

    module: str
    title: str
    source: str | None = None


PEERS = {
    "bare_hook": Tool("bare_hook", "bare hook"),
    "mrfi": Tool("with_mrfi", "MRFI"),
    "pytorchfi": Tool("with_pytorchfi", "PyTorchFI", "pytorchfi/core.py"),
    "pytorchalfi": Tool("with_pytorchalfi", "PyTorchALFI",
                        "alficore/wrapper/test_error_models_imgclass.py"),
}


def names(text: str) -> list[str]:
    """'bare_hook,mrfi' as a list of known peers."""
    chosen = text.split(",")
    for name in chosen:
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f"no peer '{name}'. {nearest(name, PEERS)}")
    return chosen


def parse(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="resnet18", metavar="NAME",
                        help=f"{', '.join(NETWORKS)} (default resnet18)")
    parser.add_argument("--models", type=Path, default=Path("models"), metavar="DIR",
                        help="what tools/prepare_benchmarks.py made (default models)")
    parser.add_argument("--softbeam", default="build/cpu/host/softbeam", metavar="PROGRAM",
                        help="default build/cpu/host/softbeam")
    for name, tool in PEERS.items():
        if tool.source:
            parser.add_argument(f"--{name}", type=Path, metavar="DIR",
                                help=f"a clone of {tool.title}; left out without it")
    parser.add_argument("--only", type=names, default=list(PEERS), metavar="PEER,...",
                        help=f"these peers alone: {', '.join(PEERS)}")
    parser.add_argument("--samples", type=positive, default=64,
                        help="use the first so many samples (default 64)")
    parser.add_argument("--trials", type=positive,
                        help="of softbeam (default 16384; 1000000 on lenet5)")
    parser.add_argument("--seconds", type=positive, default=30,
                        help="about so long for the campaign of each peer (default 30)")
    parser.add_argument("--check", type=positive, default=64, metavar="N",
                        help="look where N faults of each kind of layer land (default 64)")
    parser.add_argument("--threads", type=positive, default=len(os.sched_getaffinity(0)),
                        help="default: one per core")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    options = parser.parse_args()
    _check(options)
    return options


def _check(options: argparse.Namespace) -> None:
    chosen = network(options.model)
    options.trials = options.trials or chosen.trials
    options.model_file = options.models / f"{options.model}.pt2"
    options.data_file = options.models / chosen.data
    for path in (options.model_file, options.data_file):
        if not path.is_file():
            raise ToolError(f"cannot read '{path}'", "no such file", "Make it with "
                            f"tools/prepare_benchmarks.py --out {options.models}.")
    if shutil.which(options.softbeam) is None:
        raise UsageError(f"--softbeam '{options.softbeam}' cannot be run", "no such program",
                         "Build it with: cmake --preset cpu && cmake --build --preset cpu.")
    for name, tool in PEERS.items():
        folder = getattr(options, name, None)
        if folder is not None and not (folder / tool.source).is_file():
            raise UsageError(f"--{name} '{folder}' is not {tool.title}",
                             f"it has no {tool.source}", "Name the folder of its git clone.")


def why_skipped(name: str, options: argparse.Namespace) -> str | None:
    """Why a peer that was chosen is left out; None where it is measured."""
    if PEERS[name].source and getattr(options, name) is None:
        return f"--{name} DIR is not given"
    if name == "mrfi" and importlib.util.find_spec("mrfi") is None:
        return "it is not installed (pip install MRFI)"
    return None
