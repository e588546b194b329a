"""PyTorchFI, from a folder that the user names: its injector in a loop, for it has no campaign."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor, nn

from .faults import Draw, Fault
from .loop import csv_campaign
from .source import source_version
from .watch import Struck, Watch
from .work import Work


class PyTorchFI:
    """Declares each batch's locations anew; it copies the network for that."""

    records = "nothing of its own; here a CSV line a trial, as of the bare hook"
    notes = (
        "its own bit flip is one of a number scaled to an integer of 8 bits; a flip of the stored "
        "word is a function that its user writes",
        "its own random location takes every layer alike, however large; ours is drawn by words",
    )

    def __init__(self, work: Work, core: ModuleType, version: str) -> None:
        self.version = version
        self._work = work
        self._core = core
        self._injectors: dict[int, object] = {}

    def campaign(self, trials: int, batch: int, folder: Path) -> int:
        return csv_campaign(self._work, trials, batch, folder, self._infer)

    def strike(self, watch: Watch, images: Tensor, draw: Draw) -> Struck:
        faults = draw.faults(len(images))
        golden = watch.run(lambda: self._work.model(images))
        return Struck(faults, golden, watch.run(lambda: self._infer(images, faults)))

    def _injector(self, batch: int):
        if batch not in self._injectors:
            self._injectors[batch] = self._core.FaultInjection(
                self._work.model, batch, input_shape=list(self._work.images.shape[1:]),
                layer_types=[nn.Conv2d, nn.Linear], use_cuda=False)
        return self._injectors[batch]

    def _infer(self, images: Tensor, faults: Sequence[Fault]) -> Tensor:
        injector = self._injector(len(images))
        order = {name: number for number, name in enumerate(self._work.layers)}
        where = [self._location(fault) for fault in faults]

        def flip(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            words = output.view(torch.int32)
            for row, layer in enumerate(injector.corrupt_layer):
                if layer == injector.current_layer:
                    words[(injector.corrupt_batch[row], *where[row])] ^= faults[row].mask
            injector.update_layer()

        padded = [(*place, None, None)[:3] for place in where]
        return injector.declare_neuron_fault_injection(
            batch=list(range(len(images))), layer_num=[order[fault.layer] for fault in faults],
            dim1=[place[0] for place in padded], dim2=[place[1] for place in padded],
            dim3=[place[2] for place in padded], function=flip)(images)

    def _location(self, fault: Fault) -> tuple[int, ...]:
        index, shape = fault.element, self._work.layers[fault.layer]
        place: list[int] = []
        for size in reversed(shape):
            place.insert(0, index % size)
            index //= size
        return tuple(place)


def make(work: Work, folder: Path) -> PyTorchFI:
    sys.path.insert(0, str(folder))
    from pytorchfi import core

    return PyTorchFI(work, core, source_version(folder))
