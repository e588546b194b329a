"""Ends with 0 where this Python has every package of requirements files in its pinned version.

Used by setup.sh, to leave an environment alone that is complete."""

import sys
from importlib.metadata import PackageNotFoundError, distribution


def is_there(requirement: str) -> bool:
    """pip installs what a package needs before it, and writes its RECORD last."""
    name, _, pinned = requirement.partition("==")
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return False
    # 2.11.0+cu130 is 2.11.0
    return found.version.split("+")[0] == pinned and found.read_text("RECORD") is not None


if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or newer is needed")
wanted = []
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as lines:
        wanted += [line.split("#")[0].strip() for line in lines]
missing = [requirement for requirement in wanted if requirement and not is_there(requirement)]
sys.exit(" ".join(missing) or 0)
