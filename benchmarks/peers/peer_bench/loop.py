"""The campaign of an injector that has none: golden once, batches of faults, a CSV file."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from .faults import Draw, Fault
from .work import Work

Infer = Callable[[Tensor, Sequence[Fault]], Tensor]


def batches(work: Work, trials: int, batch: int) -> Iterator[Tensor]:
    """The samples of each batch, in turn; the last batch is full, too."""
    count = len(work.images)
    for first in range(0, trials, batch):
        yield torch.arange(first, first + batch) % count


def golden_top1(work: Work, batch: int, infer: Callable[[Tensor], Tensor]) -> Tensor:
    return torch.cat([infer(part).argmax(1) for part in work.images.split(batch)])


@torch.no_grad()
def csv_campaign(work: Work, trials: int, batch: int, folder: Path, infer: Infer) -> int:
    """At least `trials` trials, one fault a sample; says how many."""
    golden = golden_top1(work, batch, work.model)
    draw, done = Draw(work.layers), 0
    with (folder / "trials.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["trial", "sample", "layer", "element", "bit", "golden", "top1"])
        for samples in batches(work, trials, batch):
            faults = draw.faults(batch)
            answers = infer(work.images[samples], faults).argmax(1).tolist()
            for sample, fault, answer in zip(samples.tolist(), faults, answers, strict=True):
                table.writerow([done, sample, fault.layer, fault.element, fault.bit,
                                int(golden[sample]), answer])
                done += 1
    return done
