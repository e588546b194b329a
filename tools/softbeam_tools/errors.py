"""Errors that a user can act on, and the exit codes they map to: 1 failed, 2 usage."""

import argparse
import difflib
import sys
from collections.abc import Callable, Iterable


class ToolError(Exception):
    """A failure told as *problem (why) suggestion*; exit code 1."""

    exit_code = 1

    def __init__(self, problem: str, why: str = "", suggestion: str = "") -> None:
        reason = f" ({why})" if why else ""
        super().__init__(f"{problem}{reason}{' ' + suggestion if suggestion else ''}")


class UsageError(ToolError):
    """The command line asks for something that cannot be meant; exit code 2."""

    exit_code = 2


def first_lines(error: BaseException, count: int = 1, width: int = 240) -> str:
    """The beginning of a library's message, for the *why* of ours."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = " ".join(lines[:count]) or type(error).__name__
    return text if len(text) <= width else text[:width - 3] + "..."


def positive(text: str) -> int:
    """An argparse type: a whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1")
    return int(text)


def nearest(word: str, accepted: Iterable[str]) -> str:
    """A 'did you mean' sentence, or the accepted set when nothing is close."""
    names = sorted(accepted)
    close = difflib.get_close_matches(word, names, n=1)
    if close:
        return f"Did you mean '{close[0]}'?"
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"Accepted: {shown}."


def run_tool(main: Callable[[], None]) -> None:
    """Runs `main` and exits with the documented code; messages go to stderr."""
    try:
        main()
    except ToolError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        where = f" '{error.filename}'" if error.filename else ""
        print(f"error: cannot read or write{where} ({error.strerror or error})", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
