"""MRFI, as pip installs it."""

import csv
import importlib.metadata
from pathlib import Path

import torch
from torch import Tensor

from .faults import Draw
from .loop import batches, golden_top1
from .watch import Struck, Watch
from .work import Work


class Mrfi:
    """Its float bit flip, one a sample, in one layer a batch: the layer drawn by words.

    A configuration of MRFI strikes all of its layers in every run, so all but the drawn one are
    switched off between runs."""

    records = "the accuracy of each run; no fault, no answer"
    notes = ("all samples of a batch are struck in the same layer",
             "it does not say which word and bit it flipped, and has no seed of its own")

    def __init__(self, work: Work) -> None:
        from mrfi import MRFI, EasyConfig
        from mrfi.experiment import Acc_experiment

        self.version = importlib.metadata.version("MRFI")
        self._work = work
        self._accuracy = Acc_experiment
        # By full name: 'Conv2d' as a type would also take a block of the name Conv2dNormActivation.
        self._injector = MRFI(work.model, EasyConfig({"faultinject": [{
            "type": "activation_out", "enabled": False, "module_fullname": list(work.layers),
            "selector": {"method": "RandomPositionByNumber", "n": 1, "per_instance": True},
            "error_mode": {"method": "FloatRandomBitFlip"}}]}))
        self._switches = {
            name: self._injector.get_configs("activation_out.0", module_fullname=name)
            for name in work.layers}

    def campaign(self, trials: int, batch: int, folder: Path) -> int:
        draw, done = Draw(self._work.layers), 0
        with self._injector.golden_run():
            golden = golden_top1(self._work, batch, self._injector)
        with (folder / "accuracy.csv").open("w", newline="") as file:
            table = csv.writer(file)
            for samples in batches(self._work, trials, batch):
                layer = draw.layer()
                self._switches[layer].enabled = True
                answers = [(self._work.images[samples], golden[samples])]
                table.writerow([layer, batch, self._accuracy(self._injector, answers)])
                self._switches[layer].enabled = False
                done += batch
        return done

    def strike(self, watch: Watch, images: Tensor, draw: Draw) -> Struck:
        """The layer is drawn here, words and bits by MRFI."""
        golden = watch.run(lambda: self._injector(images))
        switch = self._switches[draw.layer()]
        switch.enabled = True
        faulty = watch.run(lambda: self._injector(images))
        switch.enabled = False
        return Struck([None] * len(images), golden, faulty)


def make(work: Work, folder: Path | None) -> Mrfi:
    torch.manual_seed(1)
    return Mrfi(work)
