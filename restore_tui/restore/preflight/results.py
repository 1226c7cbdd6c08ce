"""The ledger: for every object asked for, what the dry run said and what the restore did.

An object that an answer leaves out is said to be left out. How the answer names objects is ``object_lists``' matter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from restore_tui.gc_control import at_rest
from restore_tui.kinetica.contents import Contents
from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.responses.lenient import as_text
from restore_tui.restore.plan.plan import Selection
from restore_tui.restore.plan.schema_map import placed
from restore_tui.restore.preflight.conflict_check import NEW_SCHEMA, Key, Seen, Sight
from restore_tui.restore.preflight.object_lists import SCHEMA, NamedObject, read_objects

if TYPE_CHECKING:
    from restore_tui.kinetica.responses.models import RestoreAnswer


class Fate(str, Enum):
    """What an answer says of one object."""

    RESTORED = "restored"
    FAILED = "failed"
    MISSING = "not mentioned"


@dataclass(frozen=True)
class Said:
    """``moved_to`` is where the object that existed before went; ``why`` is the server's reason. ``twice`` is True
    where the answer names it both as restored and as failed, ``silent`` where it names no object at all. ``indirect``
    is True where it is said of the object's schema, or of one object in the schema: that proves nothing of the rest."""

    fate: Fate
    moved_to: str = ""
    why: str = ""
    twice: bool = False
    silent: bool = False
    indirect: bool = False


@dataclass(frozen=True)
class Line:
    """One object. ``asked`` is False for what an answer mentions unasked; ``under_all`` is True where it was
    asked for through its schema; ``lands`` is the name that it gets, where that is another one; ``seen`` is what our
    own look says."""

    type: str
    name: str
    dry: Said | None = None
    real: Said | None = None
    under_all: bool = False
    asked: bool = True
    lands: str = ""
    seen: Seen | None = None

    @property
    def last(self) -> Said | None:
        """What the restore did, or before it, what the dry run said."""
        return self.real or self.dry

    @property
    def differs(self) -> bool:
        """Whether the restore did something else than the dry run had said."""
        return self.real is not None and self.dry is not None and self.real.fate is not self.dry.fate

    @property
    def disagrees(self) -> str:
        """Where our look and the dry run contradict each other, or an answer itself: in a sentence; else empty."""
        if not self.asked:
            return ""
        for answer, said in (("dry run", self.dry), ("restore", self.real)):
            if said is not None and said.twice:
                return f"The {answer} names it twice, as restored and as failed."
        if self.dry is None:
            return ""
        if self.dry.fate is Fate.MISSING:
            return "" if self.dry.silent else "The dry run names others, and leaves this one out."
        if self.seen is None or self.dry.fate is not Fate.RESTORED:
            return ""
        return _contradiction(self.seen, self.dry.moved_to)

    @property
    def is_said_to_be_restored(self) -> bool:
        """Whether the restore's answer says so."""
        return self.real is not None and self.real.fate is Fate.RESTORED


def _contradiction(seen: Seen, moved_to: str) -> str:
    """What is odd about a dry run that would restore this object, and move the old one to ``moved_to`` (or none)."""
    if moved_to and seen.sight is Sight.NEW:
        return "We see none there; the dry run would move one away."
    if moved_to and seen.sight is Sight.REPLACED:
        return "We see that it would be replaced; the dry run would move the old one away."
    if seen.sight is Sight.ABORT:
        return "We see one there, which should stop it; the dry run would restore it all the same."
    if seen.sight is not Sight.MOVED:
        return ""
    if not moved_to:
        return "We see one there that would be moved away; the dry run moves none."
    if moved_to not in (ELSEWHERE, seen.place) and not seen.place.startswith(f"{NEW_SCHEMA}."):
        return "We expect the old one to be moved to another place than the dry run does."
    return ""


def contested(lines: Iterable[Line], words: str) -> list[Line]:
    """Of a dry run that was refused with these words: the lines that they name, in quotes or as a word, and that we do
    not see as a conflict. The wording is not documented, so this is a hint, and shown as one."""
    named = {text for quoted in _QUOTED.findall(words) for text in quoted if text}
    named |= {word.strip(_AROUND_A_NAME) for word in _QUOTED.sub(" ", words).split()}
    return [
        line
        for line in lines
        if line.seen is not None and not line.seen.is_conflict and (line.lands or line.name) in named
    ]


