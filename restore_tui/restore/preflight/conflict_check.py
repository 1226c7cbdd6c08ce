"""What exists already: our own look at the server, beside its dry run.

For every object requested a verdict, from what the server shows this user. Rows that the user may not see are left out
without a word, so *new* says that nothing is shown under that name. *Not visible to you* is said where there is a sign
that something is kept back: the read was refused for a lack of privilege; the schema is listed, and nothing in it; of
users and roles the server shows only the user itself. Types without a read of their own, and reads that failed, are
*not checked*, with the reason.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from restore_tui.kinetica import reference
from restore_tui.kinetica.errors import AuthenticationFailed, KineticaError, unexpected
from restore_tui.kinetica.identifiers import schema_of
from restore_tui.kinetica.reference import Effect, has_schema
from restore_tui.kinetica.sanitize import sanitize

if TYPE_CHECKING:
    from restore_tui.kinetica.client import KineticaClient
    from restore_tui.kinetica.inventory import Listing
    from restore_tui.restore.plan.plan import RestorePlan

Made = TypeVar("Made")

log = logging.getLogger(__name__)

INVENTORY_SECONDS = 9.0
"""How long one read may take; what has not come by then is not checked. It must not hold up the dry run."""

SCHEMAS, SECURITY = "/show/schema", "/show/security"
READ_OF: Mapping[str, str] = {
    "all": SCHEMAS,
    "table": SCHEMAS,
    "datasource": "/show/datasource",
    "datasink": "/show/datasink",
    "credential": "/show/credential",
    "user": SECURITY,
    "role": SECURITY,
}
"""Object type → the endpoint that shows what there is of it. The other types are not checked."""

NEW_SCHEMA = "backup_<UUID>"
"""Where the server moves what is in the way, unless the request says."""

Key = tuple[str, str]
"""(object type, name)."""

NameMapping = Callable[[str, str], str]
"""(type, name) of an object requested → the name that it gets."""

_NO_PRIVILEGE = re.compile(
    r"privilege|permission|not authori[sz]ed|unauthori[sz]ed|access denied|forbidden|HTTP 403", re.IGNORECASE
)
_MAX_MESSAGE_CHARS = 200


class ConflictStatus(str, Enum):
    """The verdicts. These words stand on the screen and in receipts."""

    NEW = "new"
    ABORT = "would abort"
    REPLACED = "would be replaced"
    MOVED = "would be moved"
    UNDOCUMENTED = "exists, effect not documented"
    HIDDEN = "not visible to you"
    UNCHECKED = "not checked"


class ObjectConflict(NamedTuple):
    """What the conflict check says of one object. ``qualified_name`` is where the one that exists would be moved to;
    ``why`` is the reason of a status that has one, as text of the server's in part."""

    status: ConflictStatus
    qualified_name: str = ""
    why: str = ""

    @property
    def text(self) -> str:
        """The verdict, with the place."""
        return f"{self.status.value} to {self.qualified_name}" if self.qualified_name else self.status.value

    @property
    def is_conflict(self) -> bool:
        """Whether it is there already."""
        return self.status in (
            ConflictStatus.ABORT,
            ConflictStatus.REPLACED,
            ConflictStatus.MOVED,
            ConflictStatus.UNDOCUMENTED,
        )


@dataclass(frozen=True)
class ReadFailure:
    """Why a read has nothing to show; ``hidden`` where it was refused for a lack of privilege."""

    why: str
    hidden: bool = False


@dataclass(frozen=True, eq=False)
class Inventory:
    """What one look found: endpoint → what it shows, or why it shows nothing."""

    listings: Mapping[str, Listing] = field(default_factory=lambda: MappingProxyType({}))
    unread: Mapping[str, ReadFailure] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def problems(self) -> tuple[str, ...]:
        """Which reads have nothing to show, and why."""
        return tuple(
            f"{endpoint} could not be read: {failure.why}" for endpoint, failure in self.unread.items()
        )

    def shows(self, kind: str, name: str) -> bool | None:
        """Whether an object, or for ``all`` a schema, is shown; None where it was not looked at."""
        listing = self.listings.get(READ_OF.get(kind, ""))
        if listing is None:
            return None
        return name in (listing.schemas if kind == "all" else listing.names[kind])


