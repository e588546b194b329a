"""One injector in a process of its own: peers of the same name, and their stand-ins, are apart."""

import importlib
import json
import sys
from pathlib import Path

import torch

from .measure import check, measure
from .work import load_work, network


def main() -> None:
    """Reads what is asked for from the file named on the command line, and answers beside it."""
    request = Path(sys.argv[1])
    asked = json.loads(request.read_text())
    torch.set_num_threads(asked["threads"])
    work = load_work(asked["model"], Path(asked["model_file"]), Path(asked["data_file"]),
                     asked["samples"])
    module = importlib.import_module(f"peer_bench.{asked['module']}")
    folder = Path(asked["folder"]) if asked["folder"] else None
    peer = module.make(work, folder)
    landed = check(peer, work, asked["check"])
    measured = measure(peer, work, network(asked["model"]).batches, asked["threads"],
                       asked["seconds"])
    request.with_suffix(".answer").write_text(json.dumps({
        "version": peer.version, "records": peer.records, "notes": peer.notes, "landed": landed,
        "batch": measured.batch, "threads": measured.threads, "trials": measured.trials,
        "seconds": measured.seconds, "cpu_seconds": measured.cpu_seconds,
        "trials_per_second": measured.rate}))


if __name__ == "__main__":
    main()
