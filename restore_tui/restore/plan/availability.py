"""What a server of a given version is offered: every type and option that it has, and of the others what they need."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from restore_tui.kinetica import reference
from restore_tui.kinetica.reference import ReferenceEntry
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.kinetica.version import ServerVersion
from restore_tui.restore.plan.plan import Problem, RestorePlan
from restore_tui.restore.plan.request import non_default_options

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN = 30


class Support(str, Enum):
    """Whether a server has something."""

    AVAILABLE = "offered"
    TOO_OLD = "too old"
    UNKNOWN = "available, as the version is unknown"


@dataclass(frozen=True)
class Availability:
    """``needs`` is the version that it takes. ``text`` is the sentence for the screen, empty where there is nothing to
    say."""

    support: Support
    needs: str
    text: str = ""

    @property
    def is_available(self) -> bool:
        """Whether it can be chosen."""
        return self.support is not Support.TOO_OLD


def check_support(entry: ReferenceEntry, server_version: str) -> Availability:
    """Whether a server that calls itself ``server_version`` has this type or option. An unreadable version closes
    nothing."""
    version = ServerVersion.parse(server_version)
    has = version.has(entry.since)
    if has is None:
        return Availability(Support.UNKNOWN, entry.since)
    if has:
        return Availability(Support.AVAILABLE, entry.since)
    this = ".".join(map(str, version.numbers or ()))  # the build date behind it decides nothing
    return Availability(Support.TOO_OLD, entry.since, f"Needs server {entry.since}; this one is {this}.")


def unknown_version_text(server_version: str) -> str:
    """That everything is offered because the version cannot be read; empty where it can."""
    if ServerVersion.parse(server_version).numbers is not None:
        return ""
    told = sanitize(server_version, _SHOWN)
    which = f"The server's version, {told}," if told.strip() else "The server's version"
    return f"{which} cannot be read. Everything is available; it may refuse what it is too old for."


def version_problems(plan: RestorePlan, server_version: str) -> tuple[Problem, ...]:
    """What was chosen, perhaps at another server, and this one is too old for. Left out silently, it would make another
    restore; so it keeps the plan from being sent."""
    return tuple(_problems(plan, server_version))


def _problems(plan: RestorePlan, server_version: str) -> Iterator[Problem]:
    for kind in sorted(plan.objects.by_type):
        told = check_support(reference.object_type(kind), server_version)
        if not told.is_available:
            yield Problem("objects", f"{sanitize(kind, 60)} is selected. {told.text} Clear it.")
    for name in non_default_options(plan):
        told = check_support(reference.option(name), server_version)
        if not told.is_available:
            yield Problem("options", f"{name} is chosen. {told.text} Reset it to its default.", name)
