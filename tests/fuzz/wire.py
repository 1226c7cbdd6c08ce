"""Write a truth as the bytes that a server might send: the dry run before, then the restore, direct or as a job.

The envelope, the fields and the job endpoints are those of the reference. Around them vary what a reference leaves
open: the order of the keys, fields that are left out or that nobody knows, ids as text, a response inside an envelope
inside a job, HTTP status codes, and what remains of a response when the connection or the server breaks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.fuzz import shapes
from tests.fuzz import truth as t
from tests.fuzz.shapes import ABSENT
from tests.fuzz.truth import About, Contradiction, Ending, Fate, Remark, Thing, Totals, Truth

TAG = "@TAG@"
"""Stands for the tag of the job that was created: the server of the test replaces it by the tag that it received."""
DRY_RUN_TAG = "@DRY_RUN_TAG@"
DRY_RUN_JOB = 8589935593
JOB = 8589935594
FOREIGN_JOB = 17

Pairs = list[tuple[str, Any]]


@dataclass(frozen=True)
class Reply:
    """One HTTP response."""

    status: int
    body: bytes
    location: str = ""
    dropped: bool = False
    """The connection breaks instead."""


@dataclass(frozen=True)
class Script:
    """Everything that the server of one example sends. The last of ``polls`` repeats. ``shape`` and ``documented``
    describe the restore's response."""

    dry_run: Reply
    restore: Reply
    created: Reply
    polls: tuple[Reply, ...]
    shape: str
    documented: bool

    @property
    def raw(self) -> str:
        """The responses to the restore, for a person who looks into a failure."""
        said = [self.created, *self.polls] if self.polls else [self.restore]
        return "\n".join(f"HTTP {reply.status} {reply.body.decode('utf-8', 'replace')}" for reply in said)


# JSON with repeated keys


def _object(pairs: Pairs, rng: Random | None = None) -> str:
    ascii_only = rng is None or rng.random() < 0.5
    tight = rng is not None and rng.random() < 0.3
    comma, colon = (",", ":") if tight else (", ", ": ")

    def text(value: Any) -> str:
        return json.dumps(value, ensure_ascii=ascii_only, separators=(comma, colon))

    return "{" + comma.join(f"{text(k)}{colon}{text(v)}" for k, v in pairs if v is not ABSENT) + "}"


def _envelope(
    data_type: str, data: Any, *, status: Any = "OK", message: Any = "", extra: Pairs | None = None
) -> Pairs:
    pairs = [
        ("status", status),
        ("message", message),
        ("data_type", data_type),
        ("data", ""),
        ("data_str", data),
    ]
    return [*pairs, *(extra or [])]


def _error(message: str) -> Pairs:
    return _envelope("none", "", status="ERROR", message=message)


def _reply(pairs: Pairs, status: int = 200, rng: Random | None = None) -> Reply:
    return Reply(status, _object(pairs, rng).encode("utf-8", "surrogatepass"))


# The fields of /restore/backup

_NUMBERS = ("restored_bytes", "restored_files", "restored_records")
_ODD_NUMBERS: tuple[Any, ...] = (
    "1.2 GB",
    -1,
    1e300,
    float("nan"),
    float("inf"),
    10**400,
    None,
    {},
    [3],
    "12,345",
    True,
    "\u0663",
)

TROUBLE = (
    "3 of 100 files failed their checksum and were skipped",
    "WARNING: restore completed with errors, see log",
    "data skipped: already exists",
    "2 errors occurred",
    "1 warning",
    "aborted, nothing restored",
    "the restore is incomplete",
    "file 17 is corrupt",
    "Error: rank 2 gave up",
    "the checksums of 2 files are missing",
)
UNFINISHED = (
    "queued",
    "Restore started",
    "The restore is in progress",
    "pending",
    "Request accepted; not started yet",
    "validated only",
    "Restore job scheduled.",
    "RUNNING",
    "The restore has been submitted.",
)
NO_TROUBLE = (
    "failed: 0",
    "0 errors",
    "no warnings",
    "6 restored, 0 failed, 0 skipped",
    "errors=0, warnings=0",
    "Restore completed without errors or warnings.",
    "nothing failed",
    '{"failed": 0, "errors": []}',
)
PLAIN: tuple[dict[str, str], ...] = (
    {"elapsed": "12.5 s"},
    {"query_id": "0b9c7d5e-1111-4222-8333-944455556666"},
    {"clean_kept_objects": "user: admin"},
    {"note": "read from s3, 4 ranks"},
    {"job_tag": "", "restored_at": "2026-11-22 03:15:00.123"},
)
FOREIGN_NAMES = ("weekly", "nightly_old", "night", "nightly2")


