#!/usr/bin/env python3
"""Makes the quickstart's models and data (LeNet-5, EfficientNet-Lite0); skips what is there."""

import argparse
from pathlib import Path

from softbeam_tools.errors import run_tool
from softbeam_tools.files import is_fresh, write_stamp

PHOTO_COUNT = 64


def lenet5(folder: Path) -> list[Path]:
    """LeNet-5 trained on the spot, and the digits it has not seen."""
    from softbeam_tools.digits import DIGIT_NAMES
    from softbeam_tools.lenet5_training import train
    from softbeam_tools.npz import save_dataset

    trained = train(seed=1, epochs=20)
    print(f"lenet5: held-out accuracy {trained.accuracy:.3f}")
    digits = folder / "lenet5-digits.npz"
    save_dataset(digits, trained.images, trained.labels, DIGIT_NAMES)
    return [digits, *_export(folder, "lenet5", trained.model, trained.images)]


def efficientnet_lite0(folder: Path) -> list[Path]:
    """EfficientNet-Lite0 with its trained weights, and crops of photographs."""
    from models.efficientnet_lite0 import efficientnet_lite0 as make
    from softbeam_tools.normalise import NORMALISATIONS, normalise
    from softbeam_tools.npz import save_dataset
    from softbeam_tools.photos import imagenet_class_names, photo_samples

    images = normalise(photo_samples(PHOTO_COUNT, 224, seed=1), NORMALISATIONS["lite0"])
    photos = folder / f"photos{PHOTO_COUNT}.npz"
    save_dataset(photos, images, class_names=imagenet_class_names())
    return [photos, *_export(folder, "efficientnet_lite0", make(), images)]


def _export(folder: Path, name: str, model: object, images: object) -> list[Path]:
    import torch

    from softbeam_tools.export import save_exported, save_torchscript

    examples = torch.from_numpy(images[:2])
    paths = [folder / f"{name}.pt2", folder / f"{name}.torchscript.pt"]
    save_exported(paths[0], model, examples)
    save_torchscript(paths[1], model, examples, "trace")
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    folder = parser.parse_args().out
    for make in (lenet5, efficientnet_lite0):
        stamp = folder / f".{make.__name__}.json"
        if is_fresh(stamp):
            print(f"{make.__name__}: up to date")
            continue
        files = make(folder)
        write_stamp(stamp, files)
        print(f"{make.__name__}: {', '.join(file.name for file in files)}")


if __name__ == "__main__":
    run_tool(main)
