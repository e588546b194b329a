#!/usr/bin/env python3
"""Exports a torch.nn.Module for softbeam: .pt2, TorchScript, and eager reference outputs."""

import argparse
from pathlib import Path

import torch

from softbeam_tools.errors import ToolError, UsageError, positive, run_tool
from softbeam_tools.export import (MAX_BATCH, random_images, run_eager, same_bits, save_exported,
                                   save_reference, save_torchscript)
from softbeam_tools.model_source import build_model, load_weights, parse_arguments
from softbeam_tools.npz import load_images


def shape(text: str) -> tuple[int, ...]:
    """'1,28,28' as a tuple of positive sizes."""
    return tuple(positive(part) for part in text.split(","))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=(
        "example: export_model.py resnet18 --out resnet18 --torchscript trace"))
    parser.add_argument("model", metavar="MODEL", help="MODULE:FUNCTION, FILE.py:FUNCTION, or the "
                        "name of a torchvision model (random weights unless --weights)")
    parser.add_argument("--out", required=True, metavar="PREFIX",
                        help="writes PREFIX.pt2, PREFIX.torchscript.pt, PREFIX.reference.npz")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="a saved state_dict")
    parser.add_argument("--model-arg", action="append", default=[], metavar="NAME=VALUE",
                        help="an argument of FUNCTION; may be repeated")
    parser.add_argument("--input-shape", type=shape, default=(3, 224, 224), metavar="C,H,W",
                        help="one sample, without the batch (default 3,224,224)")
    parser.add_argument("--batch", type=positive, default=2,
                        help="samples in the example (default 2)")
    parser.add_argument("--static", action="store_true", help="fix the batch size to --batch")
    parser.add_argument("--torchscript", choices=("trace", "script", "none"), default="none")
    parser.add_argument("--reference", type=Path, metavar="FILE.npz",
                        help="take the reference inputs from its array 'images'")
    parser.add_argument("--seed", type=int, default=1,
                        help="of random weights and random inputs (default 1)")
    return parser.parse_args()


def reference_images(options: argparse.Namespace) -> torch.Tensor:
    """The example batch: from --reference, else random."""
    if options.reference is None:
        return random_images(options.batch, options.input_shape, options.seed)
    images = load_images(options.reference)
    if len(images) < options.batch:
        raise ToolError(f"'{options.reference}' has too few images",
                        f"{len(images)}, --batch is {options.batch}")
    return torch.from_numpy(images[: options.batch])


def check(options: argparse.Namespace) -> None:
    smallest = 1 if options.static else 2
    if not smallest <= options.batch <= MAX_BATCH:
        one = options.batch == 1
        why = "an example of one sample would fix the size" if one else "out of range"
        raise UsageError(f"--batch {options.batch} cannot be exported", why,
                         f"Accepted: {smallest} to {MAX_BATCH} (1 with --static).")


def main() -> None:
    options = parse()
    check(options)
    model = build_model(options.model, parse_arguments(options.model_arg), options.seed)
    if options.weights is not None:
        load_weights(model, options.weights)
    model.eval()
    images = reference_images(options)
    outputs = run_eager(model, images)

    prefix = options.out
    written = {f"{prefix}.pt2": save_exported(Path(f"{prefix}.pt2"), model, images, options.static)}
    if options.torchscript != "none":
        path = f"{prefix}.torchscript.pt"
        written[path] = save_torchscript(Path(path), model, images, options.torchscript)
    save_reference(Path(f"{prefix}.reference.npz"), images, outputs)
    print(f"{prefix}.reference.npz  input {list(images.shape)}, "
          f"output {', '.join(str(list(o.shape)) for o in outputs)}")
    for path, module in written.items():
        equal = same_bits(outputs, run_eager(module, images))
        print(f"{path}  {'equals' if equal else 'DIFFERS from'} the eager model bit for bit")


if __name__ == "__main__":
    run_tool(main)
