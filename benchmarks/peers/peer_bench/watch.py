"""Looks at the outputs of all struck layers and says where a fault really landed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .faults import Fault

Outputs = dict[str, Tensor]
AS_CLAIMED = "landed where it says"
ONE_BIT = "changed one bit of one word; where, it does not say"


@dataclass(frozen=True)
class Struck:
    """What an injector says it did to each sample (None: it does not say), and what it did."""

    claims: Sequence[Fault | None]
    golden: Outputs
    faulty: Outputs


class Watch:
    """Keeps every struck layer's output of every run, by reference: hooks that write into it
    afterwards are seen. Copies of the model report here, too."""

    def __init__(self, model: nn.Module, layers: Sequence[str]) -> None:
        self.runs: list[Outputs] = []
        first = next(iter(layers))

        def hook(name: str) -> Callable[..., None]:
            def keep(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
                if name == first:
                    self.runs.append({})
                self.runs[-1][name] = output

            return keep

        self._handles = [model.get_submodule(name).register_forward_hook(hook(name))
                         for name in layers]

    def run(self, infer: Callable[[], object]) -> Outputs:
        """The outputs of the one inference that `infer` makes."""
        with torch.no_grad():
            infer()
        return self.runs[-1]

    def close(self) -> None:
        for handle in self._handles:
            handle.remove()


def landing(struck: Struck, sample: int) -> str:
    """What became of the fault of one sample, in words."""
    claim = struck.claims[sample]
    for layer, golden in struck.golden.items():
        before, after = (words[sample].reshape(-1).view(torch.int32)
                         for words in (golden, struck.faulty[layer]))
        places = torch.nonzero(before != after).flatten().tolist()
        if places:
            break
    else:
        return "nothing changed"
    if len(places) > 1:
        return "several words changed"
    flipped = (int(before[places[0]]) ^ int(after[places[0]])) & 0xFFFFFFFF
    if flipped.bit_count() != 1:
        return "another number of bits changed"
    found = Fault(layer, places[0], flipped.bit_length() - 1)
    if claim is None:
        return ONE_BIT
    if claim == found:
        return AS_CLAIMED
    return "another bit" if (claim.layer, claim.element) == (layer, places[0]) else "another word"


def landings(struck: Struck) -> dict[str, int]:
    """How often each happened."""
    counts: dict[str, int] = {}
    for sample in range(len(struck.claims)):
        what = landing(struck, sample)
        counts[what] = counts.get(what, 0) + 1
    return counts