def _numbers(truth: Truth, rng: Random, *, plain: bool) -> Pairs:
    if truth.totals is Totals.UNTOLD:
        return []
    as_text = not plain and rng.random() < 0.3
    zero = truth.totals is Totals.ZERO or not truth.has_data
    if not plain and not zero and rng.random() < 0.1:
        return [(key, rng.choice(_ODD_NUMBERS)) for key in _NUMBERS]
    values = (0, 0, 0) if zero else (rng.choice((4096, 2**40)), 3, rng.choice((1, 77, 10**12)))
    return [(key, str(n) if as_text else n) for key, n in zip(_NUMBERS, values, strict=True)]


def _identity(truth: Truth, rng: Random, *, plain: bool) -> Pairs:
    """The backup and the snapshot that the response is about."""
    name: Any = t.BACKUP
    number: Any = t.SNAPSHOT
    if truth.about is About.OTHER_BACKUP:
        name = rng.choice(FOREIGN_NAMES)
        number = rng.choice((t.SNAPSHOT, 1732999999999, ABSENT))
    elif truth.about is About.OTHER_SNAPSHOT:
        number = rng.choice((t.SNAPSHOT - 86_400_000, t.SNAPSHOT + 1, 1732000100000, 5, 2**53 + 1))
    elif not plain:
        name = rng.choice((name, name, name, "", ABSENT))
        number = rng.choice((number, number, number, ABSENT, None))
    if not plain and isinstance(number, int) and rng.random() < 0.4:
        number = str(number)
    if truth.about is About.OTHER_SNAPSHOT and not plain:
        name = rng.choice((name, ABSENT))
    return [("backup_name", name), ("backup_id", number)]


def _info(truth: Truth, rng: Random, *, plain: bool) -> Any:
    info: dict[str, str] = {}
    if truth.remark is Remark.PLAIN_INFO:
        info = dict(rng.choice(PLAIN))
    elif truth.remark is Remark.NAMES_IN_INFO:
        info = rng.choice(
            (
                {"objects": "sales.failed, 'error'"},
                {"sales.failed": "12 records"},
                {"last": "'error'"},
                {"note": "user 'error' restored"},
            )
        )
    elif truth.remark is Remark.TROUBLE_IN_INFO:
        key = rng.choice(("warnings", "error", "note", "WARNING", truth.things[0].name, "message"))
        info = {key: rng.choice(TROUBLE)}
        if rng.random() < 0.3:
            info = {"elapsed": "12.5 s", **info}
    elif truth.remark is Remark.UNFINISHED:
        info = {rng.choice(("status", "note", "state", "message")): rng.choice(UNFINISHED)}
    elif truth.remark is Remark.NO_TROUBLE:
        info = {"summary": rng.choice(NO_TROUBLE)} if rng.random() < 0.5 else {"failed": "0", "errors": "[]"}
    if truth.about is About.DRY_RUN:
        info["dry_run"] = rng.choice(("true", "TRUE", "yes") if not plain else ("true",))
    if plain or rng.random() < 0.6:
        return info
    if not info:
        return rng.choice(({}, None, ABSENT, "", []))
    return rng.choice(
        (
            info,
            json.dumps(info),
            [info],
            [f"{k}: {v}" for k, v in info.items()],
            {"": info},
            list(info.values()),
        )
        if truth.about is not About.DRY_RUN
        else (info, json.dumps(info))
    )


