#!/usr/bin/env python3
"""Makes the quickstart's models and data (LeNet-5, EfficientNet-Lite0); skips what is there."""

import argparse
from pathlib import Path

from softbeam_tools import prepared
from softbeam_tools.errors import run_tool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    prepared.prepare(parser.parse_args().out,
                     [prepared.lenet5, prepared.photos, prepared.efficientnet_lite0])


if __name__ == "__main__":
    run_tool(main)
