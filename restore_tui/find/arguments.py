"""The command line of ``restore-tui find``. It loads nothing else: each start of the program reads it."""

from __future__ import annotations

import argparse

from restore_tui.suggestions import nearest_hint


def add_find_arguments(find: argparse.ArgumentParser) -> None:
    """Everything but the connection options."""
    find.add_argument(
        "names", nargs="+", type=_name, metavar="NAME", help="a name, or a pattern with * and ?"
    )
    for option, type_, metavar, words in (
        ("--type", _type, "TYPE", "only objects of this type"),
        ("--data-source", str, "NAME", "only backups of this data source"),
        ("--backup", str, "NAME", "only this backup"),
        ("--before", str, "TIME", "only snapshots up to then: 'yesterday 18:00', 3h"),
        ("--since", str, "TIME", "only snapshots from then on"),
    ):
        find.add_argument(option, type=type_, default=None, metavar=metavar, help=words)
    for option, words in (
        ("--all", "do not stop at the newest snapshot that holds each name"),
        ("--json", "as JSON, in ASCII"),
    ):
        find.add_argument(option, action="store_true", default=False, help=words)


def _name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("a name is empty; * stands for all")
    return text


def _type(text: str) -> str:
    from restore_tui.kinetica.reference import AMBIGUOUS_WORDS, TYPE_NAMES, normalize_type

    kind = normalize_type(text)
    if kind in AMBIGUOUS_WORDS:
        raise argparse.ArgumentTypeError(f"{kind} may be {' or '.join(AMBIGUOUS_WORDS[kind])}: name one")
    if kind not in TYPE_NAMES:
        raise argparse.ArgumentTypeError(
            f"there is no object type {text[:60]!r}; {nearest_hint(kind, sorted(TYPE_NAMES))}"
        )
    return kind
