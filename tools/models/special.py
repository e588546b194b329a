"""Small networks, each with one property that a reader of models can get wrong.

All take 3x12x12 unless they say otherwise; those that classify give 5 logits.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 5


class _Classifier(nn.Module):
    """A convolution in front, a linear layer behind; what is between is the special part."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.fc = nn.Linear(4 * 12 * 12, CLASSES)


class InplaceViews(_Classifier):
    """Writes in place: to whole values, to slices, and to a value that an alias reads later."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        alias = y.view(y.size(0), 4, 144)
        y.relu_()
        y[:, 1:3].mul_(0.5)
        y.add_(0.25)
        y[:, :, 2:5] = x[:, :1, 2:5]
        first, second = alias.chunk(2, dim=1)
        first.add_(second)
        return self.fc(torch.flatten(y, 1))


class Scalars(_Classifier):
    """Python numbers as operands, values that split and join."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x + 1.0) * 0.5
        left, right = torch.chunk(y, 2, dim=1)
        one, rest = torch.split(2 - y, [1, 3], dim=1)
        y = torch.cat([left * right, one.relu(), rest.mean(1, keepdim=True) / 3], dim=1)
        return self.fc(torch.flatten(y, 1))


class MixesSamples(_Classifier):
    """Subtracts the mean of the batch: a fault in one sample reaches the others."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return self.fc(torch.flatten(y - y.mean(0, keepdim=True), 1))


class BatchNormNet(_Classifier):
    """Meant to be exported in train mode, where batch norm takes the statistics of the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(torch.flatten(torch.relu(self.norm(self.conv(x))), 1))


class StaticView(_Classifier):
    """A static export holds its batch size as a number in a view."""

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(torch.relu(self.conv(x)).view(x.size(0), -1))


class StaticFlatten(_Classifier):
    """A static export of this one happens to run at any batch size."""

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(torch.flatten(torch.relu(self.conv(x)), 1))


class BufferView(_Classifier):
    """Writes to a slice of a buffer and then reads the whole buffer by its own name."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("offset", torch.zeros(CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        y = self.fc(torch.flatten(self.conv(x), 1))
        self.offset[0:2] = 3.0
        return y + self.offset


class Tied(nn.Module):
    """Two linear layers with one weight; takes 3x12x12."""

    def __init__(self) -> None:
        super().__init__()
        self.inp = nn.Linear(432, 16)
        self.first = nn.Linear(16, 16)
        self.second = nn.Linear(16, 16)
        self.second.weight = self.first.weight
        self.fc = nn.Linear(16, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.inp(torch.flatten(x, 1)))
        return self.fc(torch.relu(self.second(torch.relu(self.first(y)))))


class Swish(nn.Module):
    """A leaf module that makes two values."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(x)


class TwoCalls(_Classifier):
    """Modules that are called twice: one of one operator, one of several."""

    def __init__(self) -> None:
        super().__init__()
        self.mid = nn.Conv2d(4, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.swish = Swish()

    def forward(self, x: Tensor) -> Tensor:
        y = self.swish(self.relu(self.conv(x)))
        y = self.swish(self.relu(self.mid(y)) + y)
        return self.fc(torch.flatten(y, 1))


class NanOutput(_Classifier):
    """The clean answer is NaN: the logarithm of negative numbers."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.fc(torch.flatten(self.conv(x), 1))
        return torch.log(-torch.relu(y) - 1.0)


class RandomOp(_Classifier):
    """Two clean runs differ."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return self.fc(torch.flatten(y + torch.rand_like(y), 1))


class RandomDropout(_Classifier):
    """Dropout that stays on."""

    def forward(self, x: Tensor) -> Tensor:
        y = functional.dropout(self.conv(x), 0.5, training=True)
        return self.fc(torch.flatten(y, 1))


class TwoOutputs(_Classifier):
    """Logits and features."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = torch.relu(self.conv(x))
        return self.fc(torch.flatten(y, 1)), y.mean((2, 3))


class NamedOutputs(TwoOutputs):
    """The same in a dictionary."""

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        y = torch.relu(self.conv(x))
        return {"features": y.mean((2, 3)), "logits": self.fc(torch.flatten(y, 1))}


class Segmentation(nn.Module):
    """A score for each class and pixel: N x 5 x 12 x 12, no single answer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.head = nn.Conv2d(8, CLASSES, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.relu(self.conv(x)))


class BatchMoves(nn.Module):
    """The samples are not always dimension 0: merged as the outer, as the inner, and second."""

    def __init__(self) -> None:
        super().__init__()
        # Sixteen wide: of narrow products some processors compute the last rows in another order.
        self.row = nn.Linear(12, 16)
        self.mix = nn.Linear(16, 16)
        self.fc = nn.Linear(16, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        n = x.size(0)
        outer = torch.relu(self.row(x.reshape(n * 36, 12)))  # row r belongs to sample r / 36
        second = outer.view(n, 36, 16).transpose(0, 1).contiguous()
        inner = torch.relu(self.mix(second.view(36 * n, 16)))  # row r belongs to sample r % n
        return self.fc(inner.view(36, n, 16).mean(0))


class OtherDtype(_Classifier):
    """Computes in another floating-point type; inputs and outputs stay float32."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        self.to(dtype)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.conv(x.to(self.dtype)))
        return self.fc(torch.flatten(y, 1)).to(torch.float32)
