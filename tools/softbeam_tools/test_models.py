"""The list of models that the C++ tests read, and how each of them is written."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from models import calibrated, special
from models.efficientnet_lite0 import efficientnet_lite0
from models.lenet5 import lenet5

from .export import run_eager, same_bits, save_exported, save_reference, save_torchscript


@dataclass(frozen=True)
class TestModel:
    """`data` is the .npz beside it; its first `batch` images are the reference inputs."""

    name: str
    make: Callable[[], nn.Module]
    data: str = "small"
    scripted: bool = True
    static: bool = False
    training: bool = False
    random: bool = False
    batch: int = 2


def test_models() -> list[TestModel]:
    small = [
        TestModel("inplace_views", special.InplaceViews),
        TestModel("scalars", special.Scalars),
        TestModel("mixes_samples", special.MixesSamples),
        TestModel("train_mode_bn", special.BatchNormNet, training=True),
        TestModel("static_batch", special.StaticView, static=True),
        TestModel("static_flatten", special.StaticFlatten, static=True),
        TestModel("static_one", special.StaticFlatten, static=True, batch=1),
        TestModel("buffer_view", special.BufferView),
        TestModel("tied", special.Tied),
        TestModel("two_calls", special.TwoCalls),
        TestModel("nan_output", special.NanOutput),
        TestModel("random_op", special.RandomOp, random=True),
        TestModel("random_dropout", special.RandomDropout, random=True),
        TestModel("two_outputs", special.TwoOutputs),
        TestModel("named_outputs", special.NamedOutputs),
        TestModel("segmentation", special.Segmentation),
        TestModel("batch_moves", special.BatchMoves),
        TestModel("bfloat16", lambda: special.OtherDtype(torch.bfloat16)),
        TestModel("float16", lambda: special.OtherDtype(torch.float16)),
        TestModel("float64", lambda: special.OtherDtype(torch.float64)),
    ]
    return [
        TestModel("lenet5", lenet5, data="digits"),
        TestModel("resnet18", calibrated.resnet18, data="photos64"),
        # its package's code cannot be scripted
        TestModel("efficientnet_lite0", efficientnet_lite0, data="photos224", scripted=False),
        TestModel("pointwise", special.Pointwise, data="photos224"),
        *small,
    ]


def write_model(folder: Path, entry: TestModel, module: nn.Module,
                images: torch.Tensor) -> dict[str, object]:
    """Writes NAME.pt2, NAME.traced.pt, NAME.scripted.pt and NAME.reference.npz; says what."""
    module.train(entry.training)
    examples = images[:entry.batch]
    outputs = run_eager(module, examples)
    files = [f"{entry.name}.reference.npz", f"{entry.name}.pt2", f"{entry.name}.traced.pt"]
    save_reference(folder / files[0], examples, outputs)
    written = [save_exported(folder / files[1], module, examples, entry.static),
               save_torchscript(folder / files[2], module, examples, "trace")]
    if entry.scripted:
        files.append(f"{entry.name}.scripted.pt")
        written.append(save_torchscript(folder / files[3], module, examples, "script"))
    unequal = [name for name, copy in zip(files[1:], written, strict=True)
               if not same_bits(outputs, run_eager(copy, examples))]
    return {"files": files, "data": f"{entry.data}.npz", "batch": entry.batch,
            "static": entry.static, "training": entry.training, "random": entry.random,
            "outputs": [list(output.shape) for output in outputs], "differs_in_python": unequal}
