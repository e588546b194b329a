"""Runs softbeam, then each peer in a process of its own."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from softbeam_tools.errors import ToolError, first_lines

from .command_line import PEERS, why_skipped
from .table import Result, Row

_PEERS_FOLDER = Path(__file__).resolve().parents[1]


def compare(options: argparse.Namespace) -> Result:
    load_before = os.getloadavg()[0]
    _say(f"softbeam bench, {options.trials} trials")
    rows, eager = _softbeam(options)
    for name in options.only:
        reason = why_skipped(name, options)
        if reason is None:
            _say(f"{PEERS[name].title}, about {options.seconds} s")
        rows.append(Row(PEERS[name].title, skipped=reason) if reason else _peer(name, options))
    return Result(model=options.model, samples=options.samples, threads=options.threads,
                  torch=torch.__version__, eager_images_per_second=eager,
                  load=(load_before, os.getloadavg()[0]), rows=tuple(rows))


def _softbeam(options: argparse.Namespace) -> tuple[list[Row], float]:
    version = _output([options.softbeam, "--version"]).split()[-1]
    bench = json.loads(_output([
        options.softbeam, "bench", str(options.model_file), "--data", str(options.data_file),
        "--data.limit", str(options.samples), "--campaign.trials", str(options.trials),
        "--run.threads", str(options.threads), "--plain-trials", "16",
        "--seconds", str(min(2, options.seconds)), "--json"]))
    wave = bench["wave"]
    row = Row("softbeam", version=version, rate=wave["trials_per_second"], trials=wave["trials"],
              seconds=wave["seconds"], cpu_seconds=wave["cpu_seconds"], threads=options.threads,
              records="a row a trial in SQLite: fault, outcome, depth, answers, margins")
    return [row], bench["eager"]["images_per_second"]


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise ToolError(f"'{' '.join(command)}' failed", first_lines(RuntimeError(done.stderr)))
    return done.stdout


def _peer(name: str, options: argparse.Namespace) -> Row:
    folder, tool = getattr(options, name, None), PEERS[name]
    with TemporaryDirectory() as work:
        request, log = Path(work) / "peer.json", Path(work) / "log"
        request.write_text(json.dumps({
            "module": tool.module, "folder": str(folder.resolve()) if folder else "",
            "model": options.model, "model_file": str(options.model_file.resolve()),
            "data_file": str(options.data_file.resolve()), "samples": options.samples,
            "threads": options.threads, "check": options.check, "seconds": options.seconds}))
        with log.open("w") as output:
            done = subprocess.run(
                [sys.executable, "-m", "peer_bench.one_peer", str(request)], cwd=work,
                env=os.environ | {"PYTHONPATH": str(_PEERS_FOLDER)},
                stdout=output, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            lines = log.read_text(errors="replace").splitlines() or ["it said nothing"]
            return Row(tool.title, failed=lines[-1])
        answer = json.loads(request.with_suffix(".answer").read_text())
    return Row(tool.title, version=answer["version"], rate=answer["trials_per_second"],
               trials=answer["trials"], seconds=answer["seconds"],
               cpu_seconds=answer["cpu_seconds"], batch=answer["batch"],
               threads=answer["threads"], records=answer["records"],
               notes=tuple(answer["notes"]), landed=answer["landed"])


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
