"""The bare hook, given the faults that softbeam planned, gets softbeam's answers."""

import csv
import json
import math
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from support import MODELS, softbeam

from peer_bench.bare_hook import faulty_logits
from peer_bench.faults import Fault
from peer_bench.work import load_module, network
from softbeam_tools.npz import load_images

CAMPAIGN = ["--model.file", MODELS / "lenet5.pt2", "--data.file", MODELS / "digits.npz",
            "--campaign.trials", 500, "--campaign.seed", 3]


class BareHook(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        images = torch.from_numpy(load_images(MODELS / "digits.npz"))
        model = load_module(network("lenet5").make, MODELS / "lenet5.pt2", images[:2])
        plan = json.loads(softbeam("plan", *CAMPAIGN, "--json"))
        cls.faults = [Fault(c["site"], c["element"], c["bits"][0])
                      for [c] in (trial["corruptions"] for trial in plan)]
        cls.samples = images[[trial["sample"] for trial in plan]]
        with torch.no_grad():
            cls.golden = model(cls.samples)
            cls.faulty = faulty_logits(model, cls.samples, cls.faults)
        with TemporaryDirectory() as folder:
            store = Path(folder) / "a.db"
            softbeam("run", *CAMPAIGN, "--store", store)
            cls.rows = list(csv.DictReader(softbeam("export", store, "--csv").splitlines()))
            cls.replay = json.loads(softbeam("replay", store, "--trial", 7, "--json"))
        cls.model = model

    def test_every_trial_has_the_same_answer(self) -> None:
        finite = self.faulty.isfinite().all(1)
        for row, answer, is_finite in zip(self.rows, self.faulty.argmax(1).tolist(), finite,
                                          strict=True):
            if is_finite:
                self.assertEqual(int(row["top1"]), answer, row)

    def test_every_trial_has_the_same_outcome(self) -> None:
        seen = set()
        for row, golden, faulty in zip(self.rows, self.golden, self.faulty, strict=True):
            if not faulty.isfinite().all():
                outcome = "nonfinite"
            elif faulty.argmax() != golden.argmax():
                outcome = "sdc_critical"
            else:
                outcome = "masked" if torch.equal(faulty, golden) else "sdc_tolerable"
            self.assertEqual(row["outcome"], outcome, row)
            seen.add(outcome)
        self.assertGreaterEqual(len(seen), 3)

    def test_the_logits_differ_from_golden_by_as_much(self) -> None:
        largest = (self.faulty - self.golden).abs().amax(1).tolist()
        for row, difference in zip(self.rows, largest, strict=True):
            if math.isfinite(difference):
                self.assertTrue(math.isclose(float(row["max_abs"]), difference, rel_tol=1e-3,
                                             abs_tol=1e-5), (row, difference))

    def test_replay_struck_the_same_word(self) -> None:
        [word] = self.replay["words"]
        fault = self.faults[7]
        self.assertEqual((word["site"], word["element"]), (fault.layer, fault.element))
        self.assertEqual(int(word["before"], 16) ^ int(word["after"], 16), 1 << fault.bit)


if __name__ == "__main__":
    unittest.main()
