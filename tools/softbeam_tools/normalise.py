"""How pixels become network inputs: (pixel / 255 - mean) / std, per channel."""

from typing import NamedTuple

import numpy as np

from .errors import UsageError


class Normalisation(NamedTuple):
    """Mean and standard deviation, one number or one for each channel."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


NORMALISATIONS = {
    "none": Normalisation((0.0,), (1.0,)),
    "mnist": Normalisation((0.1307,), (0.3081,)),
    "imagenet": Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    # EfficientNet-Lite was trained on (pixel - 127) / 128, so that int8 holds an input exactly.
    "lite0": Normalisation((127 / 255,), (128 / 255,)),
}


def normalise(pixels: np.ndarray, how: Normalisation) -> np.ndarray:
    """uint8 pixels NCHW to float32; computed in float64 and rounded once."""
    channels = pixels.shape[1]
    for name, values in how._asdict().items():
        if len(values) not in (1, channels):
            accepted = "one number" if channels == 1 else f"one number or {channels}"
            raise UsageError(f"the {name} has {len(values)} numbers",
                             f"channels of the images: {channels}", f"Accepted: {accepted}.")
    mean, std = (np.asarray(values).reshape(1, -1, 1, 1) for values in how)
    if not (std > 0).all():
        raise UsageError("--std must be positive")
    return ((pixels / 255.0 - mean) / std).astype(np.float32)
