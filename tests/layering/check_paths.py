#!/usr/bin/env python3
"""Finds paths of one machine and addresses of package registries in the files that git tracks.

Run by CTest; ends with 1 where there is one, and with 77 (skipped) outside a git repository."""

import subprocess
import sys
from pathlib import Path

SKIPPED = 77
# In two parts each, so that this file does not contain what it looks for.
PATTERNS = [first + second for first, second in [
    ("/wo", "rk/"), ("/ro", "ot/"), ("pypi", ".org"), ("pythonhosted", ".org"),
    ("deb.debian", ".org"), ("security.debian", ".org")]]


def tracked_files(root: Path) -> list[str] | None:
    # A clone that belongs to someone else is read all the same.
    command = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return [name for name in listed.decode().split("\0") if name]


def main(root: Path) -> int:
    names = tracked_files(root)
    if not names:
        print("not a git repository, or git is not installed")
        return SKIPPED
    found = [f"{name}:{number}: {pattern}"
             for name in names if (root / name).is_file()
             for number, line in enumerate(
                 (root / name).read_text(encoding="utf-8", errors="replace").splitlines(), 1)
             for pattern in PATTERNS if pattern in line]
    print(*found, f"{len(names)} files, {len(found)} paths of one machine", sep="\n")
    return 1 if found else 0


sys.exit(main(Path(sys.argv[1])))
