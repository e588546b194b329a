#!/usr/bin/env python3
"""Makes the models and data of benchmarks/RESULTS.md, with fixed seeds; skips what is there.

LeNet-5 and EfficientNet-Lite0 are trained. ResNet-18, ResNet-50 and MobileNetV2 have random
weights and batch norm calibrated on the 64 photographs, which are also their samples."""

import argparse
from pathlib import Path

from softbeam_tools import prepared
from softbeam_tools.errors import run_tool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    prepared.prepare(parser.parse_args().out,
                     [prepared.lenet5, prepared.photos, prepared.efficientnet_lite0,
                      prepared.resnet18, prepared.resnet50, prepared.mobilenet_v2])


if __name__ == "__main__":
    run_tool(main)