@dataclass(frozen=True)
class Rules:
    """What happens to a conflict. ``lands`` is None where every object gets the name that it had."""

    effects: frozenset[Effect] = frozenset()
    renamed_schema: str = ""
    renames: NameMapping | None = None

    @classmethod
    def of(cls, plan: RestorePlan, lands: NameMapping | None = None) -> Rules:
        return cls(reference.effects_of(plan.options), plan.move_target, lands)

    def name_of(self, kind: str, name: str) -> str:
        return self.renames(kind, name) if self.renames else name

    def backup_location(self, name: str) -> str:
        """Where the object that is in the way would be moved to where it is moved."""
        return f"{self.renamed_schema or NEW_SCHEMA}.{name.partition('.')[2]}"


# Looking


async def read_inventory(
    client: KineticaClient, kinds: Collection[str], *, seconds: float | None = None
) -> Inventory:
    """Ask for what there is of these object types: each endpoint that they need once, side by side, each for
    ``seconds`` at most (SECONDS_TO_LOOK if None). Raises nothing but cancellation: a read that fails is one that shows
    nothing."""
    seconds = INVENTORY_SECONDS if seconds is None else seconds
    endpoints = sorted({READ_OF[kind] for kind in kinds if kind in READ_OF})
    found = await asyncio.gather(*(_read(client, endpoint, seconds) for endpoint in endpoints))
    listings: dict[str, Listing] = {}
    unread: dict[str, ReadFailure] = {}
    for endpoint, response in zip(endpoints, found, strict=True):
        if isinstance(response, ReadFailure):
            unread[endpoint] = response
        else:
            listings[endpoint] = response
    return Inventory(listings, unread)


async def _read(client: KineticaClient, endpoint: str, seconds: float) -> Listing | ReadFailure:
    return await read_or_failure(_INVENTORY_READS[endpoint](client), seconds, endpoint)


async def read_or_failure(read: Awaitable[Made], seconds: float, what: str) -> Made | ReadFailure:
    """What is read within so many seconds, or why nothing is; ``what`` names it in the log. Raises nothing but
    cancellation."""
    try:
        return await asyncio.wait_for(read, seconds)
    except asyncio.TimeoutError:
        return ReadFailure(f"The response took longer than {seconds:g} seconds.")
    except KineticaError as error:
        words = sanitize(error.server_message, _MAX_MESSAGE_CHARS)
        why = f"{error.what} {words}".strip()
        refused = isinstance(error, AuthenticationFailed) or _NO_PRIVILEGE.search(
            f"{error.what} {error.server_message}"
        )
        return ReadFailure(why, hidden=bool(refused))
    except Exception as error:
        # Our own look is a help; whatever is wrong with it must not cost the dry run that it stands beside.
        log.exception("the check of %s ended in an unexpected error", what)
        return ReadFailure(unexpected(error))


async def _data_sources(client: KineticaClient) -> Listing:
    from restore_tui.kinetica.inventory import Listing

    return Listing({"datasource": frozenset(source.name for source in await client.data_sources())})


_INVENTORY_READS: Mapping[str, Callable[[KineticaClient], Awaitable[Listing]]] = {
    SCHEMAS: lambda client: client.schemas(),
    "/show/datasource": _data_sources,
    "/show/datasink": lambda client: client.data_sinks(),
    "/show/credential": lambda client: client.credentials(),
    SECURITY: lambda client: client.users_and_roles(),
}


# Judging


