"""Adds up what CTest wrote as JUnit files and prints 'N passed, N failed, N skipped'.

Used by test.sh; ends with 1 where a test failed, a file is missing or no test ran."""

import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter


def outcome(case: ElementTree.Element) -> str:
    """CTest calls both a test that skipped itself and one that could not start 'notrun'."""
    if case.get("status") == "run":
        return "passed"
    skipped = case.find("skipped")
    by_itself = skipped is not None and skipped.get("message", "").startswith("SKIP_")
    return "skipped" if by_itself or case.get("status") == "disabled" else "failed"


def reason(case: ElementTree.Element) -> str:
    """What a skipped GoogleTest said, or the last line of another test."""
    said = (case.findtext("system-out") or "").strip()
    of_googletest = re.search(r": Skipped\n(.*)", said)
    return of_googletest[1] if of_googletest else said.split("\n")[-1] or "no reason given"


def main(paths: list[str]) -> int:
    counts, reasons = Counter(), Counter()
    for path in paths:
        try:
            cases = list(ElementTree.parse(path).iter("testcase"))
        except (OSError, ElementTree.ParseError) as error:
            print(f"{path}: {error}")
            counts["failed"] += 1
            continue
        if not cases:
            print(f"{path}: no test ran")
            counts["failed"] += 1
        for case in cases:
            result = outcome(case)
            counts[result] += 1
            if result == "failed":
                print(f"failed: {case.get('name')}")
            if result == "skipped":
                reasons[reason(case)] += 1
    for text, count in reasons.items():
        print(f"skipped: {count} ({text})")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or not counts["passed"] else 0


sys.exit(main(sys.argv[1:]))
