"""The result of a comparison, as text and as JSON."""

import json
from dataclasses import asdict, dataclass, field

Landed = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Row:
    """One tool; without a rate it was left out or failed, for the reason given."""

    tool: str
    version: str = ""
    rate: float | None = None
    trials: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0  # of all threads: what a busy machine changes least
    batch: int | None = None
    threads: int = 0
    records: str = ""
    notes: tuple[str, ...] = ()
    landed: Landed = field(default_factory=dict)
    skipped: str | None = None
    failed: str | None = None


@dataclass(frozen=True)
class Result:
    model: str
    samples: int
    threads: int
    torch: str
    eager_images_per_second: float
    load: tuple[float, float]  # of the machine, before and after
    rows: tuple[Row, ...]  # softbeam first

    def times(self, row: Row) -> float | None:
        """How many times as many trials a second softbeam runs."""
        ours = self.rows[0].rate
        return ours / row.rate if ours and row.rate else None


def json_text(result: Result) -> str:
    rows = [asdict(row) | {"softbeam_ratio": result.times(row)} for row in result.rows]
    return json.dumps(asdict(result) | {"rows": rows}, indent=1)


def text(result: Result) -> str:
    header = ["tool", "trials/s", "softbeam is", "batch", "threads", "trials", "seconds",
              "CPU s", "version"]
    cells = [header, *(_cells(result, row) for row in result.rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(header))]
    lines = ["  ".join(_aligned(cell, width, column) for column, (cell, width)
                       in enumerate(zip(line, widths, strict=True))).rstrip() for line in cells]
    head = (f"{result.model}, {result.samples} samples, torch {result.torch}, "
            f"{result.threads} threads; eager LibTorch {result.eager_images_per_second:.1f} "
            f"images/s; load {result.load[0]:.1f} before, {result.load[1]:.1f} after")
    return "\n".join([head, "", *lines, "", *_notes(result)]).rstrip()


def _cells(result: Result, row: Row) -> list[str]:
    if row.rate is None:
        return [row.tool, "failed" if row.failed else "left out", *[""] * 7]
    return [row.tool, f"{row.rate:,.1f}", f"{result.times(row):.1f}x",
            str(row.batch or ""), str(row.threads), f"{row.trials:,}", f"{row.seconds:.1f}",
            f"{row.cpu_seconds:.1f}", row.version]


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if 1 <= column <= 7 else cell.ljust(width)


def _notes(result: Result) -> list[str]:
    lines = []
    for row in result.rows:
        reason = row.failed or row.skipped
        facts = [reason] if reason else [f"records {row.records}", *_landings(row), *row.notes]
        lines += [f"{row.tool}: {facts[0]}", *(f"  - {fact}" for fact in facts[1:])]
    return lines


def _landings(row: Row) -> list[str]:
    lines = []
    for kind, found in row.landed.items():
        total = sum(found.values())
        shown = ", ".join(f"{count} {what}" for what, count in sorted(found.items(), key=_share))
        lines.append(f"of {total} faults in {kind}: {shown}")
    return lines


def _share(item: tuple[str, int]) -> int:
    return -item[1]