def evaluate_conflicts(keys: Iterable[Key], existing: Inventory, rules: Rules) -> dict[Key, ObjectConflict]:
    """What the conflict check says of each object requested; a schema without a listing has the type ``all``."""
    judges: dict[str, _ConflictEvaluator] = {}
    seen = {}
    for key in keys:
        kind, name = key
        if kind not in judges:
            judges[kind] = _ConflictEvaluator(kind, existing, rules)
        seen[key] = judges[kind].of(name)
    return seen


class _ConflictEvaluator:
    """One object type under one look and policy. Verdicts that many objects share are made once."""

    def __init__(self, kind: str, existing: Inventory, rules: Rules) -> None:
        self._kind = kind
        self._existing = existing
        self._rules = rules
        self._listing: Listing | None = None
        self._always = self._verdict_for_all()

    def _verdict_for_all(self) -> ObjectConflict | None:
        endpoint = READ_OF.get(self._kind)
        if endpoint is None:
            return ObjectConflict(ConflictStatus.UNCHECKED, why="The wizard does not list this type.")
        unread = self._existing.unread.get(endpoint)
        if unread is not None:
            return ObjectConflict(
                ConflictStatus.HIDDEN if unread.hidden else ConflictStatus.UNCHECKED, why=unread.why
            )
        self._listing = self._existing.listings.get(endpoint)
        return None if self._listing else ObjectConflict(ConflictStatus.UNCHECKED, why="It was not checked.")

    def of(self, asked: str) -> ObjectConflict:
        if self._always is not None:
            return self._always
        listing = self._listing
        assert listing is not None  # or there is one verdict for all
        name = self._rules.name_of(self._kind, asked)
        if self._kind == "all":
            return _UNLISTED if name in listing.schemas else _NEW
        names = listing.names[self._kind]
        if name in names:
            return self._conflict(name)
        if not has_schema(self._kind):
            return _OWN_ONLY if listing.own_only else _NEW
        schema = schema_of(name)
        if schema is None:
            return _NO_SCHEMA
        if name.partition(".")[2] in names:
            return _NO_SCHEMA_SHOWN
        return _BLANK if schema in listing.blank else _NEW

    def _conflict(self, name: str) -> ObjectConflict:
        if Effect.OVERWRITES in self._rules.effects:
            return _REPLACED
        if Effect.MOVES_AWAY not in self._rules.effects:
            return _ABORT
        if not has_schema(self._kind):
            return _UNDOCUMENTED
        place = self._rules.backup_location(name)
        taken = bool(self._rules.renamed_schema) and self._existing.shows(self._kind, place)
        why = "The object exists already; what the server does then is not documented." if taken else ""
        return ObjectConflict(ConflictStatus.MOVED, place, why)


_NEW = ObjectConflict(ConflictStatus.NEW)
_ABORT = ObjectConflict(ConflictStatus.ABORT)
_REPLACED = ObjectConflict(ConflictStatus.REPLACED)
_UNDOCUMENTED = ObjectConflict(
    ConflictStatus.UNDOCUMENTED,
    why="rename does not apply to objects without a schema. Whether the restore aborts, overwrites this one or skips "
    "it is not documented.",
)
_UNLISTED = ObjectConflict(
    ConflictStatus.UNCHECKED, why="The schema exists; the snapshot does not list what it contains."
)
_NO_SCHEMA = ObjectConflict(
    ConflictStatus.UNCHECKED, why="It is named without a schema: which one the server uses is not known."
)
_NO_SCHEMA_SHOWN = ObjectConflict(
    ConflictStatus.UNCHECKED,
    why="The server shows this name without a schema: whether it is this one is unknown.",
)
_BLANK = ObjectConflict(
    ConflictStatus.HIDDEN,
    why="The schema exists and appears empty: it has no objects, or you may not see them.",
)
_OWN_ONLY = ObjectConflict(
    ConflictStatus.HIDDEN, why="Only an administrator is shown the users and roles of others."
)
