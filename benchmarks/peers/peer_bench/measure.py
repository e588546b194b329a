"""Measures one injector: where its faults land, its best batch, its trials a second."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import torch
from torch import Tensor

from .faults import Draw
from .watch import Struck, Watch, landings
from .work import Work

_CHECK_BATCH = 16
_SHORTER = 15  # of a probe against the campaign
_TRIALS_A_SAMPLE = 16  # at least, so that golden is a small part of the time


class Peer(Protocol):
    """An injector, ready for a network."""

    version: str
    records: str
    notes: tuple[str, ...]

    def campaign(self, trials: int, batch: int, folder: Path) -> int:
        """Golden, at least `trials` trials, and the records in `folder`; says how many trials."""

    def strike(self, watch: Watch, images: Tensor, draw: Draw) -> Struck:
        """One faulty batch; what the injector can be told is drawn with `draw`."""


@dataclass(frozen=True)
class Measured:
    batch: int
    threads: int
    trials: int
    seconds: float
    cpu_seconds: float  # of all threads

    @property
    def rate(self) -> float:
        return self.trials / self.seconds


def check(peer: Peer, work: Work, count: int) -> dict[str, dict[str, int]]:
    """Where `count` faults in convolutions and `count` in linear layers landed."""
    found: dict[str, dict[str, int]] = {}
    images = work.images[:_CHECK_BATCH]
    for kind, dimensions in (("convolutions", 3), ("linear layers", 1)):
        layers = {name: shape for name, shape in work.layers.items() if len(shape) == dimensions}
        draw, watch, found[kind] = Draw(layers, seed=2), Watch(work.model, list(layers)), {}
        for _ in range(0, count, len(images)):
            for what, times in landings(peer.strike(watch, images, draw)).items():
                found[kind][what] = found[kind].get(what, 0) + times
            watch.runs.clear()
        watch.close()
    return found


def measure(peer: Peer, work: Work, batches: Sequence[int], threads: int,
            seconds: float) -> Measured:
    """For about so long, at the best batch that does not exceed the data set; then at the better
    of all threads and one."""
    fitting = [batch for batch in batches if batch <= len(work.images)]
    best = max((_probe(peer, work, batch, threads, seconds) for batch in fitting), key=_rate)
    if threads > 1:
        best = max(best, _probe(peer, work, best.batch, 1, seconds), key=_rate)
    trials = max(_TRIALS_A_SAMPLE * len(work.images), int(best.rate * seconds))
    return _campaign(peer, trials, best.batch, best.threads)


def _probe(peer: Peer, work: Work, batch: int, threads: int, seconds: float) -> Measured:
    """A short campaign, golden included."""
    tried = _campaign(peer, max(batch, len(work.images)), batch, threads)
    if tried.seconds < seconds / _SHORTER:
        tried = _campaign(peer, int(tried.rate * seconds / _SHORTER), batch, threads)
    return tried


def _campaign(peer: Peer, trials: int, batch: int, threads: int) -> Measured:
    torch.set_num_threads(threads)
    with TemporaryDirectory(dir=Path.cwd()) as folder:
        start, cpu_start = time.perf_counter(), time.process_time()
        done = peer.campaign(trials, batch, Path(folder))
        return Measured(batch, threads, done, time.perf_counter() - start,
                        time.process_time() - cpu_start)


def _rate(tried: Measured) -> float:
    return tried.rate