def _extra(rng: Random) -> Pairs:
    return rng.choice(
        (
            [],
            [],
            [("elapsed_ms", 1200)],
            [("skipped_objects", {})],
            [("ranks", [{"rank": 1, "files": 3}])],
            [("target_schema_map", {})],
        )
    )


def _named(truth: Truth, rng: Random, *, plain: bool) -> tuple[Pairs, str, bool]:
    """The three maps of objects, the shape that says most, and whether all of them are documented."""
    twins = truth.has_twins
    word, exact = shapes.words(rng, plain=plain or twins)
    shape = shapes.draw_shape(rng, plain=plain, typed=twins)
    back = [*shapes.reported(truth.things, Fate.BACK, Fate.BACK_BESIDE, Fate.LOST_AND_BACK)]
    back += shapes.reported(truth.strangers, Fate.BACK)
    lost = [*shapes.reported(truth.things, Fate.LOST, Fate.LOST_AND_BACK)]
    lost += shapes.reported(truth.strangers, Fate.LOST)
    moved = shapes.reported(truth.things, Fate.BACK_BESIDE)
    summarized = _summarized(truth, back) if not plain and rng.random() < 0.4 else None
    if summarized is not None:
        back = summarized
    elif not plain and moved and not twins and rng.random() < 0.3:
        back = [thing for thing in back if thing.fate is not Fate.BACK_BESIDE]  # in renamed_objects only
    restored = shapes.render(back, shape, word, exact, rng)
    lost_shape = shape if plain or rng.random() < 0.5 else shapes.draw_shape(rng, typed=twins)
    whole = not plain and rng.random() < 0.2
    if whole:  # of schemas requested as a whole, the schema is reported as failed
        lost = [thing if thing.asked else Thing("all", thing.name.partition(".")[0]) for thing in lost]
        lost = list({thing.name: thing for thing in lost}.values()) if not twins else lost
    failed = shapes.render(lost, lost_shape, word, exact, rng)
    renamed_shape = shapes.draw_shape(rng, shapes.RENAMED_SHAPES, plain=plain)
    renamed = shapes.render(moved, renamed_shape, word, exact, rng)
    if moved and restored.value in ABSENT_OR_EMPTY and renamed_shape.opaque:
        renamed = shapes.render(moved, shapes.RENAMED_SHAPES[0], word, exact, rng)
    pairs: Pairs = [
        ("restored_objects", restored.value),
        ("renamed_objects", renamed.value),
        ("failed_objects", failed.value),
    ]
    documented = restored.documented and renamed.documented and failed.documented and plain
    return pairs, failed.shape if lost else restored.shape, documented


ABSENT_OR_EMPTY: tuple[Any, ...] = (ABSENT, None, {}, [], "", 0, "{}")


def _summarized(truth: Truth, back: Sequence[Thing]) -> list[Thing] | None:
    """Whole schemas in the place of their members, where every member came back."""
    members = [thing for thing in truth.things if not thing.asked]
    if truth.has_twins or not members or any(thing.fate is not Fate.BACK for thing in members):
        return None
    return [thing for thing in back if thing.asked] + [Thing("all", name) for name in truth.schemas]


def _nothing(truth: Truth, rng: Random) -> Pairs:
    empties: tuple[Any, ...] = ({}, {}, {}, None, ABSENT, [], "")
    empty = rng.choice(empties)
    return [(key, empty) for key in ("restored_objects", "renamed_objects", "failed_objects")]


