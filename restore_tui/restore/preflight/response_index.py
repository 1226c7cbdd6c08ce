"""What a response says of each object, found by type and name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.responses.lenient import to_str
from restore_tui.restore.preflight.conflict_check import Key
from restore_tui.restore.preflight.object_list_words import SCHEMA
from restore_tui.restore.preflight.object_lists import NamedObject, read_objects

if TYPE_CHECKING:
    from restore_tui.kinetica.responses.models import RestoreResponse


class ObjectStatus(str, Enum):
    """What a response says of one object."""

    RESTORED = "restored"
    FAILED = "failed"
    MISSING = "not mentioned"


@dataclass(frozen=True)
class ReportedStatus:
    """``moved_to`` is where the object that existed before went; ``reason`` is the server's. ``ambiguous`` is True
    where the response names it both as restored and as failed, ``no_objects_named`` where it names no object at all.
    ``indirect`` is True where it is said of the object's schema, or of one object in the schema: that proves nothing of
    the rest."""

    status: ObjectStatus
    moved_to: str = ""
    reason: str = ""
    ambiguous: bool = False
    no_objects_named: bool = False
    indirect: bool = False


class ResponseIndex:
    """One response of ``/restore/backup``, by object. ``requested`` decides where its maps can be read in two ways.

    ``unread`` holds, by field, what could not be understood. ``has_failures`` is True where the response reports any
    failure, readable or not, and ``has_successes`` where it reports anything restored or renamed. Of a ``dry_run`` it
    is no fault that objects are still to be restored.
    """

    def __init__(
        self, response: RestoreResponse, requested: Collection[Key] = (), *, dry_run: bool = False
    ) -> None:
        self._said: dict[tuple[str, str], ReportedStatus] = {}
        self._kinds: dict[str, tuple[str, ...]] = {}
        restored = read_objects(response.restored_objects, requested)
        renamed = read_objects(response.renamed_objects, requested, renamed=True)
        failed = read_objects(response.failed_objects, requested)
        reported = (*restored.objects, *renamed.objects)
        contradicted = [one for one in reported if one.failed]
        failures = [*failed.objects, *contradicted]
        unread = {
            "restored_objects": restored.unread,
            "renamed_objects": renamed.unread,
            "failed_objects": failed.unread or _unread_failure(response.failed_objects, failures),
        }
        self.unread: Mapping[str, tuple[str, ...]] = {
            field: texts for field, texts in unread.items() if texts
        }
        self.has_failures = bool(failures) or "failed_objects" in self.unread
        if dry_run:
            reported = tuple(one._replace(unfinished=False) if one.unfinished else one for one in reported)
        self.has_successes = any(not one.unfinished for one in reported)
        for kind, name, _, bad, unfinished in reported[: len(restored.objects)]:
            if not (bad or unfinished):
                self._note(kind, name, _RESTORED)
        for kind, name, new, bad, unfinished in reported[len(restored.objects) :]:
            if not (bad or unfinished):
                match = self._key(kind, name) or (kind, name)
                before = self._said.get(match, _RESTORED)
                self._note(*match, replace(before, moved_to=new or ELSEWHERE))
        for one in reported:
            if one.unfinished:
                match = self._key(one.type, one.name) or (one.type, one.name)
                self._note(*match, ReportedStatus(ObjectStatus.MISSING, reason=one.detail))
        for failure in failed.objects:
            self._note_failure(failure)
        for failure in contradicted:
            self._note_failure(failure, twice=True)
        if response.info:
            self._add_reasons(_reasons_by_suffix(response.info))
        self._told_apart = {schema_of(name) for kind, name in self._said if kind not in _WHOLE_SCHEMA}

    def _note_failure(self, failure: NamedObject, *, twice: bool = False) -> None:
        kind = "all" if failure.type == SCHEMA else failure.type
        twice = twice or self._is_restored(kind, failure.name)
        moved_to = self._moved_to(kind, failure.name)
        said = ReportedStatus(ObjectStatus.FAILED, moved_to, failure.detail, ambiguous=twice)
        self._note(kind, failure.name, said)
        if not kind:  # a failure without a type goes before a success with one
            for other in self._kinds[failure.name]:
                self._said[other, failure.name] = said

    def _add_reasons(self, reasons: Mapping[str, str]) -> None:
        for key, said in self._said.items():
            if not said.reason and key[1] in reasons:
                self._said[key] = replace(said, reason=reasons[key[1]])

    def _said_before(self, kind: str, name: str) -> list[ReportedStatus]:
        """What the response has said of it so far, whichever of the two it names without a type."""
        return [self._said[k, name] for k in self._kinds.get(name, ()) if not kind or k in (kind, "")]

    def _is_restored(self, kind: str, name: str) -> bool:
        """Whether the response has named it as restored."""
        return any(
            said.status is ObjectStatus.RESTORED or said.ambiguous for said in self._said_before(kind, name)
        )

    def _moved_to(self, kind: str, name: str) -> str:
        """Where the old object is: it may have moved before the restore of this one failed."""
        return next((said.moved_to for said in self._said_before(kind, name) if said.moved_to), "")

    def _note(self, kind: str, name: str, said: ReportedStatus) -> None:
        if (kind, name) not in self._said:
            self._kinds[name] = (*self._kinds.get(name, ()), kind)
        self._said[kind, name] = said

    def __bool__(self) -> bool:
        return bool(self._said)

    def of(self, kind: str, name: str, lands: str = "") -> ReportedStatus:
        """What is said of one object: of it, or of its schema as a whole. A response may call it by the name that it
        had or by the one where it ``lands``."""
        said = self._of(kind, name)
        return _merge_reports(said, self._of(kind, lands)) if lands else said

    def _of(self, kind: str, name: str) -> ReportedStatus:
        key = self._key(kind, name)
        if kind == "all":
            whole = self._said[key] if key is not None else self._said.get((SCHEMA, name))
            return _indirect(whole or self._of_members(name))
        return self._said[key] if key is not None else self._of_schema(schema_of(name))

    def _of_schema(self, schema: str | None) -> ReportedStatus:
        """What is said of an object through its schema: a failure of the whole. That the whole was restored counts
        only where the response names no single object in it: one that names some leaves the others out."""
        whole = self._said.get(("all", schema)) if schema else None
        if whole is None or (whole.status is ObjectStatus.RESTORED and schema in self._told_apart):
            return NOT_MENTIONED
        return _indirect(whole)

    def _of_members(self, schema: str) -> ReportedStatus:
        """What is said of a schema through the objects in it; a failure goes first."""
        members = [said for (_, name), said in self._said.items() if schema_of(name) == schema]
        return next(
            (s for s in members if s.status is ObjectStatus.FAILED), next(iter(members), NOT_MENTIONED)
        )

    def unrequested(self, lines: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """(type, name) of what is mentioned and not among ``lines``. A schema as such is told by what is in it, unless
        it failed."""
        used = {key for kind, name in lines for key in ((kind, name), ("", name), self._key(kind, name))}
        return [
            key
            for key, said in self._said.items()
            if key not in used and (key[0] not in _WHOLE_SCHEMA or said.status is ObjectStatus.FAILED)
        ]

    def _key(self, kind: str, name: str) -> tuple[str, str] | None:
        for key in ((kind, name), ("", name)):
            if key in self._said:
                return key
        known = self._kinds.get(name)
        return (known[0], name) if known and not kind else None


def _indirect(said: ReportedStatus) -> ReportedStatus:
    """The same, as what is said of a schema proves it of what is in it: a failure of the whole is one of some part."""
    return replace(said, indirect=True) if said.status is ObjectStatus.FAILED else said


def _merge_reports(one: ReportedStatus, other: ReportedStatus) -> ReportedStatus:
    """Two sayings of one object: a failure goes first, and what is said goes before silence."""
    order = (ObjectStatus.FAILED, ObjectStatus.RESTORED, ObjectStatus.MISSING)
    first, second = sorted((one, other), key=lambda said: order.index(said.status))
    return replace(
        first,
        moved_to=first.moved_to or second.moved_to,
        reason=first.reason or second.reason,
        ambiguous=first.ambiguous or second.ambiguous or (first.status, second.status) == order[:2],
    )


# Most objects are told of in the same words, which need not be made a hundred thousand times.
_RESTORED = ReportedStatus(ObjectStatus.RESTORED)
NOT_MENTIONED = ReportedStatus(ObjectStatus.MISSING)
NO_OBJECT_NAMED = ReportedStatus(ObjectStatus.MISSING, no_objects_named=True)
_WHOLE_SCHEMA = ("all", SCHEMA)
_LONGEST_KEY = 500
QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
AROUND_A_NAME = "'\",;:()[]{}"
ELSEWHERE = "another schema"
"""Where the response says that an object was moved, and not where to."""


def _reasons_by_suffix(info: Mapping[str, str]) -> dict[str, str]:
    """A reason may stand in ``info`` under a key that ends with the object's name: every ending of every key
    that begins a word → its text."""
    endings: dict[str, str] = {}
    for key, text in info.items():
        if len(key) > _LONGEST_KEY:
            continue
        for at in range(len(key)):
            if at == 0 or not (key[at - 1].isascii() and key[at - 1].isalnum()):
                endings.setdefault(key[at:], text)
    return endings


def _unread_failure(value: object, failures: Collection[NamedObject]) -> tuple[str, ...]:
    """A field of failures in which nothing was recognized, and that is not empty in one spelling or another."""
    empty = not value or (isinstance(value, str) and value.strip() in ("", "{}", "[]", "null"))
    return () if empty or failures else (to_str(value),)
