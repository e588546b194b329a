#!/usr/bin/env python3
"""Writes the models and data sets of the C++ tests; does nothing when they are there."""

import argparse
import json
from pathlib import Path

from softbeam_tools.errors import run_tool
from softbeam_tools.files import is_fresh, write_bytes, write_stamp

STAMP = ".softbeam-test-models.json"


def prepare(folder: Path) -> None:
    """Everything under `folder`; manifest.json says what each model is for."""
    import torch  # slow: only when there is work

    from softbeam_tools import test_data
    from softbeam_tools.npz import load_images
    from softbeam_tools.test_models import test_models, write_model

    torch.set_num_threads(1)  # calibration sums in one order
    data = test_data.write_good_data(folder)
    models = {}
    for entry in test_models():
        torch.manual_seed(1)
        images = torch.from_numpy(load_images(folder / f"{entry.data}.npz"))
        models[entry.name] = write_model(folder, entry, entry.make(), images)
        print(entry.name, "(random)" if entry.random else "",
              *(f"{file} differs from eager" for file in models[entry.name]["differs_in_python"]))
    forms = test_data.write_forms(folder / "forms")
    bad = (test_data.write_bad_data(folder / "bad_data")
           + test_data.write_bad_models(folder / "bad_models", folder / "lenet5.pt2"))
    manifest = {"models": models, "data": data, "forms": forms, "bad": bad}
    write_bytes(folder / "manifest.json", json.dumps(manifest, indent=1).encode())
    names = [*data, *forms, *bad, "manifest.json",
             *(file for model in models.values() for file in model["files"])]
    write_stamp(folder / STAMP, [folder / name for name in names])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    folder = parser.parse_args().out
    if is_fresh(folder / STAMP):
        print(f"{folder} is up to date")
        return
    prepare(folder)


if __name__ == "__main__":
    run_tool(main)