def _response(truth: Truth, rng: Random, *, plain: bool) -> tuple[Pairs, str, bool]:
    """The fields of the restore's response, its shape, and whether it is documented."""
    info = ("info", _info(truth, rng, plain=plain))
    if truth.sends_nothing:
        about: Pairs = rng.choice(([], [], [("backup_name", "")]))
        return [*about, *([info] if truth.remark is not Remark.NONE else [])], "nothing", False
    if truth.names_nothing:
        maps, shape, documented = _nothing(truth, rng), "no names", False
    else:
        maps, shape, documented = _named(truth, rng, plain=plain)
    identity = _identity(truth, rng, plain=plain)
    numbers = _numbers(truth, rng, plain=plain)
    pairs = [*identity, *numbers, *maps, info]
    if truth.contradiction is Contradiction.FAILED_TWICE:
        at = next(i for i, (key, _) in enumerate(pairs) if key == "failed_objects")
        none: Any = rng.choice(({}, []))
        pairs.insert(at if rng.random() < 0.3 else at + 1, ("failed_objects", none))
    if truth.contradiction is Contradiction.NAME_TWICE:
        names = [("backup_name", t.BACKUP), ("backup_name", rng.choice(FOREIGN_NAMES))]
        rng.shuffle(names)
        pairs = [*names, *(pair for pair in pairs if pair[0] != "backup_name")]
    twice = truth.contradiction in (Contradiction.FAILED_TWICE, Contradiction.NAME_TWICE)
    if not plain:
        pairs += _extra(rng)
        if not twice and rng.random() < 0.3:
            rng.shuffle(pairs)
    documented = plain and documented and truth.totals is Totals.TRUE and not twice
    return pairs, shape, documented


def _dry_run_data(truth: Truth, rng: Random) -> str:
    things: Sequence[Thing] = ()
    if truth.dry_run.names:
        things = truth.things
        if truth.dry_run.as_schemas:
            things = [thing for thing in things if thing.asked]
            things = [*things, *(Thing("all", name) for name in truth.schemas)]
    shape = shapes.BY_NAME["type → comma text" if truth.has_twins or rng.random() < 0.5 else "name → type"]
    maps: Any = {}
    if things:
        maps = shape.make(things, lambda thing: thing.kind, rng)
    pairs: Pairs = [("backup_name", t.BACKUP), ("backup_id", t.SNAPSHOT)]
    totals = (4096, 3, 77) if truth.has_data and truth.dry_run.totals else (0, 0, 0)
    pairs += zip(_NUMBERS, totals, strict=True)
    pairs += [("restored_objects", maps), ("renamed_objects", {}), ("failed_objects", {}), ("info", {})]
    return _object(pairs)


# What a server says when it does not say OK

REFUSALS = (
    "Table 'sales.orders' already exists (RB/RB:348)",
    "Backup 'nightly' does not hold table 'sales.orders'",
    "Parameter map key: 'create_temp_table' is not a valid parameter (U/PUh:348); error in Job validation",
    "Insufficient privileges to restore (S/AUTH:12)",
    "Restore policy 'none': 3 objects exist already",
    "Schema 'ops' does not exist",
)
GOING_AWAY = (
    "Kinetica is exiting",
    "Kinetica is offline",
    "System is offline",
    "System shutting down",
    "system-limited-fatal",
    "Unavailable: Draining HA queue",
    "Query planner is not running",
    "Unable to process request with JobId:4711 to: /restore/backup, system is in a limited state. rank 2",
)
AROUND = (
    "{}",
    '"{}"',
    "'{}'",
    '{{"error": "{}"}}',
    "Error: '{}'",
    "{}.Retry later",
    "Job failed ({}; N/A:12)",
    "[{}]",
    "rank0:{}",
    "{}\n",
    "*** {} ***",
)
GATEWAY = (
    "upstream timed out",
    "Timeout waiting for response from rank 1",
    "Connection to rank 0 lost",
    "Table 'sales.orders' already exists",
    "Bad Gateway",
    "",
)
PAGES = (
    b"<html><body>502 Bad Gateway</body></html>",
    b"",
    b"OK",
    b"null",
    b"[]",
    b"{}",
    b"\x00\xff\xfe",
    b'"OK"',
    b"true",
    b"[" * 50_000,
    b'{"a":' * 20_000,
    b"1" * 6_000,
)


def _refusal(truth: Truth, rng: Random) -> tuple[str, bool]:
    """A reason, and whether it is beyond doubt: a name in it may sound like a server that is going away."""
    if rng.random() < 0.5:
        return rng.choice(REFUSALS), True
    thing = rng.choice(truth.things)
    return f"{thing.kind} '{thing.name}' already exists (RB/RB:348)", "offline" not in thing.name


