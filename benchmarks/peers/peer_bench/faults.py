"""The fault that all injectors share: one random bit of a uniformly drawn output word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

BITS = 32
Layers = Mapping[str, Sequence[int]]  # the shape of one sample's output


@dataclass(frozen=True)
class Fault:
    """One flipped bit; bit 0 is the least significant one, `element` is row-major."""

    layer: str
    element: int
    bit: int

    @property
    def mask(self) -> int:
        """The flip as the signed word that int32 tensors take."""
        return (1 << self.bit) - (1 << BITS if self.bit == BITS - 1 else 0)


class Draw:
    """Draws words in proportion to the layers' sizes, and bits uniformly."""

    def __init__(self, layers: Layers, seed: int = 1) -> None:
        self.layers = layers
        self._names = list(layers)
        self._ends = np.cumsum([int(np.prod(shape)) for shape in layers.values()])
        self._random = np.random.default_rng(seed)

    def faults(self, count: int) -> list[Fault]:
        words = self._random.integers(self._ends[-1], size=count)
        layers = np.searchsorted(self._ends, words, side="right")
        starts = np.concatenate(([0], self._ends))[layers]
        bits = self._random.integers(BITS, size=count)
        return [Fault(self._names[layer], int(word - start), int(bit))
                for layer, word, start, bit in zip(layers, words, starts, bits, strict=True)]

    def layer(self) -> str:
        """A layer alone, for an injector that draws the rest itself."""
        return self.faults(1)[0].layer
