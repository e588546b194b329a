"""What many people write for themselves: a forward hook in PyTorch that flips bits."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from .faults import Draw, Fault
from .loop import csv_campaign
from .watch import Struck, Watch
from .work import Work


def faulty_logits(model: nn.Module, images: Tensor, faults: Sequence[Fault]) -> Tensor:
    """One inference in which sample i meets faults[i]."""
    rows: dict[str, list[int]] = {}
    for row, fault in enumerate(faults):
        rows.setdefault(fault.layer, []).append(row)

    def hook(struck: list[int]) -> Callable[..., None]:
        def flip(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            words = output.view(torch.int32).view(len(output), -1)
            for row in struck:
                words[row, faults[row].element] ^= faults[row].mask

        return flip

    handles = [model.get_submodule(name).register_forward_hook(hook(struck))
               for name, struck in rows.items()]
    try:
        return model(images)
    finally:
        for handle in handles:
            handle.remove()


class BareHook:
    """Hooks on the layers that this batch strikes, and a CSV line for each trial."""

    version = f"torch {torch.__version__}"
    records = "a CSV line a trial: fault, top-1 of golden, top-1"
    notes: tuple[str, ...] = ()

    def __init__(self, work: Work) -> None:
        self._work = work

    def campaign(self, trials: int, batch: int, folder: Path) -> int:
        return csv_campaign(self._work, trials, batch, folder, self._infer)

    def strike(self, watch: Watch, images: Tensor, draw: Draw) -> Struck:
        faults = draw.faults(len(images))
        golden = watch.run(lambda: self._work.model(images))
        return Struck(faults, golden, watch.run(lambda: self._infer(images, faults)))

    def _infer(self, images: Tensor, faults: Sequence[Fault]) -> Tensor:
        return faulty_logits(self._work.model, images, faults)


def make(work: Work, folder: Path | None) -> BareHook:
    return BareHook(work)
