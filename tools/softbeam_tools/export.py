"""Writes a module as .pt2 or TorchScript, and the answers that eager Python gave before."""

import copy
import io
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from .errors import ToolError, first_lines
from .files import write_bytes
from .npz import save_arrays

MAX_BATCH = 4096


def random_images(batch: int, shape: tuple[int, ...], seed: int) -> Tensor:
    """Standard normal inputs that follow from `seed` alone."""
    return torch.randn(batch, *shape, generator=torch.Generator().manual_seed(seed))


def flat_outputs(outputs: object) -> list[Tensor]:
    """The tensors of any nest of tuples, lists and dicts, in the order of the exported graph."""
    return [leaf for leaf in pytree.tree_leaves(outputs) if torch.is_tensor(leaf)]


def run_eager(module: nn.Module, images: Tensor, seed: int = 1) -> list[Tensor]:
    """One thread, no gradient, on a copy (train mode changes buffers); seeded for random ops."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        torch.manual_seed(seed)
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [t.clone() for t in flat_outputs(_copy(module)(images.clone()))]
    except ToolError:
        raise
    except Exception as error:
        raise ToolError(f"the model does not run on inputs of shape {list(images.shape)}",
                        first_lines(error), "Check --input-shape (without the batch).") from error
    finally:
        torch.set_num_threads(threads)


def save_reference(path: Path, images: Tensor, outputs: list[Tensor]) -> None:
    """Keys: input, output, then output_1, output_2 ... (bfloat16 is widened, which is exact)."""
    arrays = {"input": _numpy(images)}
    for index, output in enumerate(outputs):
        arrays["output" if index == 0 else f"output_{index}"] = _numpy(output)
    save_arrays(path, arrays)


def save_exported(path: Path, module: nn.Module, images: Tensor, static: bool = False) -> nn.Module:
    """torch.export to .pt2, dimension 0 dynamic unless `static`; gives the exported module back."""
    batch = torch.export.Dim("batch", min=1, max=MAX_BATCH)
    shapes = None if static else ({0: batch},)
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.export.export(_copy(module), (images.clone(),), dynamic_shapes=shapes,
                                          strict=False)
    except Exception as error:
        hint = "" if static else "If the model fixes its batch size, try --static."
        why = first_lines(error, 2)
        raise ToolError("torch.export cannot export the model", why, hint) from error
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(program, buffer)
    write_bytes(path, buffer.getvalue())
    return program.module(check_guards=False)


def save_torchscript(path: Path, module: nn.Module, images: Tensor, how: str) -> nn.Module:
    """TorchScript by `how`, trace or script; gives the scripted module back."""
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if how == "trace":
                scripted = torch.jit.trace(_copy(module), images.clone(), check_trace=False,
                                           strict=False)
            else:
                scripted = torch.jit.script(_copy(module))
    except Exception as error:
        other = "script" if how == "trace" else "trace"
        raise ToolError(f"torch.jit.{how} cannot convert the model", first_lines(error),
                        f"Try --torchscript {other}.") from error
    buffer = io.BytesIO()
    torch.jit.save(scripted, buffer)
    write_bytes(path, buffer.getvalue())
    return scripted


def same_bits(left: list[Tensor], right: list[Tensor]) -> bool:
    """Equal shapes, dtypes and bytes; NaN equals the same NaN, 0.0 does not equal -0.0."""
    return len(left) == len(right) and all(
        a.shape == b.shape and a.dtype == b.dtype and _bytes(a) == _bytes(b)
        for a, b in zip(left, right, strict=True))


def _copy(module: nn.Module) -> nn.Module:
    return copy.deepcopy(module)


def _bytes(tensor: Tensor) -> bytes:
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def _numpy(tensor: Tensor) -> np.ndarray:
    tensor = tensor.detach()
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).contiguous().numpy()