class Mentions:
    """One answer of ``/restore/backup``, by object. ``requested`` decides where its maps can be read in two ways.

    ``unread`` holds, by field, what could not be understood. ``has_failures`` is True where the answer reports any
    failure, readable or not, and ``has_successes`` where it reports anything restored or renamed. Of a ``dry_run`` it
    is no fault that objects are still to be restored.
    """

    def __init__(
        self, answer: RestoreAnswer, requested: Collection[Key] = (), *, dry_run: bool = False
    ) -> None:
        self._said: dict[tuple[str, str], Said] = {}
        self._kinds: dict[str, tuple[str, ...]] = {}
        restored = read_objects(answer.restored_objects, requested)
        renamed = read_objects(answer.renamed_objects, requested, renamed=True)
        failed = read_objects(answer.failed_objects, requested)
        reported = (*restored.objects, *renamed.objects)
        contradicted = [one for one in reported if one.failed]
        failures = [*failed.objects, *contradicted]
        unread = {
            "restored_objects": restored.unread,
            "renamed_objects": renamed.unread,
            "failed_objects": failed.unread or _unread_failure(answer.failed_objects, failures),
        }
        self.unread: Mapping[str, tuple[str, ...]] = {
            field: texts for field, texts in unread.items() if texts
        }
        self.has_failures = bool(failures) or "failed_objects" in self.unread
        if dry_run:
            reported = tuple(one._replace(unfinished=False) if one.unfinished else one for one in reported)
        self.has_successes = any(not (one.failed or one.unfinished) for one in reported)
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
                self._note(*match, Said(Fate.MISSING, why=one.detail))
        for failure in failed.objects:
            self._note_failure(failure)
        for failure in contradicted:
            self._note_failure(failure, twice=True)
        if answer.info:
            self._add_reasons(_by_ending(answer.info))
        self._told_apart = {schema_of(name) for kind, name in self._said if kind not in _WHOLE_SCHEMA}

    def _note_failure(self, failure: NamedObject, *, twice: bool = False) -> None:
        kind = "all" if failure.type == SCHEMA else failure.type
        twice = twice or self._is_restored(kind, failure.name)
        said = Said(Fate.FAILED, why=failure.detail, twice=twice)
        self._note(kind, failure.name, said)
        if not kind:  # a failure without a type goes before a success with one
            for other in self._kinds[failure.name]:
                self._said[other, failure.name] = said

    def _add_reasons(self, reasons: Mapping[str, str]) -> None:
        for key, said in self._said.items():
            if not said.why and key[1] in reasons:
                self._said[key] = replace(said, why=reasons[key[1]])

    def _is_restored(self, kind: str, name: str) -> bool:
        """Whether the answer has named it as restored, whichever of the two it names without a type."""
        kinds = [k for k in self._kinds.get(name, ()) if not kind or k in (kind, "")]
        return any(self._said[k, name].fate is Fate.RESTORED or self._said[k, name].twice for k in kinds)

    def _note(self, kind: str, name: str, said: Said) -> None:
        if (kind, name) not in self._said:
            self._kinds[name] = (*self._kinds.get(name, ()), kind)
        self._said[kind, name] = said

    def __bool__(self) -> bool:
        return bool(self._said)

    def of(self, kind: str, name: str, lands: str = "") -> Said:
        """What is said of one object: of it, or of its schema as a whole. An answer may call it by the name that it
        had or by the one where it ``lands``."""
        said = self._of(kind, name)
        return _both(said, self._of(kind, lands)) if lands else said

    def _of(self, kind: str, name: str) -> Said:
        key = self._key(kind, name)
        if kind == "all":
            whole = self._said[key] if key is not None else self._said.get((SCHEMA, name))
            return _indirect(whole or self._of_members(name))
        return self._said[key] if key is not None else self._of_schema(schema_of(name))

    def _of_schema(self, schema: str | None) -> Said:
        """What is said of an object through its schema: a failure of the whole. That the whole was restored counts
        only where the answer names no single object in it: one that names some leaves the others out."""
        whole = self._said.get(("all", schema)) if schema else None
        if whole is None or (whole.fate is Fate.RESTORED and schema in self._told_apart):
            return _MISSING
        return _indirect(whole)

    def _of_members(self, schema: str) -> Said:
        """What is said of a schema through the objects in it; a failure goes first."""
        members = [said for (_, name), said in self._said.items() if schema_of(name) == schema]
        return next((s for s in members if s.fate is Fate.FAILED), next(iter(members), _MISSING))

    def beyond(self, lines: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """(type, name) of what is mentioned and not among ``lines``. A schema as such is told by what is in it, unless
        it failed."""
        used = {key for kind, name in lines for key in ((kind, name), ("", name), self._key(kind, name))}
        return [
            key
            for key, said in self._said.items()
            if key not in used and (key[0] not in _WHOLE_SCHEMA or said.fate is Fate.FAILED)
        ]

    def _key(self, kind: str, name: str) -> tuple[str, str] | None:
        for key in ((kind, name), ("", name)):
            if key in self._said:
                return key
        known = self._kinds.get(name)
        return (known[0], name) if known and not kind else None


def _indirect(said: Said) -> Said:
    """The same, as what is said of a schema proves it of what is in it: a failure of the whole is one of some part."""
    return replace(said, indirect=True) if said.fate is Fate.FAILED else said


def _both(one: Said, other: Said) -> Said:
    """Two sayings of one object: a failure goes first, and what is said goes before silence."""
    order = (Fate.FAILED, Fate.RESTORED, Fate.MISSING)
    first, second = sorted((one, other), key=lambda said: order.index(said.fate))
    return replace(
        first,
        moved_to=first.moved_to or second.moved_to,
        why=first.why or second.why,
        twice=first.twice or second.twice or (first.fate, second.fate) == order[:2],
    )


# Most objects are told of in the same words, which need not be made a hundred thousand times.
_RESTORED = Said(Fate.RESTORED)
_MISSING = Said(Fate.MISSING)
_SILENCE = Said(Fate.MISSING, silent=True)

_WHOLE_SCHEMA = ("all", SCHEMA)
_LONGEST_KEY = 500
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_AROUND_A_NAME = "'\",;:()[]{}"
ELSEWHERE = "another schema"
"""Where the answer says that an object was moved, and not where to."""


def _by_ending(info: Mapping[str, str]) -> dict[str, str]:
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
    return () if empty or failures else (as_text(value),)


def asked_keys(selection: Selection, contents: Contents) -> dict[Key, bool]:
    """Every object asked for, once, and whether it was through its schema. A schema under ``all`` becomes the objects
    that the snapshot lists in it; where it lists none, the schema itself."""
    keys: dict[Key, bool] = {}
    for kind, names in sorted(selection.by_type.items()):
        if kind != "all":
            for name in sorted(names):
                keys[kind, name] = False
    for schema in sorted(selection.names("all")):
        for key in sorted(contents.members(schema)) or [("all", schema)]:
            keys.setdefault(key, True)
    return keys


def draw_up(
    selection: Selection,
    contents: Contents,
    dry: RestoreAnswer | None,
    real: RestoreAnswer | None = None,
    *,
    targets: Mapping[str, str] | None = None,
    seen: Mapping[Key, Seen] | None = None,
) -> Ledger:
    """The ledger. Failures first, then what is not mentioned, then what differs, then the rest by name. ``targets`` are
    the schemas that are restored into another one; ``seen`` is what our own look says."""
    with at_rest():
        requested = asked_keys(selection, contents)
        before = Mentions(dry, requested, dry_run=True) if dry is not None else None
        after = Mentions(real, requested) if real is not None else None
        lines = []
        for (kind, name), under_all in requested.items():
            place = placed(targets, kind, name) if targets else name
            lands = "" if place == name else place
            lines.append(
                Line(
                    kind,
                    name,
                    dry=before.of(kind, name, lands) if before else _silence(dry),
                    real=after.of(kind, name, lands) if after else _silence(real),
                    under_all=under_all,
                    lands=lands,
                    seen=seen.get((kind, name)) if seen else None,
                )
            )
        keys = [(line.type, name) for line in lines for name in (line.name, line.lands) if name]
        unasked = dict.fromkeys(key for said in (before, after) if said for key in said.beyond(keys))
        lines += [
            Line(
                kind,
                name,
                dry=before.of(kind, name) if before else None,
                real=after.of(kind, name) if after else None,
                asked=False,
            )
            for kind, name in unasked
        ]
        ledger = Ledger(sorted(lines, key=_urgency))
        ledger.dry, ledger.real = before, after
        return ledger


def _silence(answer: RestoreAnswer | None) -> Said | None:
    """An answer that came but names no object leaves every object out; no answer says nothing."""
    return None if answer is None else _SILENCE


def _urgency(line: Line) -> tuple[int, str, str]:
    last = line.last
    rank = 3
    if last is not None and last.fate is Fate.FAILED:
        rank = 0
    elif last is not None and last.fate is Fate.MISSING:
        rank = 1
    elif line.differs or line.disagrees or not line.asked:
        rank = 2
    return (rank, line.type, line.name)


@dataclass(frozen=True)
class Tally:
    """How many of the objects asked for met which fate in the newest answer."""

    restored: int = 0
    moved: int = 0
    failed: int = 0
    missing: int = 0

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Tally:
        last = [line.last for line in lines if line.asked]
        return cls(
            restored=sum(1 for said in last if said and said.fate is Fate.RESTORED),
            moved=sum(1 for said in last if said and said.moved_to),
            failed=sum(1 for said in last if said and said.fate is Fate.FAILED),
            missing=sum(1 for said in last if said and said.fate is Fate.MISSING),
        )


class Ledger(tuple[Line, ...]):
    """The lines, and what is counted over them. Of a hundred thousand that takes a while: ``drawn_up`` is for a
    thread. ``dry`` and ``real`` are the two answers by object, None where there is none."""

    dry: Mentions | None = None
    real: Mentions | None = None

    @cached_property
    def asked(self) -> int:
        """How many objects were asked for."""
        return sum(1 for line in self if line.asked)

    @cached_property
    def tally(self) -> Tally:
        """What became of the objects asked for."""
        return Tally.of(self)

    @cached_property
    def sights(self) -> Mapping[Sight, int]:
        """How often our own look gives each verdict; empty where it was not made."""
        return Counter(line.seen.sight for line in self if line.seen is not None)

    @cached_property
    def differing(self) -> tuple[Line, ...]:
        """Those of which not all say the same: our look, the dry run and the restore."""
        return tuple(line for line in self if line.differs or line.disagrees)

    @cached_property
    def failed(self) -> tuple[Line, ...]:
        """Those that fail in the newest answer."""
        return self._that_met(Fate.FAILED)

    @cached_property
    def unmentioned(self) -> tuple[Line, ...]:
        """Those that the newest answer leaves out."""
        return self._that_met(Fate.MISSING)

    def _that_met(self, fate: Fate) -> tuple[Line, ...]:
        return tuple(line for line in self if line.last is not None and line.last.fate is fate)

    @cached_property
    def disagreements(self) -> int:
        """On how many objects our look and the dry run contradict each other, or the answer itself. What it leaves out
        is counted by the tally."""
        left_out = sum(1 for line in self.unmentioned if line.disagrees)
        return sum(1 for line in self.differing if line.disagrees) - left_out

    @cached_property
    def moved_to(self) -> tuple[str, ...]:
        """The schemas that old objects were moved to, each once."""
        moved = (said.moved_to for line in self if (said := line.last) is not None and said.moved_to)
        return tuple(dict.fromkeys(schema_of(place) or place for place in moved))

    def drawn_up(self) -> Ledger:
        """The same, with all of this counted by now."""
        _ = self.asked, self.tally, self.sights, self.disagreements, self.failed, self.moved_to
        return self
