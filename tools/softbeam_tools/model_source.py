"""Turns the MODEL argument of the command line into an nn.Module with its weights."""

import ast
import importlib
import importlib.util
import inspect
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import torch
from torch import nn

from .errors import ToolError, UsageError, first_lines, nearest


def build_model(source: str, arguments: dict[str, object], seed: int) -> nn.Module:
    """Calls the function that `source` names; random weights follow from `seed`."""
    make = _torchvision(source) if _is_torchvision(source) else _function(source)
    torch.manual_seed(seed)
    try:
        inspect.signature(make).bind(**arguments)
    except TypeError as error:
        raise UsageError(f"'{source}' cannot be called", first_lines(error),
                         "Give its arguments with --model-arg NAME=VALUE.") from error
    try:
        model = make(**arguments)
    except ToolError:
        raise
    except Exception as error:
        raise ToolError(f"'{source}' failed while making the model",
                        f"{type(error).__name__}: {first_lines(error)}") from error
    if not isinstance(model, nn.Module):
        raise UsageError(f"'{source}' gave no torch.nn.Module", f"it gave {type(model).__name__}",
                         "Name a function (or class) that returns the model.")
    return model


def load_weights(model: nn.Module, path: Path) -> None:
    """Loads a state_dict strictly; nothing of the file is executed."""
    if not path.is_file():
        raise ToolError(f"cannot read weights '{path}'", "no such file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ToolError(f"cannot read weights '{path}'", first_lines(error, width=120),
                        "Save them with torch.save(model.state_dict(), FILE).") from error
    if not isinstance(state, dict) or not all(torch.is_tensor(v) for v in state.values()):
        raise ToolError(f"'{path}' is not a state_dict", "expected names mapped to tensors",
                        "Save the model's state_dict() alone, not the whole checkpoint.")
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        differences = first_lines(RuntimeError(str(error).partition("\n")[2]), 2)
        raise ToolError(f"weights '{path}' do not fit the model", differences,
                        "Check that MODEL is the network they were trained in.") from error


def parse_arguments(pairs: list[str]) -> dict[str, object]:
    """NAME=VALUE pairs; a VALUE is a Python literal or else a string."""
    arguments: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise UsageError(f"--model-arg '{pair}' is not NAME=VALUE")
        try:
            arguments[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            arguments[name] = value
    return arguments


def _is_torchvision(source: str) -> bool:
    return ":" not in source or source.startswith("torchvision:")


def _torchvision(source: str) -> Callable[..., nn.Module]:
    from torchvision.models import get_model_builder, list_models

    name = source.removeprefix("torchvision:")
    if name not in list_models():
        raise UsageError(f"unknown model '{source}'", "no model of torchvision has this name",
                         nearest(name, list_models()) + " Your own: FILE.py:FUNCTION.")
    return get_model_builder(name)


def _function(source: str) -> Callable[..., object]:
    place, _, name = source.rpartition(":")
    if not place or not name.isidentifier():
        raise UsageError(f"MODEL '{source}' is not understood", "expected MODULE:FUNCTION",
                         "For example path/to/net.py:make or resnet18.")
    module = _import(place)
    if not callable(getattr(module, name, None)):
        names = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
        raise UsageError(f"'{place}' has no function '{name}'", "", nearest(name, names))
    return getattr(module, name)


def _import(place: str) -> ModuleType:
    """A file is imported with its own folder on the path, a module with the current one."""
    path = Path(place)
    try:
        if path.suffix != ".py":
            sys.path.insert(0, str(Path.cwd()))
            return importlib.import_module(place)
        if not path.is_file():
            raise UsageError(f"cannot read model file '{place}'", "no such file")
        sys.path.insert(0, str(path.resolve().parent))
        spec = importlib.util.spec_from_file_location(path.stem, path.resolve())
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module
    except ToolError:
        raise
    except ModuleNotFoundError as error:
        raise UsageError(f"cannot import '{place}'", f"no module '{error.name}'",
                         "Give the path of a .py file, or install the module.") from error
    except Exception as error:
        raise ToolError(f"cannot import '{place}'",
                        f"{type(error).__name__}: {first_lines(error)}") from error
