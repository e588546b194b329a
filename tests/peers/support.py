"""Where things are, and softbeam as a function; used by the tests of this folder."""

import os
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).resolve().parents[2] / "benchmarks" / "peers"
PROGRAM = os.environ["SB_PROGRAM"]
MODELS = Path(os.environ["SB_TEST_MODELS"])
sys.path.insert(0, str(PEERS))


def softbeam(*arguments: object) -> str:
    """What the program prints; it must succeed."""
    command = [PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
