"""``make fuzz``: run many generated responses on all cores, and print what the product said of which truth; then send
as many random strings to the real program on a pseudo-terminal.

``python -m tests.fuzz [EXAMPLES [FIRST]]``. Exit code 0 if no verdict was a lie, 1 otherwise.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz import terminal
from tests.fuzz import truth as t
from tests.fuzz.product import run_all, violation

EXAMPLES = 100_000
CHUNK = 500
SHOWN_OF_EACH = 1
HEADINGS = {
    t.RESTORED: "restored",
    t.WITH_WARNINGS: "warnings",
    t.PARTLY: "partly",
    t.FAILED: "failed",
    t.UNKNOWN: "unknown",
}


@dataclass
class Counts:
    """What was seen: how often each verdict per story, and the lies with the shortest example of each."""

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    lies: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        self.verdicts += other.verdicts
        self.lies += other.lies
        for key, text in other.examples.items():
            self.examples[key] = min(text, self.examples.get(key, text), key=len)


def count(first: int, last: int) -> Counts:
    """Run the examples from ``first`` to before ``last``."""
    logging.disable(logging.ERROR - 1)
    logging.getLogger("restore_tui").propagate = False
    counts = Counts()
    with tempfile.TemporaryDirectory() as folder:
        for made, seen in run_all(range(first, last), Path(folder)):
            counts.verdicts[made.truth.story, seen.verdict] += 1
            why = violation(made, seen)
            if why is not None:
                key = (made.truth.story, why)
                counts.lies[key] += 1
                text = str(made)
                counts.examples[key] = min(text, counts.examples.get(key, text), key=len)
    return counts


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def table(verdicts: Counter[tuple[str, str]]) -> list[str]:
    """One line per story, one column per verdict."""
    lines = [f"{'what happened':42}" + "".join(f"{heading:>10}" for heading in HEADINGS.values())]
    for story in t.STORIES:
        lines.append(f"{story:42}" + "".join(f"{verdicts[story, verdict]:>10,}" for verdict in HEADINGS))
    totals = [sum(n for (_, verdict), n in verdicts.items() if verdict == column) for column in HEADINGS]
    lines.append(f"{'all':42}" + "".join(f"{total:>10,}" for total in totals))
    return lines


def main(arguments: Sequence[str]) -> int:
    examples = int(arguments[0]) if arguments else EXAMPLES
    first = int(arguments[1]) if len(arguments) > 1 else 0
    counts = Counts()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        chunks = range(first, first + examples, CHUNK)
        running = [pool.submit(count, at, min(at + CHUNK, first + examples)) for at in chunks]
        for done, future in enumerate(as_completed(running), 1):
            counts.add(future.result())
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{done * CHUNK:,} of {examples:,} ")
    for line in table(counts.verdicts):
        say(line)
    for (story, why), number in counts.lies.most_common():
        say(f"\n{number:,} x {story}: {why}\n{counts.examples[story, why]}")
    say(f"\n{examples:,} examples, {counts.lies.total():,} violations")
    with tempfile.TemporaryDirectory() as home:
        wrong = terminal.violations(Path(home), examples, first)
    for text in wrong[:10]:
        say(text)
    say(f"{examples:,} random strings for the terminal, {len(wrong):,} violations")
    return 1 if counts.lies or wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
