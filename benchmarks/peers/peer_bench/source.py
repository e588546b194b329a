"""The version of a peer that is a folder of sources."""

import subprocess
from pathlib import Path


def source_version(folder: Path) -> str:
    """The commit of a git clone, else the folder's name."""
    command = ["git", "-C", str(folder), "log", "-1", "--format=%h of %cs"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return folder.name
    return done.stdout.strip()
