"""The results: for every requested object, what the dry run said and what the restore did.

An object that a response leaves out is said to be left out. How the response names objects is ``object_lists``' matter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from restore_tui.gc_control import gc_paused
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.responses.lenient import to_str
from restore_tui.restore.plan.schema_map import map_name
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.conflict_check import NEW_SCHEMA, ConflictStatus, Key, ObjectConflict
from restore_tui.restore.preflight.object_lists import SCHEMA, NamedObject, read_objects

if TYPE_CHECKING:
    from restore_tui.kinetica.responses.models import RestoreResponse


class ObjectStatus(str, Enum):
    """What a response says of one object."""

    RESTORED = "restored"
    FAILED = "failed"
    MISSING = "not mentioned"


@dataclass(frozen=True)
class ReportedStatus:
    """``moved_to`` is where the object that existed before went; ``why`` is the server's reason. ``twice`` is True
    where the response names it both as restored and as failed, ``silent`` where it names no object at all. ``indirect``
    is True where it is said of the object's schema, or of one object in the schema: that proves nothing of the rest."""

    status: ObjectStatus
    moved_to: str = ""
    reason: str = ""
    ambiguous: bool = False
    no_objects_named: bool = False
    indirect: bool = False


@dataclass(frozen=True)
class ObjectResult:
    """One object. ``requested`` is False for what a response mentions unrequested; ``restored_as`` is the name that it
    gets, where that is another one; ``conflict`` is what the conflict check says."""

    type: str
    name: str
    dry_run: ReportedStatus | None = None
    restore: ReportedStatus | None = None
    requested: bool = True
    restored_as: str = ""
    conflict: ObjectConflict | None = None

    @property
    def last(self) -> ReportedStatus | None:
        """What the restore did, or before it, what the dry run said."""
        return self.restore or self.dry_run

    @property
    def differs(self) -> bool:
        """Whether the restore did something else than the dry run had said."""
        return (
            self.restore is not None
            and self.dry_run is not None
            and self.restore.status is not self.dry_run.status
        )

    @property
    def disagrees(self) -> str:
        """Where our look and the dry run contradict each other, or a response itself: in a sentence; else empty."""
        if not self.requested:
            return ""
        for response, said in (("dry run", self.dry_run), ("restore", self.restore)):
            if said is not None and said.ambiguous:
                return f"The {response} names it twice, as restored and as failed."
        if self.dry_run is None:
            return ""
        if self.dry_run.status is ObjectStatus.MISSING:
            return (
                "" if self.dry_run.no_objects_named else "The dry run names other objects, but not this one."
            )
        if self.conflict is None or self.dry_run.status is not ObjectStatus.RESTORED:
            return ""
        return _contradiction(self.conflict, self.dry_run.moved_to)

    @property
    def is_reported_restored(self) -> bool:
        """Whether the restore's answer says so."""
        return self.restore is not None and self.restore.status is ObjectStatus.RESTORED


def _contradiction(seen: ObjectConflict, moved_to: str) -> str:
    """What is odd about a dry run that would restore this object, and move the old one to ``moved_to`` (or none)."""
    if moved_to and seen.status is ConflictStatus.NEW:
        return "Our check finds no existing object; the dry run would move one away."
    if moved_to and seen.status is ConflictStatus.REPLACED:
        return "By our check it would be replaced; the dry run would move the existing one away."
    if seen.status is ConflictStatus.ABORT:
        return "The object exists and should abort the restore, but the dry run would restore it."
    if seen.status is not ConflictStatus.MOVED:
        return ""
    if not moved_to:
        return "The object exists and would be moved away, but the dry run moves none."
    if moved_to not in (ELSEWHERE, seen.qualified_name) and not seen.qualified_name.startswith(
        f"{NEW_SCHEMA}."
    ):
        return "Our check and the dry run name different places for the existing object."
    return ""


def objects_named_in_refusal(lines: Iterable[ObjectResult], words: str) -> list[ObjectResult]:
    """Of a dry run that was refused with these words: the lines that they name, in quotes or as a word, and that we do
    not see as a conflict. The wording is not documented, so this is a hint, and shown as one."""
    named = {text for quoted in _QUOTED.findall(words) for text in quoted if text}
    named |= {word.strip(_AROUND_A_NAME) for word in _QUOTED.sub(" ", words).split()}
    return [
        line
        for line in lines
        if line.conflict is not None
        and not line.conflict.is_conflict
        and (line.restored_as or line.name) in named
    ]


class ResponseIndex:
    """One answer of ``/restore/backup``, by object. ``requested`` decides where its maps can be read in two ways.

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
        """What is said of one object: of it, or of its schema as a whole. An answer may call it by the name that it
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
            return _MISSING
        return _indirect(whole)

    def _of_members(self, schema: str) -> ReportedStatus:
        """What is said of a schema through the objects in it; a failure goes first."""
        members = [said for (_, name), said in self._said.items() if schema_of(name) == schema]
        return next((s for s in members if s.status is ObjectStatus.FAILED), next(iter(members), _MISSING))

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
_MISSING = ReportedStatus(ObjectStatus.MISSING)
_SILENCE = ReportedStatus(ObjectStatus.MISSING, no_objects_named=True)

_WHOLE_SCHEMA = ("all", SCHEMA)
_LONGEST_KEY = 500
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_AROUND_A_NAME = "'\",;:()[]{}"
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


