"""What can be undone after a restore: where the old objects are, and the requests that move them back.

Pure, from a receipt, so that the result, the report and the history say the same. Nothing here is ever sent. Only what
the restore's own response reports as moved gets a request. The requests are those of the official client's reference:
``/create/schema``, ``/alter/table`` with ``move_to_schema`` (of a table or view; the schema has to exist) and
``/clear/table``, which drops one table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from restore_tui.kinetica import reference
from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.reference import Effect
from restore_tui.kinetica.sanitize import escape_unsafe, sanitize
from restore_tui.restore.plan.plan import MOVE_TARGET
from restore_tui.restore.preflight.conflict_check import NEW_SCHEMA, ConflictStatus
from restore_tui.restore.preflight.response_index import ELSEWHERE
from restore_tui.restore.receipts.model import NOT_SENT, Receipt, ReceiptObject, Verdict
from restore_tui.restore.text_format import first_few, pluralize

MOVABLE_TYPES = ("table", "view")
"""What ``/alter/table`` moves. For no other type is a request documented that does."""

NOTHING_EXECUTED = "Nothing of this is executed here: read it, then run it yourself."
_DEPENDENTS = (
    "Moving or dropping a table or view can drop what depends on it: views, streams and SQL procedures. Foreign keys "
    "can prevent it."
)
_MAX_NAME_CHARS = 60
_MAX_SCHEMA_CHARS = 120
_SETTLED = tuple(verdict.value for verdict in (Verdict.RESTORED, Verdict.WARNED, Verdict.PARTLY))
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_]+")


@dataclass(frozen=True)
class WayBackRequest:
    """One request: the endpoint, and its body as JSON on one line, in which nothing can act on a terminal."""

    endpoint: str
    body: str


@dataclass(frozen=True)
class WayBack:
    """``sentences`` say what is known. The requests are in an order that works: ``make_room`` moves the restored
    objects to ``new_schemas``, since they have the names of the old ones; ``move_back`` moves the old ones; ``drops``
    would drop the restored ones, one each. They stand commented out in every form."""

    sentences: tuple[str, ...]
    is_lossy: bool = False
    """Whether something was, or may have been, replaced: it cannot be brought back."""
    new_schemas: tuple[WayBackRequest, ...] = ()
    make_room: tuple[WayBackRequest, ...] = ()
    move_back: tuple[WayBackRequest, ...] = ()
    drops: tuple[WayBackRequest, ...] = ()


def way_back(receipt: Receipt) -> WayBack | None:
    """What can be undone of this restore; None where it cannot have moved or replaced anything."""
    outcome = receipt.outcome
    verdict = Verdict.UNKNOWN.value if outcome is None else outcome.verdict
    effects = reference.effects_of(receipt.texts("options"))
    if verdict == NOT_SENT:
        return None
    objects = outcome.objects if outcome is not None and verdict != Verdict.UNKNOWN.value else []
    reported = [line for line in objects if line.restore]
    if Effect.OVERWRITES in effects:
        return _replaced(reported, verdict)
    return _renamed(receipt, reported, verdict) if Effect.MOVES_AWAY in effects else None


def requests_as_text(found: WayBack) -> str:
    """The requests, a line each, the drops commented out; empty where there are none."""
    if not found.move_back:
        return ""
    steps = (*found.new_schemas, *found.make_room, *found.move_back)
    lines = [f"POST {request.endpoint} {request.body}" for request in steps]
    lines += [f"# POST {request.endpoint} {request.body}" for request in found.drops]
    return "\n".join(lines)


# After replace


def _replaced(reported: Sequence[ReceiptObject], verdict: str) -> WayBack:
    restored = [line for line in reported if line.restore == "restored"]
    replaced = [line for line in restored if line.seen == ConflictStatus.REPLACED.value]
    if verdict not in _SETTLED:
        sentences = ["If it replaced objects, there is no way back for them."]
    elif replaced:
        sentences = [f"No way back for {pluralize(len(replaced), 'replaced object')}: {_names(replaced)}."]
    elif restored and all(line.seen == ConflictStatus.NEW.value for line in restored):
        sentence = (
            "By the conflict check none of the restored objects existed before, so nothing was replaced."
        )
        return WayBack((sentence,))
    else:
        sentences = [
            "There is no way back for replaced objects.",
            "Which of the restored objects existed before is not known.",
        ]
    return WayBack((*sentences, "A restore that replaces objects keeps no copy."), is_lossy=True)


# After rename


def _renamed(receipt: Receipt, reported: Sequence[ReceiptObject], verdict: str) -> WayBack:
    wanted = receipt.texts("options").get(MOVE_TARGET, "")
    place = (
        f"the schema {sanitize(wanted, _MAX_NAME_CHARS)}, as requested"
        if wanted
        else f"a schema {NEW_SCHEMA} that the server has named"
    )
    moved = [line for line in reported if line.moved_to]
    if not moved:
        return WayBack((_none_moved(reported, verdict, place),))
    movable = [line for line in moved if line.type in MOVABLE_TYPES and _returns_by_moving(line)]
    sentences = [*_places(moved, place), *_without_request(moved)]
    if not movable:
        return WayBack(tuple(sentences))
    in_the_way = [_old_name(line) for line in movable if line.restore == "restored"]
    aside = _new_schemas(receipt.run, in_the_way)
    if aside:
        named = first_few(list(aside.values()), str)
        sentences.append(
            f"The restored objects have the names of the old ones: they move to {named} first (new), with whatever has "
            "been written to them since. Then the old ones move back."
        )
    unsure = [line for line in movable if line.restore != "restored"]
    if unsure:
        sentences.append(
            f"Not reported as restored: {_names(unsure)}. Check that nothing has the name before an old one moves back."
        )
    return WayBack(
        (*sentences, _DEPENDENTS, NOTHING_EXECUTED),
        new_schemas=tuple(_request("/create/schema", schema_name=schema) for schema in aside.values()),
        make_room=tuple(_move(name, aside[_schema(name)]) for name in in_the_way),
        move_back=tuple(_move(line.moved_to, _schema(_old_name(line))) for line in movable),
        drops=tuple(
            _request("/clear/table", table_name=f"{aside[_schema(name)]}.{_base(name)}", authorization="")
            for name in in_the_way
        ),
    )


def _new_schemas(run: str, names: Sequence[str]) -> dict[str, str]:
    """Schema → the new one that what was restored into it moves to. One for each: two schemas can hold one name."""
    plain = f"restored_{_NOT_PLAIN.sub('_', run)}"[:_MAX_SCHEMA_CHARS]
    schemas = dict.fromkeys(map(_schema, names))
    return {schema: f"{plain}_{at}" if at > 1 else plain for at, schema in enumerate(schemas, 1)}


def _schema(name: str) -> str:
    return name.partition(".")[0]


def _base(name: str) -> str:
    return name.partition(".")[2]


def _old_name(line: ReceiptObject) -> str:
    """What the old object was called: what was in the way has the name that the restored one gets."""
    return line.lands or line.name


def _returns_by_moving(line: ReceiptObject) -> bool:
    """Whether the response says where the old object is, and its name there differs in nothing but the schema."""
    old, new = _old_name(line).split("."), line.moved_to.split(".")
    return len(old) == len(new) == 2 and old[1] == new[1] and old[0] != new[0] and all((*old, *new))


def _places(moved: Sequence[ReceiptObject], place: str) -> list[str]:
    """Where the old objects are, by what the response says."""
    known = [line for line in moved if line.moved_to != ELSEWHERE]
    schemas = list(dict.fromkeys(schema_of(line.moved_to) or line.moved_to for line in known))
    sentences = []
    if known:
        named = first_few(schemas, lambda name: sanitize(name, _MAX_SCHEMA_CHARS))
        verb = "is" if len(known) == 1 else "are"
        schema = "schema" if len(schemas) == 1 else "schemas"
        sentences.append(f"{pluralize(len(known), 'old object')} {verb} now in the {schema} {named}.")
    if len(known) < len(moved):
        unplaced = [line for line in moved if line.moved_to == ELSEWHERE]
        sentences.append(
            f"The response does not say where {pluralize(len(unplaced), 'old object')} went: {_names(unplaced)}. "
            f"Look in {place}."
        )
    return sentences


def _without_request(moved: Sequence[ReceiptObject]) -> list[str]:
    """For which of the old objects there is no request, and why."""
    sentences = []
    immovable = [line for line in moved if line.type not in MOVABLE_TYPES]
    if immovable:
        sentences.append(
            f"No documented request moves {pluralize(len(immovable), 'old object')} back, only tables and views: "
            f"{_names(immovable, with_type=True)}."
        )
    renamed = [
        line
        for line in moved
        if line.type in MOVABLE_TYPES and line.moved_to != ELSEWHERE and not _returns_by_moving(line)
    ]
    if renamed:
        sentences.append(
            f"Moving alone does not bring {pluralize(len(renamed), 'old object')} back, because the name that the "
            f"response gives differs in more than the schema: {_names(renamed)}."
        )
    return sentences


def _none_moved(reported: Sequence[ReceiptObject], verdict: str, place: str) -> str:
    if verdict in _SETTLED and any(line.restore == "restored" for line in reported):
        return "The response reports no old object as moved."
    return f"Whether old objects were moved is not known. If so, they are in {place}."


def _names(lines: Sequence[ReceiptObject], *, with_type: bool = False) -> str:
    def name(line: ReceiptObject) -> str:
        kind = f"{sanitize(line.type, _MAX_NAME_CHARS) or 'unknown type'} " if with_type else ""
        return f"{kind}{sanitize(_old_name(line), _MAX_NAME_CHARS)}"

    return first_few(lines, name)


def _move(name: str, schema: str) -> WayBackRequest:
    return _request("/alter/table", table_name=name, action="move_to_schema", value=schema)


def _request(endpoint: str, **fields: str) -> WayBackRequest:
    body = json.dumps({**fields, "options": {}}, ensure_ascii=False)
    return WayBackRequest(endpoint, escape_unsafe(body, lambda character: json.dumps(character)[1:-1]))
