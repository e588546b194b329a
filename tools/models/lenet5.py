"""LeNet-5 (LeCun et al., 1998) for 28x28 digits, with ReLU as is usual today."""

from torch import Tensor, nn


class LeNet5(nn.Module):
    """Two convolutions with pooling, three linear layers; every step is a module with a name."""

    def __init__(self, kernel: int, pool: type[nn.Module]) -> None:
        super().__init__()
        self.pad = nn.ZeroPad2d(2)  # 28x28 to the 32x32 of the paper
        self.conv1 = nn.Conv2d(1, 6, kernel)
        self.relu1 = nn.ReLU()
        self.pool1 = pool(2)
        self.conv2 = nn.Conv2d(6, 16, kernel)
        self.relu2 = nn.ReLU()
        self.pool2 = pool(2)
        self.flatten = nn.Flatten()
        side = ((33 - kernel) // 2 + 1 - kernel) // 2
        self.fc1 = nn.Linear(16 * side * side, 120)
        self.relu3 = nn.ReLU()
        self.fc2 = nn.Linear(120, 84)
        self.relu4 = nn.ReLU()
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool1(self.relu1(self.conv1(self.pad(x))))
        x = self.pool2(self.relu2(self.conv2(x)))
        x = self.relu3(self.fc1(self.flatten(x)))
        return self.fc3(self.relu4(self.fc2(x)))


def lenet5() -> LeNet5:
    """The classic shape: 5x5 kernels and max pooling."""
    return LeNet5(kernel=5, pool=nn.MaxPool2d)


def lenet5_3x3() -> LeNet5:
    """A variant in common use: 3x3 kernels and average pooling (fc1 takes 576 features)."""
    return LeNet5(kernel=3, pool=nn.AvgPool2d)
