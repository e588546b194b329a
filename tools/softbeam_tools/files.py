"""Files that are either absent or complete, and stamps that say what made them."""

import hashlib
import importlib.metadata
import json
import os
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent


def write_bytes(path: Path, content: bytes) -> None:
    """Writes under a temporary name and renames, so that nobody sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def recipe() -> dict[str, str]:
    """What decides the content of a prepared file: package versions and these sources."""
    requirements = (TOOLS / "requirements.txt").read_text().splitlines()
    names = [line.split("==")[0] for line in requirements if "==" in line]
    versions = {name: _version(name) for name in names}
    digest = hashlib.sha256()
    for source in sorted(TOOLS.rglob("*.py")):
        digest.update(str(source.relative_to(TOOLS)).encode() + b"\0" + source.read_bytes())
    return versions | {"sources": digest.hexdigest()}


def is_fresh(stamp: Path) -> bool:
    """True when `stamp` was written by this recipe and every file it lists has its size."""
    try:
        record = json.loads(stamp.read_text())
        if record["recipe"] != recipe():
            return False
        return all((stamp.parent / name).stat().st_size == size
                   for name, size in record["files"].items())
    except (OSError, ValueError, KeyError):
        return False


def write_stamp(stamp: Path, files: list[Path]) -> None:
    """Written last: its presence says that all `files` are complete."""
    sizes = {str(file.relative_to(stamp.parent)): file.stat().st_size for file in files}
    text = json.dumps({"recipe": recipe(), "files": sizes}, indent=1)
    write_bytes(stamp, text.encode())


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"
