"""Colour photographs inside the scikit-image and scikit-learn wheels, and folders of images."""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from .errors import ToolError

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"}


def bundled_photos() -> list[Image.Image]:
    """Seven photographs that need no download."""
    from skimage import data
    from sklearn.datasets import load_sample_images

    arrays = [data.astronaut(), data.coffee(), data.chelsea(), data.rocket(),
              data.stereo_motorcycle()[0], *load_sample_images().images]
    return [Image.fromarray(array[..., :3]) for array in arrays]


def photo_samples(count: int, size: int, seed: int) -> np.ndarray:
    """`count` square crops: first every whole photograph, then random crops and flips of each."""
    photos = bundled_photos()
    rng = np.random.default_rng(seed)
    samples = []
    for index in range(count):
        photo = photos[index % len(photos)]
        if index < len(photos):
            samples.append(_pixels(centre_square(photo, size)))
            continue
        side = int(rng.integers(min(photo.size) // 2, min(photo.size) + 1))
        left = int(rng.integers(0, photo.width - side + 1))
        top = int(rng.integers(0, photo.height - side + 1))
        crop = photo.resize((size, size), Image.Resampling.BICUBIC,
                            box=(left, top, left + side, top + side))
        pixels = _pixels(crop)
        samples.append(pixels[..., ::-1] if rng.integers(2) else pixels)
    return np.stack(samples)


def folder_samples(folder: Path, size: int, channels: int,
                   seed: int, limit: int | None) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Images of `folder`/CLASS/*, centre-cropped; labels are the classes in alphabetic order."""
    if not folder.is_dir():
        raise ToolError(f"cannot read '{folder}'", "no such folder")
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    files = [(path, label) for label, name in enumerate(names)
             for path in sorted((folder / name).iterdir()) if path.suffix.lower() in SUFFIXES]
    if not files:
        raise ToolError(f"'{folder}' has no images in class folders",
                        f"looked for {', '.join(sorted(SUFFIXES))}", "Expected DIR/CLASS/IMAGE.")
    order = np.random.default_rng(seed).permutation(len(files))[:limit]
    pixels = np.stack([_read(files[i][0], size, channels) for i in order])
    return pixels, np.array([files[i][1] for i in order]), names


def centre_square(image: Image.Image, size: int) -> Image.Image:
    """The largest square around the centre, resized."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.resize((size, size), Image.Resampling.BICUBIC,
                        box=(left, top, left + side, top + side))


def imagenet_class_names() -> list[str]:
    """The 1000 names in the order of the usual logits, as torchvision ships them."""
    from torchvision.models import ResNet18_Weights

    return list(ResNet18_Weights.IMAGENET1K_V1.meta["categories"])


def _read(path: Path, size: int, channels: int) -> np.ndarray:
    try:
        with Image.open(path) as image:
            return _pixels(centre_square(image.convert("RGB" if channels == 3 else "L"), size))
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise ToolError(f"cannot read image '{path}'", str(error)) from error


def _pixels(image: Image.Image) -> np.ndarray:
    array = np.asarray(image)
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)
