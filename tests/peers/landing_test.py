"""The check of where a fault landed finds faults that were planted wrongly."""

import unittest

import support  # noqa: F401 (it puts the programs on the path)
import torch

from peer_bench.faults import Draw, Fault
from peer_bench.watch import AS_CLAIMED, ONE_BIT, Struck, landings

GOLDEN = {"conv": torch.ones(1, 2, 3), "fc": torch.ones(1, 4)}
CLAIM = Fault("conv", 4, 30)


def struck(claim: Fault | None, *flips: Fault) -> Struck:
    """One sample with these bits flipped."""
    faulty = {name: words.clone() for name, words in GOLDEN.items()}
    for fault in flips:
        faulty[fault.layer].view(torch.int32).view(-1)[fault.element] ^= fault.mask
    return Struck([claim], GOLDEN, faulty)


class Landing(unittest.TestCase):
    def test_names_what_happened(self) -> None:
        for expected, claim, flips in [
                (AS_CLAIMED, CLAIM, [CLAIM]),
                (AS_CLAIMED, Fault("fc", 3, 31), [Fault("fc", 3, 31)]),
                (AS_CLAIMED, CLAIM, [CLAIM, Fault("fc", 0, 3)]),  # what followed from it
                (ONE_BIT, None, [CLAIM]),
                ("nothing changed", CLAIM, []),
                ("another word", CLAIM, [Fault("conv", 5, 30)]),
                ("another word", CLAIM, [Fault("fc", 0, 30)]),
                ("another bit", CLAIM, [Fault("conv", 4, 29)]),
                ("another number of bits changed", CLAIM, [CLAIM, Fault("conv", 4, 29)]),
                ("several words changed", CLAIM, [CLAIM, Fault("conv", 5, 30)])]:
            with self.subTest(expected):
                self.assertEqual(landings(struck(claim, *flips)), {expected: 1})


class Drawing(unittest.TestCase):
    def test_words_are_drawn_in_proportion_to_the_layers(self) -> None:
        faults = Draw({"a": (3, 10, 10), "b": (100,)}).faults(40_000)
        share = sum(fault.layer == "a" for fault in faults) / len(faults)
        self.assertAlmostEqual(share, 0.75, delta=0.01)
        for layer, words in (("a", 300), ("b", 100)):
            elements = {fault.element for fault in faults if fault.layer == layer}
            self.assertEqual(elements, set(range(words)))
        self.assertEqual({fault.bit for fault in faults}, set(range(32)))


if __name__ == "__main__":
    unittest.main()
