#!/usr/bin/env python3
"""Trials a second of softbeam and of other fault injectors, on one model in one run.

One random bit of a uniformly drawn output word of a convolution or linear layer, a trial; golden
and recording are counted, as each tool does them. README.md says what each one pays."""

from peer_bench.command_line import parse
from peer_bench.compare import compare
from peer_bench.table import json_text, text
from softbeam_tools.errors import ToolError, run_tool


def main() -> None:
    options = parse(__doc__)
    result = compare(options)
    print(json_text(result) if options.json else text(result))
    failed = [row.tool for row in result.rows if row.failed]
    if failed:
        raise ToolError(f"not measured: {', '.join(failed)}", "see the reason in the table")


if __name__ == "__main__":
    run_tool(main)
