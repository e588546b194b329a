"""What every injector gets: a network with the weights of softbeam's file, and its samples."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from softbeam_tools.errors import ToolError, UsageError, first_lines, nearest
from softbeam_tools.npz import load_images
from torch import Tensor, nn

Make = Callable[[], nn.Module]


@dataclass(frozen=True)
class Network:
    """One of the networks that tools/prepare_benchmarks.py makes."""

    make: Make
    data: str
    trials: int  # of softbeam, unless the user says
    batches: tuple[int, ...]  # that are tried for a peer


@dataclass(frozen=True)
class Work:
    """A network in eval mode, its samples, and the shapes of what may be struck."""

    model: nn.Module
    images: Tensor
    layers: dict[str, torch.Size]  # convolutions and linear layers in order of execution


def _torchvision(name: str) -> Make:
    def make() -> nn.Module:
        from torchvision.models import get_model

        return get_model(name, weights=None)

    return make


def _lenet5() -> nn.Module:
    from models.lenet5 import lenet5

    return lenet5()


def _efficientnet_lite0() -> nn.Module:
    from models.efficientnet_lite0 import efficientnet_lite0

    return efficientnet_lite0()


_PHOTOS = ("photos64.npz", 16384, (1, 4, 16, 32, 64))
NETWORKS = {
    "lenet5": Network(_lenet5, "lenet5-digits.npz", 1_000_000, (1, 16, 64, 256)),
    "resnet18": Network(_torchvision("resnet18"), *_PHOTOS),
    "resnet50": Network(_torchvision("resnet50"), *_PHOTOS),
    "mobilenet_v2": Network(_torchvision("mobilenet_v2"), *_PHOTOS),
    "efficientnet_lite0": Network(_efficientnet_lite0, *_PHOTOS),
}


def network(name: str) -> Network:
    if name not in NETWORKS:
        raise UsageError(f"unknown model '{name}'", "the peers need its Python source",
                         nearest(name, NETWORKS))
    return NETWORKS[name]


def load_work(name: str, model_file: Path, data_file: Path, samples: int) -> Work:
    """The module with the weights of `model_file`, and the first `samples` of `data_file`."""
    images = torch.from_numpy(load_images(data_file))[:samples].clone()
    model = load_module(network(name).make, model_file, images[:2])
    return Work(model, images, struck_layers(model, images[:1]))


def load_module(make: Make, path: Path, examples: Tensor) -> nn.Module:
    """Fills the module with the weights of a .pt2 and demands the exported program's answers."""
    if not path.is_file():
        raise ToolError(f"cannot read model '{path}'", "no such file",
                        "Make it with tools/prepare_benchmarks.py.")
    model = make()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its weights lie in a read-only buffer
        try:
            exported = torch.export.load(path)
            model.load_state_dict(exported.state_dict)
        except (RuntimeError, ValueError, OSError) as error:
            raise ToolError(f"cannot read model '{path}'", first_lines(error)) from error
    model.eval().requires_grad_(False)
    with torch.no_grad():
        if not torch.allclose(model(examples), exported.module()(examples), rtol=1e-4, atol=1e-4):
            raise ToolError(f"'{path}' and its Python source give different answers", "",
                            "Make the file again with tools/prepare_benchmarks.py.")
    return model


def struck_layers(model: nn.Module, image: Tensor) -> dict[str, torch.Size]:
    """Name and output shape (of one sample) of each convolution and linear layer, as they run."""
    shapes: dict[str, torch.Size] = {}

    def remember(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            shapes[name] = output.shape[1:]

        return hook

    handles = [module.register_forward_hook(remember(name))
               for name, module in model.named_modules()
               if isinstance(module, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        model(image)
    for handle in handles:
        handle.remove()
    return shapes