def _going_away(rng: Random) -> str:
    words = rng.choice(GOING_AWAY)
    words = rng.choice((words, words, words.upper(), words.lower(), words.replace(" ", "  ")))
    return rng.choice(AROUND).format(words)


def _cut(body: bytes, rng: Random) -> bytes:
    return body[: rng.randrange(len(body))]


# Direct


def _direct(truth: Truth, rng: Random, *, plain: bool) -> tuple[Reply, str, bool]:
    pairs, shape, documented = _response(truth, rng, plain=plain)
    data: Any = _object(pairs, rng)
    if not plain:
        data = _embedded(data, pairs, rng) if not _has_twins(pairs) else data
    kind = "restore_backup_response"
    if truth.about is About.OTHER_ENDPOINT:
        kind = rng.choice(("create_backup_response", "show_backup_response", "verify_backup_response"))
    message: Any = rng.choice(TROUBLE) if truth.remark is Remark.TROUBLE_IN_MESSAGE else ""
    if not plain and message == "":
        message = rng.choice(("", "", None, ABSENT))
    extra = [] if plain else _extra(rng)
    if truth.remark is Remark.TROUBLE_BESIDE:
        extra = [
            (
                rng.choice(("error", "errors", "exception", "warning")),
                rng.choice((rng.choice(TROUBLE), [rng.choice(TROUBLE)])),
            )
        ]
        documented = False
    envelope = _envelope(kind, data, message=message, extra=extra)
    if not plain and rng.random() < 0.3:
        rng.shuffle(envelope)
    if truth.ending is not Ending.ENDED:
        return _broken(truth, envelope, rng)
    return _contradicting(truth, envelope, rng), shape, documented


def _has_twins(pairs: Pairs) -> bool:
    return len({key for key, _ in pairs}) < len(pairs)


def _embedded(data: str, pairs: Pairs, rng: Random) -> Any:
    """``data_str`` as the text that it should be, as an object, or as text in text."""
    dice = rng.random()
    if dice < 0.85:
        return data
    return {k: v for k, v in pairs if v is not ABSENT} if dice < 0.95 else json.dumps(data)


def _contradicting(truth: Truth, envelope: Pairs, rng: Random) -> Reply:
    what = truth.contradiction
    status = 200
    if what is Contradiction.STATUS_TWICE:
        envelope = _twice(envelope, "status", "ERROR", rng)
        if rng.random() < 0.5:
            envelope = _twice(envelope, "message", rng.choice(REFUSALS), rng)
    elif what is Contradiction.DATA_TWICE:
        other = rng.choice(("", "{}", '{"failed_objects": {"sales.orders": "table"}}'))
        envelope = _twice(envelope, "data_str", other, rng)
    elif what is Contradiction.HTTP_ERROR_AND_OK:
        status = rng.choice((400, 401, 403, 404, 409, 429, 500, 502, 503, 504, 302))
    elif what is Contradiction.ERROR_AND_DATA:
        said = {"status": "ERROR", "message": rng.choice((*REFUSALS, ""))}
        envelope = [(key, said.get(key, value)) for key, value in envelope]
        status = rng.choice((200, 400))
    return _reply(envelope, status, rng)


def _twice(envelope: Pairs, key: str, other: Any, rng: Random) -> Pairs:
    """The same envelope with a key twice: before the good one, or after it."""
    kept = [pair for pair in envelope if pair != (key, ABSENT)]
    at = next((i for i, pair in enumerate(kept) if pair[0] == key), 0)
    where = at if rng.random() < 0.6 else at + 1
    return [*kept[:where], (key, other), *kept[where:]] if (key, other) not in kept else kept


