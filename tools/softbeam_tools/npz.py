"""The .npz data set that softbeam reads: images, and optionally labels and class_names."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .errors import ToolError
from .files import write_bytes


def save_dataset(path: Path, images: np.ndarray, labels: np.ndarray | None = None,
                 class_names: Sequence[str] | None = None) -> None:
    """Writes images as float32 NCHW, labels as int64, class names as unicode."""
    arrays: dict[str, np.ndarray] = {"images": np.ascontiguousarray(images, dtype=np.float32)}
    if labels is not None:
        arrays["labels"] = np.asarray(labels, dtype=np.int64)
    if class_names is not None:
        arrays["class_names"] = np.asarray(class_names, dtype=np.str_)
    save_arrays(path, arrays)


def save_arrays(path: Path, arrays: dict[str, np.ndarray], compressed: bool = False) -> None:
    """Writes any arrays; the same arrays give the same bytes."""
    buffer = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def load_images(path: Path) -> np.ndarray:
    """The array `images` of a data set, as float32."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            if "images" not in archive:
                raise ToolError(f"'{path}' has no array 'images'", f"it has: {', '.join(archive)}",
                                "Make one with pack_data.py.")
            images = archive["images"]
    except (ValueError, zipfile.BadZipFile, EOFError, AttributeError, TypeError) as error:
        raise ToolError(f"cannot read '{path}' as .npz", str(error)) from error
    if images.dtype.kind not in "fiu":
        raise ToolError(f"array 'images' of '{path}' does not hold numbers",
                        f"dtype {images.dtype}")
    return np.ascontiguousarray(images, dtype=np.float32)
