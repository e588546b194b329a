"""PyTorchALFI, from a folder that the user names: its campaign for image classifiers."""

import csv
import os
import random
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from .alfi_parts import IMPORTED, AcceptsDummy, memory_loader, write_scenario
from .faults import BITS, Draw, Fault, Layers
from .loop import golden_top1
from .source import source_version
from .stubs import stand_in
from .watch import Struck, Watch
from .work import Work

_LOADER = "alficore.dataloader.imagenet_loader"  # which its campaign names and its folder lacks
KINDS = {3: "conv2d", 1: "fcc"}  # its names, by the dimensions of a sample's output


class PyTorchAlfi:
    """Whole rounds over the data set; faults are drawn by its own code."""

    records = "CSV files with a line a trial (fault, top-5 of both, NaN and Inf), fault files, YAML"
    notes = ("it infers golden again in every trial, copies the network for every batch, and the "
             "table of all trials for every trial, so that long campaigns are slower",
             "it counts bits from the sign down, and has no seed of its own")

    def __init__(self, work: Work, campaigns: ModuleType, version: str) -> None:
        self.version = version
        self._work = work
        self._campaigns = campaigns
        self._labels = golden_top1(work, 16, work.model)

    def campaign(self, trials: int, batch: int, folder: Path) -> int:
        rounds = -(-trials // len(self._work.images))
        self._run(self._work.images, batch, rounds, folder, list(KINDS.values()))
        return rounds * len(self._work.images)

    def strike(self, watch: Watch, images: Tensor, draw: Draw) -> Struck:
        """A campaign of one batch; faults are those that its CSV file names."""
        kinds = [KINDS[len(shape)] for shape in draw.layers.values()]
        with TemporaryDirectory(dir=Path.cwd()) as folder:
            self._run(images, len(images), 1, Path(folder), sorted(set(kinds)))
            claims = self._claims(Path(folder), draw.layers)
        golden, faulty = watch.runs[-2:]
        return Struck(claims, golden, faulty)

    def _run(self, images: Tensor, batch: int, rounds: int, folder: Path,
             kinds: Sequence[str]) -> None:
        from alficore.ptfiwrap_utils.helper_functions import TEM_Dataloader_attr

        device = torch.device("cpu")
        loader = ModuleType(_LOADER)
        loader.__dict__["Imagenet_dataloader"] = memory_loader(images, self._labels[:len(images)])
        sys.modules[_LOADER] = loader
        write_scenario(folder / "scenarios" / "peers.yml", images.shape[1:], batch, rounds,
                       kinds)
        before = Path.cwd()
        os.chdir(folder)  # it reads and writes in the working directory
        try:
            self._campaigns.TestErrorModels_ImgClass(
                model=AcceptsDummy(self._work.model), model_name="peers", device=device,
                config_location="peers.yml", ranger_detector=False, inf_nan_monitoring=True,
                dl_attr=TEM_Dataloader_attr(dl_dataset_name="imagenet", dl_batch_size=batch,
                                            dl_device=device),
                num_faults=1, num_runs=rounds).test_rand_ImgClass_SBFs_inj()
        finally:
            os.chdir(before)

    def _claims(self, folder: Path, layers: Layers) -> list[Fault]:
        [path] = folder.rglob("*_corr.csv")
        with path.open(newline="") as file:
            return [_claim(row, layers) for row in csv.DictReader(file)]


def _claim(row: dict[str, str], layers: Layers) -> Fault:
    """A line of its CSV file; its cells are numbers in brackets."""
    number, channel, height, width, bit = (
        int(re.findall(r"-?\d+", row[name])[0])
        for name in ("layer", "channel_out", "height", "width", "bit"))
    name, shape = list(layers.items())[number]
    element = width if len(shape) == 1 else (channel * shape[1] + height) * shape[2] + width
    return Fault(name, element, BITS - 1 - bit)


def make(work: Work, folder: Path) -> PyTorchAlfi:
    random.seed(1)
    np.random.seed(1)
    stand_in(IMPORTED)
    sys.path.insert(0, str(folder))
    from alficore.wrapper import test_error_models_imgclass as campaigns

    return PyTorchAlfi(work, campaigns, source_version(folder))