def _broken(truth: Truth, envelope: Pairs, rng: Random) -> tuple[Reply, str, bool]:
    ending = truth.ending
    if ending is Ending.REFUSED:
        status = rng.choice((400, 400, 400, 200, 401, 403, 404))
        message, documented = _refusal(truth, rng)
        return _reply(_error(message), status, rng), "error", documented and status == 400
    if ending is Ending.GOING_AWAY:
        status = rng.choice((400, 200, 500, 503, 504))
        return _reply(_error(_going_away(rng)), status, rng), "error", False
    if ending is Ending.GATEWAY:
        status = rng.choice((500, 502, 503, 504, 409, 429, 408, 302, 307))
        location = "/restore/backup" if status < 400 else ""
        return replace(_reply(_error(rng.choice(GATEWAY)), status, rng), location=location), "error", False
    if ending is Ending.CUT:
        return Reply(200, _cut(_reply(envelope, 200, rng).body, rng)), "cut", False
    if ending is Ending.DROPPED:
        return Reply(0, b"", dropped=True), "dropped", False
    if ending is Ending.STRANGE_STATUS:
        word = rng.choice(("PARTIAL", "WARNING", "", None, ABSENT, "OKAY", "PENDING", 0, ["OK"]))
        strange = [(key, word if key == "status" else value) for key, value in envelope]
        return _reply(strange, 200, rng), "status", False
    return (
        Reply(rng.choice((200, 200, 400, 401, 403, 404, 500, 502, 504, 302)), rng.choice(PAGES)),
        "page",
        False,
    )


# As a job


def _created(truth: Truth, rng: Random, *, plain: bool) -> Reply:
    number: Any = JOB
    if truth.about is About.DRY_RUN_JOB:
        number = DRY_RUN_JOB
    elif truth.about is About.NO_TAG:
        number = rng.choice((ABSENT, 0, None, -1))
    info = {"job_tag": TAG, "query_id": "0b9c7d5e-1111-4222-8333-944455556666"}
    if not plain and rng.random() < 0.3 and truth.about is not About.DRY_RUN_JOB:
        info = {}
    data = _object([("job_id", number), ("info", info)])
    return _reply(_envelope("create_job_response", data))


def _job(truth: Truth, response: Any, rng: Random, *, plain: bool, **fields: Any) -> Pairs:
    """The fields of ``/get/job``."""
    tag, endpoint, number = TAG, "/restore/backup", JOB
    if truth.about is About.OTHER_JOB:
        tag, endpoint, number = rng.choice(
            (
                ("somebody-elses-tag", "/restore/backup", FOREIGN_JOB),
                ("somebody-elses-tag", "/restore/backup", JOB),
                (TAG, "/create/backup", JOB),
                ("", "/execute/sql", JOB),
                (DRY_RUN_TAG, "/restore/backup", JOB),
            )
        )
    elif truth.about is About.OTHER_ENDPOINT:
        endpoint = rng.choice(("/create/backup", "/show/backup", "/verify/backup"))
    elif truth.about is About.DRY_RUN_JOB:
        tag, number = rng.choice((DRY_RUN_TAG, "")), DRY_RUN_JOB
    elif truth.about is About.NO_TAG:
        tag, number = "", rng.choice((FOREIGN_JOB, DRY_RUN_JOB))
    values: dict[str, Any] = {
        "endpoint": endpoint,
        "job_status": "DONE",
        "running": False,
        "progress": 100,
        "successful": True,
        "response_encoding": "json",
        "job_response": "",
        "job_response_str": response,
        "status_map": {},
        "info": {"job_tag": tag} if tag else {},
        **fields,
    }
    if truth.about is About.NO_TAG and rng.random() < 0.5:
        del values["endpoint"]
    if not plain:
        if rng.random() < 0.4:
            values["job_id"] = number
        if truth.about is About.OURS and rng.random() < 0.1 and "info" not in fields:
            values["info"] = {}  # asked by its id, it does not echo the tag
        if rng.random() < 0.2:
            left_out = rng.choice(("progress", "response_encoding", "job_response"))
            if left_out not in fields:
                del values[left_out]
        if "running" not in fields and rng.random() < 0.1:
            del values["running"]
        if "successful" not in fields and rng.random() < 0.1:
            del values["successful"]
    return list(values.items())


