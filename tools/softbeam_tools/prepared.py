"""Models and data that the quickstart and the benchmarks run; each with a stamp of what made it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from torch import nn

from .files import is_fresh, write_stamp

PHOTO_COUNT = 64
Maker = Callable[[Path], list[Path]]


def prepare(folder: Path, makers: Sequence[Maker]) -> None:
    """Calls each maker whose files are not there yet, or were made by other sources."""
    for make in makers:
        stamp = folder / f".{make.__name__}.json"
        if is_fresh(stamp):
            print(f"{make.__name__}: up to date")
            continue
        files = make(folder)
        write_stamp(stamp, files)
        print(f"{make.__name__}: {', '.join(file.name for file in files)}")


def lenet5(folder: Path) -> list[Path]:
    """LeNet-5 trained on the spot, and the digits it has not seen."""
    from .digits import DIGIT_NAMES
    from .lenet5_training import train
    from .npz import save_dataset

    trained = train(seed=1, epochs=20)
    print(f"lenet5: held-out accuracy {trained.accuracy:.3f}")
    digits = folder / "lenet5-digits.npz"
    save_dataset(digits, trained.images, trained.labels, DIGIT_NAMES)
    return [digits, *_export(folder, "lenet5", trained.model, trained.images)]


def photos(folder: Path) -> list[Path]:
    """Crops of photographs, normalised as EfficientNet-Lite0 wants them."""
    from .normalise import NORMALISATIONS, normalise
    from .npz import save_dataset
    from .photos import imagenet_class_names, photo_samples

    images = normalise(photo_samples(PHOTO_COUNT, 224, seed=1), NORMALISATIONS["lite0"])
    save_dataset(photos_path(folder), images, class_names=imagenet_class_names())
    return [photos_path(folder)]


def photos_path(folder: Path) -> Path:
    return folder / f"photos{PHOTO_COUNT}.npz"


def efficientnet_lite0(folder: Path) -> list[Path]:
    """EfficientNet-Lite0 with its trained weights."""
    from models.efficientnet_lite0 import efficientnet_lite0 as make

    return _export(folder, "efficientnet_lite0", make(), _photos(folder))


def resnet18(folder: Path) -> list[Path]:
    return _calibrated(folder, "resnet18")


def resnet50(folder: Path) -> list[Path]:
    return _calibrated(folder, "resnet50")


def mobilenet_v2(folder: Path) -> list[Path]:
    return _calibrated(folder, "mobilenet_v2")


def _calibrated(folder: Path, name: str) -> list[Path]:
    """Random weights, batch norm calibrated on the photographs."""
    from models.calibrated import calibrated

    model = calibrated(name, str(photos_path(folder)), seed=1)
    return _export(folder, name, model, _photos(folder), torchscript=False)


def _photos(folder: Path) -> np.ndarray:
    from .npz import load_images

    return load_images(photos_path(folder))


def _export(folder: Path, name: str, model: nn.Module, images: np.ndarray,
            torchscript: bool = True) -> list[Path]:
    import torch

    from .export import save_exported, save_torchscript

    examples = torch.from_numpy(images[:2])
    paths = [folder / f"{name}.pt2"]
    save_exported(paths[0], model, examples)
    if torchscript:
        paths.append(folder / f"{name}.torchscript.pt")
        save_torchscript(paths[1], model, examples, "trace")
    return paths
