"""Stands in for packages that a peer imports at its top and that its campaign does not need."""

import importlib.util
import sys
from collections.abc import Callable, Mapping
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NoReturn

Functions = Mapping[str, Callable[..., object]]


class _Package(ModuleType):
    """A module in which every name can be imported, and only given ones can be used."""

    def __init__(self, name: str, functions: Functions) -> None:
        super().__init__(name)
        self.__spec__ = ModuleSpec(name, None)  # what looks for optional packages asks for it
        self.__dict__.update(functions)

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        if name.startswith("__"):
            raise AttributeError(name)
        where = f"{self.__name__}.{name}"

        def refuse(*arguments: object, **named: object) -> NoReturn:
            raise RuntimeError(f"'{where}' is needed, but its package is not installed")

        return refuse


def stand_in(packages: Mapping[str, Functions]) -> list[str]:
    """Adds those of `packages` that are missing, with the functions given; says which."""
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    for name in missing:
        sys.modules[name] = _Package(name, packages[name])
    return missing
