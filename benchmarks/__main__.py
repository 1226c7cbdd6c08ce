"""``make bench``: everything that is measured, beside what it is measured against, in one table."""

from __future__ import annotations

import platform
import sys
from os import cpu_count

import textual

from benchmarks import faults, find, growth, launch, lost_answer, names, requests, terminal
from benchmarks.table import print_table


def main() -> None:
    """It takes a quarter of an hour, and wants a machine that does nothing else."""
    print(
        f"Python {platform.python_version()}, Textual {textual.__version__}, "
        f"{platform.machine()}, {cpu_count()} processors. Times are medians.\n"
    )
    groups = (
        launch.rows,
        names.measure,
        growth.measure,
        find.measure,
        terminal.walk_rows,
        terminal.key_rows,
        terminal.far_rows,
        requests.measure,
    )
    rows = []
    for measure in groups:
        print(f"… {measure.__module__}.{measure.__name__}", file=sys.stderr, flush=True)
        rows += measure()
    print_table(rows)
    print()
    print(launch.import_report())
    print("\nWhat the official client posts when the line drops")
    lost_answer.main()
    faults.main()


if __name__ == "__main__":
    main()
