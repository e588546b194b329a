"""torchvision networks with random weights whose batch norms were calibrated on data.

Random weights with untouched running statistics let activations grow layer by layer; calibrated
ones keep them in the range of a trained network, so that outputs depend on the input.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models import get_model

from softbeam_tools.npz import load_images


def calibrate(model: nn.Module, images: Tensor, batch: int = 16) -> nn.Module:
    """Sets every batch norm's running statistics to the average over the batches of `images`."""
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    model.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # cumulative average
        norm.train()
    with torch.no_grad():
        for part in images.split(batch):
            model(part)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    return model.eval()


def calibrated(name: str, data: str | None = None, seed: int = 1, side: int = 64) -> nn.Module:
    """The torchvision model `name`, calibrated on `data` (.npz) or else on noise of side `side`."""
    torch.manual_seed(seed)
    model = get_model(name, weights=None)
    if data is not None:
        images = torch.from_numpy(load_images(Path(data)))
    else:
        images = torch.randn(32, 3, side, side)
    return calibrate(model, images)


def resnet18(data: str | None = None, seed: int = 1) -> nn.Module:
    return calibrated("resnet18", data, seed)


def resnet50(data: str | None = None, seed: int = 1) -> nn.Module:
    return calibrated("resnet50", data, seed)


def mobilenet_v2(data: str | None = None, seed: int = 1) -> nn.Module:
    return calibrated("mobilenet_v2", data, seed)
