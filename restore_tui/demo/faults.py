"""Faults on purpose: which endpoint misbehaves how, in words such as ``/restore/backup=drop``."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from restore_tui.demo.protocol import CREATE_JOB, ENDPOINTS, RESTORE, Received

HTTP_STATUSES = ("401", "404", "500", "502", "503", "504")
PLAIN = (
    "drop", "drop-before", "hang", *HTTP_STATUSES, "html", "truncate", "garbage", "wrong-type", "trickle", "no-jobs",
)  # fmt: skip
LONGEST_SECONDS = 86_400.0
LARGEST_PERCENT = 100

JOBS_ONLY = ("no-jobs", "job-dies")

WHAT_A_SERVER_HAS = ("401", "404", "no-jobs")
"""These hit a dry run as well: whoever is not let in, or calls what is not there, learns so at once."""

RESTORES = (RESTORE, CREATE_JOB)
"""Only here is a dry run told from the real thing."""

DRY_RUN = ":dry-run"


@dataclass(frozen=True)
class Fault:
    """One fault at one place. ``number`` is of seconds (slow) or of percent (job-dies); 0 for the others."""

    endpoint: str
    dry_run_only: bool
    kind: str
    number: float = 0.0

    @property
    def place(self) -> str:
        return self.endpoint + (DRY_RUN if self.dry_run_only else "")

    def __str__(self) -> str:
        number = f":{self.number:g}" if self.kind in ("slow", "job-dies") else ""
        return f"{self.place}={self.kind}{number}"


def parse(text: str) -> Fault:
    """``ENDPOINT[:dry-run]=FAULT[:NUMBER]``. Raises ValueError, in one sentence that names what is known."""
    place, equals, wanted = text.partition("=")
    if not equals:
        raise ValueError(f"a fault is written ENDPOINT=FAULT, such as {RESTORE}=drop, not {text!r}")
    endpoint, dry_run_only = place.removesuffix(DRY_RUN), place.endswith(DRY_RUN)
    if endpoint not in ENDPOINTS:
        raise ValueError(f"unknown endpoint {endpoint!r} in {text!r}; known are {', '.join(ENDPOINTS)}")
    if dry_run_only and endpoint not in RESTORES:
        raise ValueError(
            f"there is no dry run of {endpoint} in {text!r}; there is of {' and '.join(RESTORES)}"
        )
    kind, colon, number = wanted.partition(":")
    if kind in JOBS_ONLY and endpoint != CREATE_JOB:
        raise ValueError(f"fault {kind!r} in {text!r} is of {CREATE_JOB} only")
    if kind == "slow":
        return Fault(endpoint, dry_run_only, kind, _number(number, LONGEST_SECONDS, text, "slow:SECONDS"))
    if kind == "job-dies":
        percent = _number(number, LARGEST_PERCENT, text, "job-dies:PERCENT")
        return Fault(endpoint, dry_run_only, kind, percent)
    if kind not in PLAIN or colon:
        known = ", ".join([*PLAIN, "slow:SECONDS", "job-dies:PERCENT"])
        raise ValueError(f"unknown fault {wanted!r} in {text!r}; known are {known}")
    return Fault(endpoint, dry_run_only, kind)


def _number(text: str, largest: float, whole: str, form: str) -> float:
    pattern = r"[0-9]+(\.[0-9]+)?" if form.startswith("slow") else r"[0-9]+"
    # Bounded before it is read: what is too long for a float is too large as well.
    if not (len(text) <= 20 and re.fullmatch(pattern, text) and float(text) <= largest):
        raise ValueError(f"wrong number {text!r} in {whole!r}; it is {form}, from 0 to {largest:g}")
    return float(text)


class Faults:
    """The faults of a running server: one for each place, the last one that was set. Safe to change at any time."""

    def __init__(self, texts: Iterable[str] = ()):
        self._by_place: dict[str, Fault] = {}
        self._lock = threading.Lock()
        for text in texts:
            self.set(text)

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter([str(fault) for fault in self._by_place.values()])

    def set(self, text: str) -> None:
        """Add a fault, in place of one that is at the same place. Raises ValueError as ``parse`` does."""
        fault = parse(text)
        with self._lock:
            self._by_place[fault.place] = fault

    def clear(self, place: str | None = None) -> None:
        """End the fault at a place, such as ``/restore/backup:dry-run``, or all. One that is not there is no error."""
        with self._lock:
            if place is None:
                self._by_place.clear()
            else:
                self._by_place.pop(place, None)

    def hitting(self, received: Received) -> Fault | None:
        """The fault that this request runs into, if any."""
        with self._lock:
            general = self._by_place.get(received.endpoint)
            dry_only = self._by_place.get(received.endpoint + DRY_RUN)
        if (general or dry_only) and _is_dry_run(received):
            if dry_only:
                return dry_only
            return general if general and general.kind in WHAT_A_SERVER_HAS else None
        return general


def _is_dry_run(received: Received) -> bool:
    """Of a restore: sent directly, or as a background job. A request that cannot be read is none."""
    if received.endpoint not in RESTORES:
        return False
    try:
        body = received.json()
        if received.endpoint == CREATE_JOB:
            body = json.loads(body["data_str"]) if body["endpoint"] == RESTORE else {}
        return bool(body["options"]["dry_run"] == "true")
    except (ValueError, TypeError, KeyError, IndexError):
        return False