def requested_keys(selection: Selection, contents: Contents) -> dict[Key, None]:
    """Every requested object, once, in order. A schema under ``all`` becomes the objects
    that the snapshot lists in it; where it lists none, the schema itself."""
    keys: dict[Key, None] = {}
    for kind, names in sorted(selection.by_type.items()):
        if kind != "all":
            for name in sorted(names):
                keys[kind, name] = None
    for schema in sorted(selection.names("all")):
        for key in sorted(contents.members(schema)) or [("all", schema)]:
            keys.setdefault(key)
    return keys


def build_results(
    selection: Selection,
    contents: Contents,
    dry: RestoreResponse | None,
    real: RestoreResponse | None = None,
    *,
    targets: Mapping[str, str] | None = None,
    seen: Mapping[Key, ObjectConflict] | None = None,
) -> ObjectResults:
    """Failures first, then what is not mentioned, then what differs, then the rest by name. ``targets`` are
    the schemas that are restored into another one; ``seen`` is what our own look says."""
    with gc_paused():
        requested = requested_keys(selection, contents)
        before = ResponseIndex(dry, requested, dry_run=True) if dry is not None else None
        after = ResponseIndex(real, requested) if real is not None else None
        lines = []
        for kind, name in requested:
            place = map_name(targets, kind, name) if targets else name
            lands = "" if place == name else place
            lines.append(
                ObjectResult(
                    kind,
                    name,
                    dry_run=before.of(kind, name, lands) if before else _when_silent(dry),
                    restore=after.of(kind, name, lands) if after else _when_silent(real),
                    restored_as=lands,
                    conflict=seen.get((kind, name)) if seen else None,
                )
            )
        keys = [(line.type, name) for line in lines for name in (line.name, line.restored_as) if name]
        unasked = dict.fromkeys(key for said in (before, after) if said for key in said.unrequested(keys))
        lines += [
            ObjectResult(
                kind,
                name,
                dry_run=before.of(kind, name) if before else None,
                restore=after.of(kind, name) if after else None,
                requested=False,
            )
            for kind, name in unasked
        ]
        results = ObjectResults(sorted(lines, key=_urgency))
        results.dry_run, results.restore = before, after
        return results


def _when_silent(response: RestoreResponse | None) -> ReportedStatus | None:
    """An answer that came but names no object leaves every object out; no response says nothing."""
    return None if response is None else _SILENCE


def _urgency(line: ObjectResult) -> tuple[int, str, str]:
    last = line.last
    rank = 3
    if last is not None and last.status is ObjectStatus.FAILED:
        rank = 0
    elif last is not None and last.status is ObjectStatus.MISSING:
        rank = 1
    elif line.differs or line.disagrees or not line.requested:
        rank = 2
    return (rank, line.type, line.name)


@dataclass(frozen=True)
class StatusCounts:
    """How many of the objects requested met which fate in the newest answer."""

    restored: int = 0
    moved: int = 0
    failed: int = 0
    missing: int = 0

    @classmethod
    def of(cls, lines: Iterable[ObjectResult]) -> StatusCounts:
        last = [line.last for line in lines if line.requested]
        return cls(
            restored=sum(1 for said in last if said and said.status is ObjectStatus.RESTORED),
            moved=sum(1 for said in last if said and said.moved_to),
            failed=sum(1 for said in last if said and said.status is ObjectStatus.FAILED),
            missing=sum(1 for said in last if said and said.status is ObjectStatus.MISSING),
        )


class ObjectResults(tuple[ObjectResult, ...]):
    """The lines, and what is counted over them. Of a hundred thousand that takes a while: ``precompute`` is for a
    thread. ``dry`` and ``real`` are the two answers by object, None where there is none."""

    dry_run: ResponseIndex | None = None
    restore: ResponseIndex | None = None

    @cached_property
    def requested(self) -> int:
        """How many objects were requested."""
        return sum(1 for line in self if line.requested)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that an object has, before the restore or after it."""
        return frozenset(name for line in self for name in (line.name, line.restored_as) if name)

    @cached_property
    def counts(self) -> StatusCounts:
        """What became of the objects requested."""
        return StatusCounts.of(self)

    @cached_property
    def conflict_counts(self) -> Mapping[ConflictStatus, int]:
        """How often our own look gives each verdict; empty where it was not made."""
        return Counter(line.conflict.status for line in self if line.conflict is not None)

    @cached_property
    def differing(self) -> tuple[ObjectResult, ...]:
        """Those of which not all say the same: our look, the dry run and the restore."""
        return tuple(line for line in self if line.differs or line.disagrees)

    @cached_property
    def failed(self) -> tuple[ObjectResult, ...]:
        """Those that fail in the newest answer."""
        return self._that_met(ObjectStatus.FAILED)

    @cached_property
    def not_mentioned(self) -> tuple[ObjectResult, ...]:
        """Those that the newest answer leaves out."""
        return self._that_met(ObjectStatus.MISSING)

    def _that_met(self, fate: ObjectStatus) -> tuple[ObjectResult, ...]:
        return tuple(line for line in self if line.last is not None and line.last.status is fate)

    @cached_property
    def disagreements(self) -> int:
        """On how many objects our look and the dry run contradict each other, or the response itself. What it leaves
        out is counted by the tally."""
        left_out = sum(1 for line in self.not_mentioned if line.disagrees)
        return sum(1 for line in self.differing if line.disagrees) - left_out

    @cached_property
    def moved_to(self) -> tuple[str, ...]:
        """The schemas that old objects were moved to, each once."""
        moved = (said.moved_to for line in self if (said := line.last) is not None and said.moved_to)
        return tuple(dict.fromkeys(schema_of(place) or place for place in moved))

    def precompute(self) -> ObjectResults:
        """The same, with all of this counted by now."""
        _ = self.requested, self.counts, self.conflict_counts, self.disagreements, self.failed, self.moved_to
        return self
