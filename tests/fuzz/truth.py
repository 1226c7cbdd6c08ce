"""Draw what happened on the server, and decide which verdicts on it would be lies.

Nothing here knows what a response looks like, and nothing here knows how the product reads one. A ``Truth`` is drawn
from a list of stories: things that can happen to a restore according to the endpoint's reference, the protocol notes
and public reports by people who restore for a living. ``shapes`` and ``wire`` render a truth into bytes afterwards.
``verdicts_allowed`` is the oracle: it reads the truth only, never the bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from random import Random

RESTORED = "Restored"
WITH_WARNINGS = "Restored, with warnings"
PARTLY = "Partly restored"
FAILED = "Restore failed"
UNKNOWN = "Outcome unknown"
EXIT_CODES = {RESTORED: 0, WITH_WARNINGS: 3, PARTLY: 3, FAILED: 1, UNKNOWN: 4}
ALL_VERDICTS = frozenset(EXIT_CODES)

BACKUP = "nightly"
SNAPSHOT = 1732000000000


class Fate(Enum):
    """What became of one object, as far as the server reports it."""

    BACK = "restored"
    BACK_BESIDE = "restored, and the object of that name moved away"
    LOST = "failed"
    LOST_AND_BACK = "reported as failed and as restored"
    SILENT = "not mentioned"


@dataclass(frozen=True)
class Thing:
    """One object of the snapshot. ``asked`` is False for a member of a schema that was requested as ``all``."""

    kind: str
    name: str
    fate: Fate = Fate.BACK
    moved_to: str = ""
    reason: str = ""
    asked: bool = True


class Ending(Enum):
    """How the server, or the network, ended the restore."""

    ENDED = "the restore ended, and the response arrived"
    REFUSED = "the server rejected it with a reason of its own"
    GOING_AWAY = "the server was going away, or its rank was lost"
    GATEWAY = "an ERROR envelope under an HTTP status that proves nothing"
    NO_ENVELOPE = "a page, nothing, or gibberish instead of an envelope"
    CUT = "the response was cut"
    DROPPED = "the connection broke before a response came"
    CANCELLED = "somebody cancelled the job"
    NEVER_ENDS = "the job runs on"
    RESPONSE_LOST = "the job ended, and its response is gone"
    STRANGE_STATUS = "a status that no document has"
    JOB_UNKNOWN = "the server does not know the job"


class About(Enum):
    """What the response is about."""

    OURS = "our restore"
    OTHER_BACKUP = "another backup"
    OTHER_SNAPSHOT = "another snapshot"
    OTHER_ENDPOINT = "another endpoint"
    OTHER_JOB = "another job"
    DRY_RUN_JOB = "the dry run's job"
    NO_TAG = "a job asked for by its tag, which does not echo the tag"
    DRY_RUN = "a dry run"


class Contradiction(Enum):
    """Two halves of one response that exclude each other."""

    NONE = ""
    NOT_SUCCESSFUL = "DONE, and not successful"
    STILL_RUNNING = "DONE, and running"
    HALFWAY = "DONE, and a progress below 100 percent"
    ENDS_LATER = "DONE and running at first, then DONE"
    STATUS_TWICE = "status ERROR and status OK"
    DATA_TWICE = "two embedded responses that differ"
    JOB_STATUS_TWICE = "job_status ERROR and job_status DONE"
    FAILED_TWICE = "failed_objects twice: with names, and empty"
    NAME_TWICE = "backup_name twice: ours and another"
    HTTP_ERROR_AND_OK = "an HTTP error with an OK envelope"
    ERROR_AND_DATA = "status ERROR with the data of a success"
    REFUSAL_IN_DONE = "DONE, and the response in it is a refusal"


class Totals(Enum):
    """What the response says of bytes, files and records."""

    TRUE = "as they were"
    ZERO = "zero"
    UNTOLD = "left out"


class Remark(Enum):
    """What accompanies an OK."""

    NONE = ""
    PLAIN_INFO = "other information in info"
    NAMES_IN_INFO = "object names in info that sound like trouble"
    TROUBLE_IN_INFO = "words of trouble in info"
    TROUBLE_IN_MESSAGE = "words of trouble in the message"
    TROUBLE_BESIDE = "words of trouble beside the five fields of the envelope"
    UNFINISHED = "words by which the restore is still to be done"
    NO_TROUBLE = "words by which there was no trouble"
    ERROR_BESIDE_DONE = "an error message beside DONE"


@dataclass(frozen=True)
class DryRun:
    """What the dry run of the same server reported before: object names, totals, both, or neither."""

    names: bool = True
    totals: bool = True
    as_schemas: bool = False
    """Of a schema requested as ``all`` it names the schema, not its members."""


@dataclass(frozen=True)
class Truth:
    """One restore: what was requested, what happened, and how much of it the server reports."""

    story: str
    as_job: bool
    things: tuple[Thing, ...]
    schemas: tuple[str, ...] = ()
    strangers: tuple[Thing, ...] = ()
    """Objects in the response that nobody requested."""
    ending: Ending = Ending.ENDED
    about: About = About.OURS
    contradiction: Contradiction = Contradiction.NONE
    totals: Totals = Totals.TRUE
    remark: Remark = Remark.NONE
    dry_run: DryRun = DryRun()
    definitions_only: bool = False
    names_nothing: bool = False
    """The response names no object at all, whatever became of them."""
    sends_nothing: bool = False
    """The response has no field of a restore, or an empty object."""

    @property
    def has_twins(self) -> bool:
        """Whether objects of two types have one name, so that only the type tells which of them is meant."""
        return len({thing.name for thing in self.things}) < len(self.things)

    @property
    def has_data(self) -> bool:
        """Whether anything with data was requested."""
        return not self.definitions_only and any(thing.kind == "table" for thing in self.things)

    @property
    def named_before(self) -> tuple[Thing, ...]:
        """The objects that the dry run named, or that were requested by name."""
        whole = self.dry_run.names and not self.dry_run.as_schemas
        return tuple(thing for thing in self.things if thing.asked or whole)

    def with_fates(self, fates: Callable[[int, Thing], Thing]) -> Truth:
        return replace(self, things=tuple(fates(at, thing) for at, thing in enumerate(self.things)))


# The oracle

Rule = tuple[str, Callable[[Truth], bool], frozenset[str]]


def _any(truth: Truth, *fates: Fate) -> bool:
    return any(thing.fate in fates for thing in truth.things)


def _ended(truth: Truth) -> bool:
    return truth.ending is Ending.ENDED


def _speaks(truth: Truth) -> bool:
    """The response arrived, and names objects."""
    refusal = truth.contradiction is Contradiction.REFUSAL_IN_DONE
    return _ended(truth) and not truth.names_nothing and not refusal


def _silent(truth: Truth) -> bool:
    if not _ended(truth) or not truth.names_nothing:
        return False
    return truth.dry_run.names or _lacks_data(truth)


def _lacks_data(truth: Truth) -> bool:
    """The totals are zero, and those of the dry run were not."""
    return truth.totals is Totals.ZERO and truth.dry_run.totals and truth.has_data


_NOT_CLEAN = frozenset({PARTLY, UNKNOWN})
_ONLY_UNKNOWN = frozenset({UNKNOWN})
_MAY_BE_LOST = frozenset({FAILED, UNKNOWN})
_SOME_CAME_BACK = ALL_VERDICTS - {FAILED}
_ADMITS_TROUBLE = frozenset({WITH_WARNINGS, PARTLY, UNKNOWN})

_SUCCEEDED = (Fate.BACK, Fate.BACK_BESIDE)
_UNDECIDED = (
    Contradiction.NOT_SUCCESSFUL,
    Contradiction.STILL_RUNNING,
    Contradiction.STATUS_TWICE,
    Contradiction.DATA_TWICE,
    Contradiction.JOB_STATUS_TWICE,
    Contradiction.HTTP_ERROR_AND_OK,
    Contradiction.ERROR_AND_DATA,
    Contradiction.HALFWAY,
)

RULES: tuple[Rule, ...] = (
    (
        "a response about something else tells nothing of this restore",
        lambda t: _ended(t) and t.about not in (About.OURS,),
        _ONLY_UNKNOWN,
    ),
    ("a contradiction settles nothing", lambda t: t.contradiction in _UNDECIDED, _ONLY_UNKNOWN),
    (
        "a restore that the response calls failed somewhere is not clean",
        lambda t: t.contradiction is Contradiction.FAILED_TWICE,
        _NOT_CLEAN,
    ),
    (
        "a response that names two backups is not known to be about ours",
        lambda t: t.contradiction is Contradiction.NAME_TWICE,
        _NOT_CLEAN,
    ),
    (
        "a refusal inside of DONE is no success",
        lambda t: t.contradiction is Contradiction.REFUSAL_IN_DONE,
        frozenset({PARTLY, FAILED, UNKNOWN}),
    ),
    ("silence where something was to be expected settles nothing", _silent, _ONLY_UNKNOWN),
    (
        "silence is no failure",
        lambda t: _ended(t) and t.names_nothing and not _silent(t),
        _SOME_CAME_BACK,
    ),
    (
        "an object that failed, and others that came back",
        lambda t: _speaks(t) and _any(t, Fate.LOST) and _any(t, *_SUCCEEDED),
        _NOT_CLEAN,
    ),
    (
        "an object that failed, and none that came back",
        lambda t: _speaks(t) and _any(t, Fate.LOST) and not _any(t, *_SUCCEEDED),
        _NOT_CLEAN | {FAILED},
    ),
    (
        "an object that is reported as failed and as restored",
        lambda t: _speaks(t) and _any(t, Fate.LOST_AND_BACK),
        _NOT_CLEAN,
    ),
    (
        "an object that was requested, or named by the dry run, and is not mentioned",
        lambda t: _speaks(t) and any(thing.fate is Fate.SILENT for thing in t.named_before),
        _NOT_CLEAN,
    ),
    (
        "a failure of an object that nobody requested is a failure",
        lambda t: _speaks(t) and any(thing.fate is Fate.LOST for thing in t.strangers),
        _NOT_CLEAN,
    ),
    (
        "what came back has not failed",
        lambda t: _speaks(t) and _any(t, *_SUCCEEDED),
        _SOME_CAME_BACK,
    ),
    (
        "totals of zero where the dry run had data contradict the names",
        lambda t: _speaks(t) and _any(t, *_SUCCEEDED) and _lacks_data(t),
        _ADMITS_TROUBLE,
    ),
    (
        "the server's words of trouble belong to the verdict",
        lambda t: (
            _ended(t)
            and t.remark
            in (
                Remark.TROUBLE_IN_INFO,
                Remark.TROUBLE_IN_MESSAGE,
                Remark.TROUBLE_BESIDE,
                Remark.ERROR_BESIDE_DONE,
            )
        ),
        _ADMITS_TROUBLE,
    ),
    (
        "a restore that is still to be done is not known to have ended",
        lambda t: _ended(t) and t.remark is Remark.UNFINISHED,
        _ONLY_UNKNOWN,
    ),
    ("a rejected restore restored nothing that is known", lambda t: t.ending is Ending.REFUSED, _MAY_BE_LOST),
    (
        "a restore may have worked behind a response that does not tell",
        lambda t: t.ending not in (Ending.ENDED, Ending.REFUSED),
        _ONLY_UNKNOWN,
    ),
)


def verdicts_allowed(truth: Truth) -> frozenset[str]:
    """Return the verdicts that are no lie about this truth. ``Outcome unknown`` is among them always."""
    allowed = ALL_VERDICTS
    for _, applies, verdicts in RULES:
        if applies(truth):
            allowed &= verdicts
    return allowed


def deserved(story: str) -> str | None:
    """Return the one verdict that a response in a documented shape has to get, or None where several would do.

    Without this, a product that always says ``Outcome unknown`` would pass.
    """
    return _DESERVED.get(story)


def lie(truth: Truth, verdict: str, exit_code: int, *, documented: bool) -> str | None:
    """Return why this verdict and exit code must not be given, or None. ``documented`` is whether the response
    has a shape that the reference, or the decisions on it, describe."""
    if verdict not in EXIT_CODES:
        return f"'{verdict}' is no verdict"
    if exit_code != EXIT_CODES[verdict]:
        return f"'{verdict}' with exit code {exit_code}"
    for why, applies, verdicts in RULES:
        if applies(truth) and verdict not in verdicts:
            return f"'{verdict}': {why}"
    right = deserved(truth.story)
    if documented and right not in (None, verdict):
        return f"'{verdict}' where a documented response says '{right}'"
    return None


# Names

_PARTS = (
    "orders",
    "items",
    "t1-d",
    "order items",
    "x[1]",
    "a{b}",
    "c:d",
    "(e)",
    "#tag",
    "o'brien",
    'say "hi"',
    "back\\slash",
    "größe",
    "注文",
    "🙂",
    "cafe\u0301",
    "caf\u00e9",
    "Orders",
    "ORDERS",
    "table",
    "user",
    "all",
    "failed",
    "error_log",
    "offline",
    "null",
    "true",
    "0",
    "1732000000000",
    "n" * 190,
)
_SCHEMAS = ("sales", "ops", "retail", "table", "all", "user", "lab notes", "größen", "error", "x" * 120)
_ACCOUNTS = (
    "monitor",
    "alice",
    "user",
    "role",
    "all",
    "graph",
    "directory",
    "table",
    "credential",
    "view",
    "schema",
    "none",
    "error",
    "failed",
    "warning",
    "@jane.doe",
    "svc_app",
    "null",
    "maria",
)
_IN_SCHEMA = (
    "table",
    "table",
    "table",
    "table",
    "credential",
    "datasource",
    "datasink",
    "stored_procedure",
    "monitor",
    "context",
)
_BARE = ("user", "user", "role", "role", "resource_group")


def _qualified(rng: Random) -> str:
    return f"{rng.choice(_SCHEMAS)}.{rng.choice(_PARTS)}"


def _drawn_things(rng: Random) -> tuple[tuple[Thing, ...], tuple[str, ...]]:
    """Requested objects, with names that occur once, and the schemas requested as a whole."""
    things: dict[str, Thing] = {}
    schemas: list[str] = []
    flavor = rng.random()
    if flavor < 0.2:
        for schema in rng.sample(_SCHEMAS[:3] + _SCHEMAS[5:7], rng.randint(1, 2)):
            schemas.append(schema)
            for _ in range(rng.randint(1, 4)):
                name = f"{schema}.{rng.choice(_PARTS)}"
                kind = rng.choice(("table", "table", "table", "credential", "stored_procedure"))
                things[name] = Thing(kind, name, asked=False)
    for _ in range(rng.choice((1, 1, 2, 2, 3, 4, 6, 12)) if flavor >= 0.2 else rng.randint(0, 2)):
        bare = rng.random() < (0.9 if 0.2 <= flavor < 0.4 else 0.25)
        name = rng.choice(_ACCOUNTS) if bare else _qualified(rng)
        if name in schemas or name.partition(".")[0] in schemas:
            continue
        things.setdefault(name, Thing(rng.choice(_BARE if bare else _IN_SCHEMA), name))
    if not things:
        things["sales.orders"] = Thing("table", "sales.orders")
    order = list(things.values())
    if rng.random() < 0.06:
        order += [replace(thing, kind="monitor") for thing in order if thing.kind == "table"][:1]
    rng.shuffle(order)
    return tuple(order), tuple(schemas)


REASONS = (
    "Table already exists",
    "No space left on device",
    "checksum mismatch in file 17 of 100",
    "Insufficient privileges (S/AUTH:12)",
    "Rank 2 lost its disk; retried 3 times, gave up",
    "",
)


def _moved(rng: Random, thing: Thing) -> Thing:
    """Move what was there before, where the object lives in a schema."""
    if "." not in thing.name or thing.kind in _BARE:
        return replace(thing, fate=Fate.BACK)
    schema = rng.choice(("backup_1f2e", "old", "backup_0b9c7d5e-1111-4222-8333-944455556666"))
    return replace(thing, fate=Fate.BACK_BESIDE, moved_to=f"{schema}.{thing.name.partition('.')[2]}")


def _lost(rng: Random, thing: Thing, fate: Fate = Fate.LOST) -> Thing:
    return replace(thing, fate=fate, reason=rng.choice(REASONS))


# Stories

Story = Callable[[Random, Truth], Truth]


def _some(rng: Random, truth: Truth, become: Callable[[Thing], Thing], *, leave: int) -> Truth:
    """Let at least one object become something else, and leave at least ``leave`` as they are."""
    count = len(truth.things)
    if count <= leave:
        extra = Thing("table", "sales.one_more")
        truth = replace(truth, things=(*truth.things, extra))
        count += 1
    chosen = set(rng.sample(range(count), rng.randint(1, count - leave)))
    return truth.with_fates(lambda at, thing: become(thing) if at in chosen else thing)


def _all_restored(rng: Random, truth: Truth) -> Truth:
    if rng.random() < 0.3:
        return truth.with_fates(lambda _, thing: _moved(rng, thing) if rng.random() < 0.6 else thing)
    return truth


def _some_failed(rng: Random, truth: Truth) -> Truth:
    return _some(rng, truth, lambda thing: _lost(rng, thing), leave=1)


def _all_failed(rng: Random, truth: Truth) -> Truth:
    failed = truth.with_fates(lambda _, thing: _lost(rng, thing))
    return replace(failed, totals=rng.choice((Totals.ZERO, Totals.UNTOLD)))


def _failed_and_silent(rng: Random, truth: Truth) -> Truth:
    failed = _some(rng, truth, lambda thing: _lost(rng, thing), leave=1)
    return failed.with_fates(
        lambda _, thing: replace(thing, fate=Fate.SILENT) if thing.fate is Fate.BACK else thing
    )


def _some_unmentioned(rng: Random, truth: Truth) -> Truth:
    named = replace(truth, dry_run=DryRun(names=True, totals=truth.dry_run.totals))
    return _some(rng, named, lambda thing: replace(thing, fate=Fate.SILENT), leave=1)


def _both_ways(rng: Random, truth: Truth) -> Truth:
    return _some(rng, truth, lambda thing: _lost(rng, thing, Fate.LOST_AND_BACK), leave=0)


def _silence(rng: Random, truth: Truth) -> Truth:
    named = DryRun(names=True, totals=rng.random() < 0.7, as_schemas=truth.dry_run.as_schemas)
    return replace(
        truth,
        names_nothing=True,
        sends_nothing=rng.random() < 0.3,
        totals=rng.choice(tuple(Totals)),
        dry_run=named,
        remark=rng.choice((Remark.NONE, Remark.NONE, Remark.PLAIN_INFO)),
    )


def _silent_zeros(rng: Random, truth: Truth) -> Truth:
    """The dry run counts records and names nothing; so does the restore, and it counts none."""
    with_data = (*truth.things, Thing("table", "sales.one_more"))
    return replace(
        truth,
        things=with_data,
        definitions_only=False,
        names_nothing=True,
        totals=Totals.ZERO,
        dry_run=DryRun(names=False, totals=True),
    )


def _as_silent_as_its_dry_run(rng: Random, truth: Truth) -> Truth:
    totals = rng.random() < 0.6
    return replace(
        truth,
        names_nothing=True,
        totals=Totals.TRUE if totals else Totals.UNTOLD,
        dry_run=DryRun(names=False, totals=totals),
    )


def _zero_totals(rng: Random, truth: Truth) -> Truth:
    with_data = (*truth.things, Thing("table", "sales.one_more"))
    return replace(
        truth,
        things=with_data,
        definitions_only=False,
        totals=Totals.ZERO,
        dry_run=replace(truth.dry_run, totals=True),
    )


def _about(*subjects: About) -> Story:
    def story(rng: Random, truth: Truth) -> Truth:
        about = rng.choice(subjects)
        of_a_job = about in (About.OTHER_JOB, About.DRY_RUN_JOB, About.NO_TAG)
        return replace(truth, about=about, as_job=truth.as_job or of_a_job)

    return story


def _only_strangers(rng: Random, truth: Truth) -> Truth:
    strangers = tuple(Thing("table", f"elsewhere.t{at}") for at in range(rng.randint(1, 4)))
    silent = truth.with_fates(lambda _, thing: replace(thing, fate=Fate.SILENT))
    return replace(silent, strangers=strangers, dry_run=DryRun(names=True, totals=True))


def _a_stranger_failed(rng: Random, truth: Truth) -> Truth:
    return replace(truth, strangers=(_lost(rng, Thing("table", "elsewhere.t0")),))


def _strangers_beside(rng: Random, truth: Truth) -> Truth:
    name = rng.choice(
        ("elsewhere.t0", "", "\ud800\x1b]0;x", "elsewhere.\x00", "x" * 5000, "../../etc", "<b>")
    )
    return replace(truth, strangers=(Thing("table", name),))


_SOUNDS_LIKE_TROUBLE = {"error", "error_log", "failed", "warning", "offline"}


def _words_of(name: str) -> list[str]:
    return name.replace(".", " ").split()


def _schemas_of(things: tuple[Thing, ...]) -> tuple[str, ...]:
    """The schemas whose members are there although nobody requested them by name."""
    return tuple(dict.fromkeys(thing.name.partition(".")[0] for thing in things if not thing.asked))


def _remark(*remarks: Remark) -> Story:
    def story(rng: Random, truth: Truth) -> Truth:
        remark = rng.choice(remarks)
        quiet = tuple(
            thing for thing in truth.things if not _SOUNDS_LIKE_TROUBLE & set(_words_of(thing.name))
        )
        truth = replace(truth, things=quiet or (Thing("table", "sales.orders"),), schemas=_schemas_of(quiet))
        return replace(truth, remark=remark, as_job=truth.as_job or remark is Remark.ERROR_BESIDE_DONE)

    return story


def _names_like_trouble(rng: Random, truth: Truth) -> Truth:
    named = (Thing("table", "sales.failed"), Thing("user", "error"))
    rest = tuple(thing for thing in truth.things if thing.name not in ("sales.failed", "error"))
    return replace(truth, things=(*rest, *named), remark=Remark.NAMES_IN_INFO)


def _contradiction(*contradictions: Contradiction, as_job: bool | None = None) -> Story:
    def story(rng: Random, truth: Truth) -> Truth:
        way = truth.as_job if as_job is None else as_job
        return replace(truth, contradiction=rng.choice(contradictions), as_job=way)

    return story


def _twice_failed(rng: Random, truth: Truth) -> Truth:
    lost = _some_failed(rng, truth)
    return replace(lost, contradiction=Contradiction.FAILED_TWICE)


def _end(*endings: Ending, as_job: bool | None = None) -> Story:
    def story(rng: Random, truth: Truth) -> Truth:
        way = truth.as_job if as_job is None else as_job
        return replace(truth, ending=rng.choice(endings), as_job=way)

    return story


STORIES: dict[str, tuple[int, Story]] = {
    "all restored": (12, _all_restored),
    "some failed": (12, _some_failed),
    "all failed": (6, _all_failed),
    "some failed, the others not mentioned": (4, _failed_and_silent),
    "some not mentioned": (10, _some_unmentioned),
    "failed and restored at once": (2, _both_ways),
    "silence": (8, _silence),
    "silence, and totals of zero": (2, _silent_zeros),
    "as silent as its dry run": (2, _as_silent_as_its_dry_run),
    "totals of zero": (2, _zero_totals),
    "about another backup": (3, _about(About.OTHER_BACKUP)),
    "about another snapshot": (3, _about(About.OTHER_SNAPSHOT)),
    "about another endpoint": (2, _about(About.OTHER_ENDPOINT)),
    "about a dry run": (2, _about(About.DRY_RUN)),
    "about another job": (3, _about(About.OTHER_JOB, About.DRY_RUN_JOB, About.NO_TAG)),
    "only objects that nobody requested": (2, _only_strangers),
    "an object that nobody requested failed": (2, _a_stranger_failed),
    "an object that nobody requested beside": (1, _strangers_beside),
    "words of trouble": (9, _remark(Remark.TROUBLE_IN_INFO, Remark.TROUBLE_IN_MESSAGE)),
    "words of trouble beside the envelope": (2, _remark(Remark.TROUBLE_BESIDE)),
    "words of a restore still to be done": (3, _remark(Remark.UNFINISHED)),
    "words of no trouble": (3, _remark(Remark.NO_TROUBLE)),
    "an error message beside DONE": (2, _remark(Remark.ERROR_BESIDE_DONE)),
    "other information": (3, _remark(Remark.PLAIN_INFO)),
    "names that sound like trouble": (2, _names_like_trouble),
    "DONE, and not successful": (3, _contradiction(Contradiction.NOT_SUCCESSFUL, as_job=True)),
    "DONE, and running": (2, _contradiction(Contradiction.STILL_RUNNING, as_job=True)),
    "DONE, and halfway": (2, _contradiction(Contradiction.HALFWAY, as_job=True)),
    "DONE and running, then DONE": (1, _contradiction(Contradiction.ENDS_LATER, as_job=True)),
    "a repeated key in the envelope": (
        4,
        _contradiction(Contradiction.STATUS_TWICE, Contradiction.DATA_TWICE),
    ),
    "a repeated key in the job": (2, _contradiction(Contradiction.JOB_STATUS_TWICE, as_job=True)),
    "failed_objects twice": (2, _twice_failed),
    "backup_name twice": (1, _contradiction(Contradiction.NAME_TWICE)),
    "HTTP error with OK": (2, _contradiction(Contradiction.HTTP_ERROR_AND_OK, as_job=False)),
    "ERROR with data": (2, _contradiction(Contradiction.ERROR_AND_DATA, as_job=False)),
    "a refusal in DONE": (1, _contradiction(Contradiction.REFUSAL_IN_DONE, as_job=True)),
    "rejected": (4, _end(Ending.REFUSED)),
    "going away": (5, _end(Ending.GOING_AWAY)),
    "gateway": (3, _end(Ending.GATEWAY, as_job=False)),
    "no envelope": (3, _end(Ending.NO_ENVELOPE, as_job=False)),
    "cut": (3, _end(Ending.CUT)),
    "dropped": (2, _end(Ending.DROPPED)),
    "the job was cancelled": (2, _end(Ending.CANCELLED, as_job=True)),
    "the job runs on": (1, _end(Ending.NEVER_ENDS, as_job=True)),
    "the job's response is lost": (2, _end(Ending.RESPONSE_LOST, as_job=True)),
    "a status that no document has": (2, _end(Ending.STRANGE_STATUS)),
    "the server does not know the job": (1, _end(Ending.JOB_UNKNOWN, as_job=True)),
}

_DESERVED = {
    "all restored": RESTORED,
    "other information": RESTORED,
    "words of no trouble": RESTORED,
    "names that sound like trouble": RESTORED,
    "some failed": PARTLY,
    "some not mentioned": PARTLY,
    "words of trouble": WITH_WARNINGS,
    "rejected": FAILED,
}


def draw(rng: Random) -> Truth:
    """Draw one truth."""
    names = list(STORIES)
    story = rng.choices(names, [STORIES[name][0] for name in names])[0]
    things, schemas = _drawn_things(rng)
    truth = Truth(
        story=story,
        as_job=rng.random() < 0.4,
        things=things,
        schemas=schemas,
        totals=rng.choice((Totals.TRUE, Totals.TRUE, Totals.UNTOLD)),
        dry_run=DryRun(names=rng.random() < 0.85, totals=rng.random() < 0.8, as_schemas=rng.random() < 0.2),
        definitions_only=rng.random() < 0.08,
    )
    return STORIES[story][1](rng, truth)
