"""run.py: what it prints, and its messages to people who mistype."""

import json
import subprocess
import sys
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from support import MODELS, PEERS, PROGRAM


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", str(PEERS / "run.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


class Run(unittest.TestCase):
    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.models = Path(folder.name)
        for name, file in (("lenet5.pt2", "lenet5.pt2"), ("lenet5-digits.npz", "digits.npz")):
            (self.models / name).symlink_to(MODELS / file)
        self.usual = ["--model", "lenet5", "--models", self.models, "--softbeam", PROGRAM]

    def test_measures_softbeam_and_a_peer_and_says_what_is_left_out(self) -> None:
        done = run(*self.usual, "--only", "bare_hook,pytorchfi", "--trials", 4000, "--seconds", 1,
                   "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        softbeam, hook, skipped = json.loads(done.stdout)["rows"]
        self.assertEqual(softbeam["trials"], 4000)
        self.assertGreater(hook["trials"], 100)
        self.assertAlmostEqual(hook["softbeam_ratio"], softbeam["rate"] / hook["rate"])
        self.assertEqual(hook["landed"]["convolutions"], {"landed where it says": 64})
        self.assertEqual(skipped["skipped"], "--pytorchfi DIR is not given")

    def test_mistakes_are_named(self) -> None:
        nothing = self.models / "nothing"
        for code, arguments, message in [
                (2, ["--model", "resnet81"], "unknown model 'resnet81' (the peers need its Python "
                                             "source) Did you mean 'resnet18'?"),
                (1, [*self.usual, "--models", nothing], "no such file) Make it with"),
                (2, [*self.usual, "--softbeam", nothing], "(no such program) Build it with"),
                (2, [*self.usual, "--pytorchfi", nothing], "is not PyTorchFI (it has no "
                                                           "pytorchfi/core.py)"),
                (2, [*self.usual, "--pytorchalfi", MODELS], "is not PyTorchALFI"),
                (2, [*self.usual, "--only", "mrfo"], "no peer 'mrfo'. Did you mean 'mrfi'?")]:
            with self.subTest(message):
                done = run(*arguments)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(message, done.stderr)
                self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
