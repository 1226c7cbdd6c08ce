"""What a server of a given version knows of a restore: by the catalogue's ``since``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from restore_tui.kinetica.reference import BASELINE, OBJECT_TYPES, OPTIONS, ObjectType

VersionNumber = tuple[int, int, int, int]

ENDPOINTS_SINCE = {
    "/show/backup": BASELINE,
    "/restore/backup": BASELINE,
    "/verify/backup": "7.2.3.14",
}
"""The endpoints that came with some version; every server has the others."""

READ_OPTIONS_SINCE = {"/show/backup": {"backup_type": "7.2.3.13"}}
"""The options of reads that came later than their endpoint."""


def version_number(text: str) -> VersionNumber:
    """``7.2.3.14.20260622`` → (7, 2, 3, 14); parts that are missing count as 0. Raises ValueError."""
    parts = text.split(".")
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError(
            f"not a server version: {text!r}; expected numbers and dots, such as 7.2.3.14, or a word for a version "
            "that cannot be read"
        )
    major, minor, patch, build = ([int(part) for part in parts] + [0, 0, 0])[:4]
    return (major, minor, patch, build)


@dataclass(frozen=True)
class ServerVersion:
    """The version that the server plays. ``text`` is as it stands in its properties.

    A text that begins as no version does, such as ``nightly build``, is one that clients cannot read; that server is of
    today and has everything. Raises ValueError for what begins like a version and is none: that is a slip.
    """

    text: str

    def __post_init__(self) -> None:
        if self.is_readable:
            version_number(self.text)

    @property
    def is_readable(self) -> bool:
        return self.text.lstrip(" vV")[:1].isdigit()

    def has(self, since: str) -> bool:
        return not self.is_readable or version_number(self.text) >= version_number(since)

    def has_endpoint(self, endpoint: str) -> bool:
        return self.has(ENDPOINTS_SINCE.get(endpoint, "0"))

    def read_options(self, endpoint: str, known: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """Of the known options of a read those that this version has."""
        since = READ_OPTIONS_SINCE.get(endpoint, {})
        return {name: values for name, values in known.items() if self.has(since.get(name, "0"))}

    def object_types(self) -> dict[str, ObjectType]:
        return {kind.name: kind for kind in OBJECT_TYPES if self.has(kind.since)}

    def restore_options(self) -> dict[str, tuple[str, ...]]:
        """Option → its allowed values; none listed means free text."""
        return {
            option.name: tuple(value.name for value in option.values)
            for option in OPTIONS
            if self.has(option.since)
        }
