"""Compare what a response repeats of a request with the request itself: one function for every kind of response.

A response that names another backup, another snapshot or another job is about something else, whatever status it has.
What a response leaves out says nothing, and is not held against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from restore_tui.kinetica.responses.lenient import to_plain_key
from restore_tui.kinetica.sanitize import sanitize

BACKUP, SNAPSHOT, DRY_RUN, ENDPOINT, TAG, JOB = "backup", "snapshot", "dry_run", "endpoint", "job tag", "job"
DATA_SOURCE = "data source"


class Difference(NamedTuple):
    """One thing that a response reports otherwise than it was requested."""

    what: str
    requested: str
    reported: str

    @property
    def sentence(self) -> str:
        """The difference in words."""
        if self.what == DRY_RUN:
            kind = "a dry run" if self.requested == "false" else "a real restore"
            return f"The response is that of {kind}."
        return f"The response is about {self.what} {sanitize(self.reported, 60)}, not {sanitize(self.requested, 60)}."


_KEYS = {
    "backupname": BACKUP,
    "backupid": SNAPSHOT,
    "snapshotid": SNAPSHOT,
    "dryrun": DRY_RUN,
    "endpoint": ENDPOINT,
    "endpointname": ENDPOINT,
    "jobtag": TAG,
    "jobid": JOB,
    "datasource": DATA_SOURCE,
    "datasourcename": DATA_SOURCE,
}
_NOT_FILLED_IN = ("0", "-1")


def in_info(info: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what the ``info`` of a response repeats of its request, under keys in any case and with any separators."""
    found = ((_KEYS.get(to_plain_key(key)), value) for key, value in info.items())
    return [
        (what, value)
        for what, value in found
        if what is not None and not (what in (SNAPSHOT, JOB) and value.strip() in _NOT_FILLED_IN)
    ]


def differences(requested: Mapping[str, str], reported: Iterable[tuple[str, str]]) -> tuple[Difference, ...]:
    """Return where a response contradicts its request. ``requested`` maps what can be repeated to its value, and
    ``reported`` are such pairs; an empty value on either side is no statement."""
    found = {
        Difference(what, requested[what], value.strip())
        for what, value in reported
        if value.strip() and requested.get(what) and not _is_same(what, requested[what], value)
    }
    return tuple(sorted(found))


def _is_same(what: str, requested: str, reported: str) -> bool:
    one, other = _plain(what, requested), _plain(what, reported)
    if what == DATA_SOURCE and ("." in one) != ("." in other):  # one of them without the default schema
        return one.rpartition(".")[2] == other.rpartition(".")[2]
    return one == other


def _plain(what: str, value: str) -> str:
    value = value.strip()
    if what == ENDPOINT:
        return value.strip("/ ")
    if what == DRY_RUN:
        return {"1": "true", "yes": "true", "0": "false", "no": "false"}.get(value.lower(), value.lower())
    return value