def _poll(pairs: Pairs, rng: Random, *, message: Any = "", status: int = 200) -> Reply:
    return _reply(_envelope("get_job_response", _object(pairs, rng), message=message), status, rng)


def _falsely(rng: Random, value: bool) -> Any:
    return rng.choice((value, value, value, str(value).lower(), str(value)))


def _as_job(truth: Truth, rng: Random, *, plain: bool) -> tuple[Reply, list[Reply], str, bool]:
    created = _created(truth, rng, plain=plain)
    running = _poll(
        _job(truth, "", rng, plain=plain, job_status="RUNNING", running=True, progress=17, successful=False),
        rng,
    )
    before = [running] * rng.randint(0, 2)
    if truth.ending is not Ending.ENDED:
        created, polls, documented = _broken_job(truth, created, running, rng, plain=plain)
        return created, [*before, *polls], "job error", documented
    pairs, shape, documented = _response(truth, rng, plain=plain)
    text = _object(pairs, rng)
    message: Any = ""
    enveloped = not plain and rng.random() < 0.3
    if truth.about is About.OTHER_ENDPOINT and enveloped:
        enveloped = False
    if truth.remark is Remark.TROUBLE_IN_MESSAGE:
        message, documented = rng.choice(TROUBLE), False
        enveloped = True
    if truth.contradiction in (Contradiction.STATUS_TWICE, Contradiction.DATA_TWICE):
        enveloped = rng.random() < 0.5
    if enveloped:
        inner = _envelope("restore_backup_response", text, message=message)
        if truth.remark is Remark.TROUBLE_BESIDE:
            inner.append(("error", rng.choice(TROUBLE)))
        response: Any = _contradicting(truth, inner, rng).body.decode("utf-8", "surrogatepass")
        documented = False
    else:
        response = text
        if not plain and not _has_twins(pairs) and rng.random() < 0.1:
            response = {k: v for k, v in pairs if v is not ABSENT}
    if truth.contradiction is Contradiction.REFUSAL_IN_DONE:
        response = _object(_error(rng.choice(REFUSALS)), rng)
    done = _ends(truth, response, rng, plain=plain)
    if not enveloped and truth.contradiction in (Contradiction.STATUS_TWICE, Contradiction.DATA_TWICE):
        outer = _envelope("get_job_response", _object(_job(truth, response, rng, plain=plain), rng))
        if truth.contradiction is Contradiction.STATUS_TWICE:
            outer = _twice(outer, "status", "ERROR", rng)
        else:
            other = _object(_job(truth, "", rng, plain=plain, job_status="ERROR", successful=False))
            outer = _twice(outer, "data_str", other, rng)
        done = [_reply(outer, 200, rng)]
    return created, [*before, *done], shape, documented


def _ends(truth: Truth, response: Any, rng: Random, *, plain: bool) -> list[Reply]:
    """The polls from the first one on that says DONE."""

    def job(**fields: Any) -> Pairs:
        return _job(truth, response, rng, plain=plain, **fields)

    what = truth.contradiction
    if what is Contradiction.NOT_SUCCESSFUL:
        reason = rng.choice(({}, {"error_message": "Rank 3 lost its disk"}))
        return [_poll(job(successful=_falsely(rng, False), status_map=reason), rng)]
    if what is Contradiction.STILL_RUNNING:
        progress, successful = rng.choice((17, 100)), rng.choice((True, False))
        running = _falsely(rng, True)
        return [_poll(job(running=running, progress=progress, successful=successful), rng)]
    if what is Contradiction.ENDS_LATER:
        return [_poll(job(running=True, progress=99), rng)] * rng.randint(1, 4) + [_poll(job(), rng)]
    if what is Contradiction.JOB_STATUS_TWICE:
        twins = _twice(job(), "job_status", rng.choice(("ERROR", "CANCELLED", "RUNNING")), rng)
        return [_poll(twins, rng)]
    if what is Contradiction.HALFWAY:
        return [_poll(job(progress=rng.choice((0, 1, 17, 50, 99, "42"))), rng)]
    if truth.remark is Remark.TROUBLE_BESIDE:
        words = rng.choice(TROUBLE)
        where: dict[str, Any] = rng.choice(
            ({"error": words}, {"exception": words}, {"info": {"error": words}})
        )
        return [_poll(job(**where), rng)]
    if truth.remark is Remark.ERROR_BESIDE_DONE:
        return [_poll(job(status_map={"error_message": rng.choice(TROUBLE)}), rng)]
    return [_poll(job(), rng)]


