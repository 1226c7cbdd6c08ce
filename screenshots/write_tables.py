"""Write the README's tables of object types and options, from the catalogue. ``make readme`` runs it."""

from __future__ import annotations

from pathlib import Path

from restore_tui.explain import with_tables

README = Path(__file__).parent.parent / "README.md"


def main() -> None:
    README.write_text(with_tables(README.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
