"""What the values of options have to be. Each raises ArgumentTypeError with a sentence."""

from __future__ import annotations

import argparse
import re

from restore_tui.demo.seed import known_story

_NUMBER = re.compile(r"\d+\.?\d*(e\+?\d{1,2})?|\.\d+", re.ASCII | re.IGNORECASE)
"""As people write numbers. Python's own reading takes 1_0 and the digits of every script."""


def seconds(text: str) -> float:
    """Return a duration above 0."""
    from restore_tui.config import LONGEST_TIMEOUT

    number = float(text) if _NUMBER.fullmatch(text) else 0.0
    if not 0 < number <= LONGEST_TIMEOUT:
        raise argparse.ArgumentTypeError(
            f"{_quoted(text)} is not a number of seconds above 0, and at most {LONGEST_TIMEOUT:,}"
        )
    return number


def port(text: str) -> int:
    """Return a TCP port, where 0 stands for any that is free."""
    number = _whole(text)
    if number is None or number > 65535:
        raise argparse.ArgumentTypeError(f"{_quoted(text)} is not a port (0 to 65535)")
    return number


def schema_name(text: str) -> str:
    """Return the name of a JSON Schema."""
    from restore_tui.schemas import COMMANDS
    from restore_tui.suggestions import nearest_hint

    if text not in COMMANDS:
        raise argparse.ArgumentTypeError(
            f"there is no schema {_quoted(text)}; {nearest_hint(text, COMMANDS)}"
        )
    return text


def object_count(text: str) -> int:
    """Return how many tables the demo's large backup has."""
    number = _whole(text)
    if not number or number > 1_000_000:
        raise argparse.ArgumentTypeError(f"{_quoted(text)} is not a number from 1 to 1,000,000")
    return number


def story(text: str) -> str:
    """Return the name of a story of the demo server."""
    try:
        return known_story(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def fault(text: str) -> str:
    """Return a fault of the demo server, as it was written."""
    from restore_tui.demo.faults import parse

    try:
        parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def server_version(text: str) -> str:
    """Return a version that the demo server can play."""
    from restore_tui.demo.version import ServerVersion

    try:
        return ServerVersion(text).text
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _whole(text: str) -> int | None:
    """Return the number that a few ASCII digits stand for."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _quoted(text: str) -> str:
    from restore_tui.kinetica.sanitize import truncate_middle

    return truncate_middle(repr(text), 60)
