"""The results: for every requested object, what the dry run said and what the restore did.

An object that a response leaves out is said to be left out. How the response names objects is ``object_lists``' matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from restore_tui.gc_control import gc_paused
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.identifiers import schema_of
from restore_tui.restore.plan.schema_map import map_name
from restore_tui.restore.plan.selection import Selection
from restore_tui.restore.preflight.conflict_check import NEW_SCHEMA, ConflictStatus, Key, ObjectConflict
from restore_tui.restore.preflight.response_index import (
    AROUND_A_NAME,
    ELSEWHERE,
    NO_OBJECT_NAMED,
    QUOTED,
    ObjectStatus,
    ReportedStatus,
    ResponseIndex,
)

if TYPE_CHECKING:
    from restore_tui.kinetica.responses.models import RestoreResponse


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
        """How the conflict check and the dry run contradict each other, or a response itself, in a sentence."""
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
        """Whether the restore's response says so."""
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
    named = {text for quoted in QUOTED.findall(words) for text in quoted if text}
    named |= {word.strip(AROUND_A_NAME) for word in QUOTED.sub(" ", words).split()}
    return [
        line
        for line in lines
        if line.conflict is not None
        and not line.conflict.is_conflict
        and (line.restored_as or line.name) in named
    ]


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
    """A response that came but names no object leaves every object out; no response says nothing."""
    return None if response is None else NO_OBJECT_NAMED


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
    """How many of the objects requested have which status in the newest response."""

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
    thread. ``dry_run`` and ``restore`` are the two responses by object, None where there is none."""

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
        """Those of which not all say the same: conflict check, dry run and restore."""
        return tuple(line for line in self if line.differs or line.disagrees)

    @cached_property
    def failed(self) -> tuple[ObjectResult, ...]:
        """Those that fail in the newest response."""
        return self._that_met(ObjectStatus.FAILED)

    @cached_property
    def not_mentioned(self) -> tuple[ObjectResult, ...]:
        """Those that the newest response leaves out."""
        return self._that_met(ObjectStatus.MISSING)

    def _that_met(self, fate: ObjectStatus) -> tuple[ObjectResult, ...]:
        return tuple(line for line in self if line.last is not None and line.last.status is fate)

    @cached_property
    def disagreements(self) -> int:
        """On how many objects conflict check and dry run contradict each other, or the response itself. What it leaves
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