def _broken_job(
    truth: Truth, created: Reply, running: Reply, rng: Random, *, plain: bool
) -> tuple[Reply, list[Reply], bool]:
    def ended(word: str, response: Any = "", **fields: Any) -> Reply:
        successful = fields.pop("successful", False)
        return _poll(
            _job(truth, response, rng, plain=plain, job_status=word, successful=successful, **fields), rng
        )

    ending = truth.ending
    if ending is Ending.REFUSED:
        message, documented = _refusal(truth, rng)
        if rng.random() < 0.3:
            return _reply(_error(message), 400, rng), [running], documented
        return created, [ended("ERROR", status_map={"error_message": message})], documented
    if ending is Ending.GOING_AWAY:
        message = _going_away(rng)
        if rng.random() < 0.3:
            return _reply(_error(message), rng.choice((400, 500, 503)), rng), [running], False
        return created, [ended("ERROR", status_map={"error_message": message})], False
    if ending is Ending.CANCELLED:
        requested = rng.random() < 0.3
        return created, [ended("CANCELLED", running=requested, progress=rng.choice((17, 100)))], False
    if ending is Ending.NEVER_ENDS:
        return created, [running], False
    if ending is Ending.RESPONSE_LOST:
        response = rng.choice(("", "{", "null", "[]", "OK", '"', "<html>", None, ABSENT, 17))
        return created, [ended("DONE", response, successful=True)], False
    if ending is Ending.STRANGE_STATUS:
        word = rng.choice(("FINISHED", "", "PARTIAL", "COMPLETED_WITH_ERRORS", "DONE?", "UNKNOWN"))
        return created, [ended(word, _object(_response(truth, rng, plain=False)[0]), successful=True)], False
    if ending is Ending.DROPPED:
        dropped = Reply(0, b"", dropped=True)
        return rng.choice((created, dropped)), [dropped], False
    if ending is Ending.JOB_UNKNOWN:
        return created, [_reply(_error("Job '8589935594' not found (GJ, JOB:1701)"), 400, rng)], False
    cut = _cut(ended("DONE", _object(_response(truth, rng, plain=False)[0]), successful=True).body, rng)
    return created, [Reply(200, cut)], False


# All of it


def render(truth: Truth, rng: Random) -> Script:
    """Render a truth. Four of ten responses keep to the reference in everything."""
    plain = rng.random() < 0.4
    dry_run = _dry_run_data(truth, rng)
    nothing = Reply(500, b"")
    if truth.as_job:
        created, polls, shape, documented = _as_job(truth, rng, plain=plain)
        return Script(
            dry_run=_poll_of_dry_run(dry_run),
            restore=nothing,
            created=created,
            polls=tuple(polls),
            shape=shape,
            documented=documented,
        )
    restore, shape, documented = _direct(truth, rng, plain=plain)
    return Script(
        dry_run=_reply(_envelope("restore_backup_response", dry_run)),
        restore=restore,
        created=nothing,
        polls=(),
        shape=shape,
        documented=documented,
    )


def _poll_of_dry_run(data: str) -> Reply:
    pairs: Pairs = [
        ("endpoint", "/restore/backup"),
        ("job_status", "DONE"),
        ("running", False),
        ("progress", 100),
        ("successful", True),
        ("response_encoding", "json"),
        ("job_response", ""),
        ("job_response_str", data),
        ("status_map", {}),
        ("info", {"job_tag": DRY_RUN_TAG}),
    ]
    return _reply(_envelope("get_job_response", _object(pairs)))
