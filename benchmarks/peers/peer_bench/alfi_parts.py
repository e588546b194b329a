"""What PyTorchALFI's campaign needs from its user: a model, a data loader, a scenario."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

# Stand-ins for what it imports at its top: progress bars, tables, compiled functions it never runs.
IMPORTED = {
    "tqdm": {"tqdm": lambda items, *arguments, **named: items},
    "tabulate": {"tabulate": lambda *arguments, **named: ""},
    "numba": {"njit": lambda function: function, "prange": range},
    "torchsummary": {},
    "cloudpickle": {},
}


class AcceptsDummy(nn.Module):
    """It calls the model with a word more than models take."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor, dummy: bool = False) -> Tensor:
        return self.model(images)


def memory_loader(images: Tensor, labels: Tensor) -> type:
    """A data loader with the attributes that its campaign reads; nothing is decoded."""

    class Loader:
        datasetfp = None

        def __init__(self, dl_attr) -> None:
            self._batch = dl_attr.dl_batch_size
            self.dataset_length = len(images)
            self.datagen_reset()

        def datagen_reset(self) -> None:
            self.datagen_iter_cnt = 0
            self.data_incoming = True

        def datagen_itr(self) -> None:
            first = self.datagen_iter_cnt
            self.images = images[first:first + self._batch]
            self.labels = labels[first:first + self._batch]
            self.curr_batch_size = len(self.images)
            self.image_path = list(range(first, first + self.curr_batch_size))
            self.datagen_iter_cnt += self.curr_batch_size
            self.data_incoming = self.datagen_iter_cnt < self.dataset_length

    return Loader


def write_scenario(path: Path, shape: torch.Size, batch: int, rounds: int,
                   kinds: Sequence[str]) -> None:
    """One random bit of one word a sample, layers weighted by their words (JSON is YAML)."""
    channels, height, width = shape
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({
        "dataset_size": 1, "num_runs": rounds, "max_faults_per_image": 1, "run_type": "single",
        "value_type": "random", "layer_types": list(kinds), "rnd_mode": "neurons",
        "inj_policy": "per_image", "fault_injec_hook_type": "output", "rnd_batch": "change",
        "rnd_layer": "change", "rnd_layer_weighted": True, "rnd_location": "change",
        "rnd_value": "change", "rnd_value_type": "bitflip", "rnd_value_bits": 32,
        "rnd_bit_range": [0, 31], "ptf_C": channels, "ptf_H": height, "ptf_W": width, "ptf_D": -1,
        "ptf_batch_size": batch, "save_fault_file_dir": "result_files"}))
