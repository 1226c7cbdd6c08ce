"""What exists on the server now: the names of one kind of object from one read, as far as this user is shown them.

The server filters rows by what the user may see, and does not say where it did. That a name is not among them means
that it is not shown, and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, NamedTuple, TypeVar

from restore_tui.kinetica.backups import moment
from restore_tui.kinetica.errors import EndpointMissing, KineticaError
from restore_tui.kinetica.exchange import Exchange
from restore_tui.kinetica.responses.lenient import is_impossible
from restore_tui.kinetica.responses.models import (
    CredentialResponse,
    DataSinkResponse,
    SchemaResponse,
    SecurityResponse,
    TableResponse,
    VerifyResponse,
)
from restore_tui.kinetica.verification import SINCE, Verification, read_verification

Made = TypeVar("Made")

_USER_TYPES = ("internal_user", "external_user")


@dataclass(frozen=True)
class Listing:
    """What one read shows. ``names`` are by object type, ``schema.name`` where the server says the schema.

    ``schemas`` are those that ``/show/schema`` lists, and ``blank`` the ones among them that it shows nothing of.
    ``own_only`` is True where the user is shown nothing but itself and its roles. ``memberships`` are name → the names
    that it is listed with as member or role; what is not among them may be a membership all the same.
    """

    names: Mapping[str, frozenset[str]]
    schemas: frozenset[str] = frozenset()
    blank: frozenset[str] = frozenset()
    own_only: bool = False
    memberships: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def roles_of(self, user: str) -> frozenset[str]:
        """The roles that a user is shown to have, also through other roles."""
        found: set[str] = set()
        left = [user]
        while left:
            new = self.memberships.get(left.pop(), frozenset()) & self.names.get("role", frozenset()) - found
            found |= new
            left += new
        return frozenset(found)


class LiveTable(NamedTuple):
    """A table as it is now. ``records`` is None where the server does not say; ``last_write`` where it has no time."""

    records: int | None = None
    last_write: datetime | None = None


class InventoryReads(Exchange):
    """The part of the client that asks what exists. Responses may be long, so they are read in a thread."""

    async def schemas(self) -> Listing:
        """``/show/schema`` with a blank name: every schema with its tables, in one call. Whether views are among the
        tables is not documented."""
        return await self._read_in_thread("/show/schema", {"schema_name": "", "options": {}}, _read_schemas)

    async def live_tables(self, schema: str, *, exactly: bool = True) -> Mapping[str, LiveTable]:
        """``/show/table`` for all tables of a schema: name with the schema → how many records it has, and when it was
        written to last. The server counts ``exactly``, or says what it has in its cache, which costs it little."""
        sizes = "get_sizes" if exactly else "get_cached_sizes"
        options = {sizes: "true", "get_access_data": "true", "no_error_if_not_exists": "true"}
        body = {"table_name": schema, "options": {"show_children": "true", **options}}

        def read(data: Mapping[str, Any]) -> Mapping[str, LiveTable]:
            return _read_tables(data, schema)

        return await self._read_in_thread("/show/table", body, read)

    async def data_sinks(self) -> Listing:
        """``/show/datasink`` for all of them."""

        def read(data: Mapping[str, Any]) -> Listing:
            return _listing("datasink", DataSinkResponse.model_validate(data).datasink_names)

        return await self._read_in_thread("/show/datasink", {"name": "*", "options": {}}, read)

    async def credentials(self) -> Listing:
        """``/show/credential`` for all of them: their names, and nothing of what is in them."""

        def read(data: Mapping[str, Any]) -> Listing:
            return _listing("credential", CredentialResponse.model_validate(data).credential_names)

        return await self._read_in_thread("/show/credential", {"credential_name": "*", "options": {}}, read)

    async def users_and_roles(self) -> Listing:
        """``/show/security`` for everybody. The reference: who is no system administrator is shown itself and its roles
        only."""
        return await self._read_in_thread("/show/security", {"names": [], "options": {}}, _read_security)

    async def verify(self, data_source: str, backup: str, snapshot_id: str) -> Verification:
        """``/verify/backup`` for one snapshot, always by its id: what an empty one and ``-1`` mean is told in two ways.
        Raises NotVerifiable for what is no id; nothing is sent then."""
        if not (snapshot_id.isascii() and snapshot_id.isdigit()):
            raise NotVerifiable("This snapshot has no id of its own to be verified by.")
        body = {
            "backup_name": backup,
            "datasource_name": data_source,
            "options": {"backup_id": snapshot_id},
        }

        def read(data: Mapping[str, Any]) -> Verification:
            return read_verification(VerifyResponse.model_validate(data), backup, snapshot_id)

        try:
            verified = await self._read_in_thread("/verify/backup", body, read, patiently=True)
            return replace(verified, errors=tuple(map(self.redact, verified.errors)))
        except EndpointMissing as missing:
            missing.impact = f"Snapshots can be verified from server {SINCE} on. Nothing has been changed."
            missing.hint = "Continue without it: no restore needs a verification."
            raise


class NotVerifiable(KineticaError):
    """A snapshot that cannot be named to ``/verify/backup``; it was not asked."""

    title = "Cannot be verified"
    impact = "No request was sent: without an id it could verify another snapshot than this one."
    hint = "Choose a snapshot that has an id."


def _listing(kind: str, names: list[str]) -> Listing:
    return Listing({kind: frozenset(names)})


def _read_schemas(data: Mapping[str, Any]) -> Listing:
    """A table may come with or without its schema: no name of either has a dot in it."""
    response = SchemaResponse.model_validate(data)
    names: set[str] = set()
    blank: set[str] = set()
    for index, schema in enumerate(response.schema_names):
        tables = response.schema_tables[index] if index < len(response.schema_tables) else None
        if tables:
            names.update(table if "." in table else f"{schema}.{table}" for table in tables)
        else:
            blank.add(schema)
    return Listing({"table": frozenset(names)}, frozenset(response.schema_names), frozenset(blank))


def _read_tables(data: Mapping[str, Any], schema: str) -> Mapping[str, LiveTable]:
    """The lists are parallel: where one is shorter or longer than the names, nothing in it can be told apart. A table
    may come with or without its schema; one that comes twice is known in no number."""
    response = TableResponse.model_validate(data)
    names = response.table_names
    sizes = response.sizes if len(response.sizes) == len(names) else response.full_sizes
    sizes = sizes if len(sizes) == len(names) else [None] * len(names)
    more = response.additional_info if len(response.additional_info) == len(names) else [{}] * len(names)
    found: dict[str, LiveTable] = {}
    for name, size, info in zip(names, sizes, more, strict=True):
        full = name if "." in name else f"{schema}.{name}"
        records = size if size is not None and not is_impossible(str(size)) else None
        last_write = _as_utc(info.get("last_write_time", ""))
        found[full] = LiveTable() if full in found else LiveTable(records, last_write)
    return found


def _as_utc(text: str) -> datetime | None:
    """Access data is in UTC: a time without a zone is too."""
    try:
        bare = datetime.fromisoformat(text.strip())
    except ValueError:
        return moment(text)
    return bare if bare.tzinfo else bare.replace(tzinfo=timezone.utc)


def _read_security(data: Mapping[str, Any]) -> Listing:
    """``own_only`` unless the response itself shows that it is more: another user, or that ours is an administrator."""
    response = SecurityResponse.model_validate(data)
    users = frozenset(name for name, kind in response.types.items() if kind in _USER_TYPES)
    roles = frozenset(name for name, kind in response.types.items() if kind == "role")
    is_admin = any(
        "system_admin" in permission.values() for held in response.permissions.values() for permission in held
    )
    memberships: dict[str, set[str]] = {}
    for name, others in response.roles.items():
        for other in others:
            memberships.setdefault(name, set()).add(other)
            if other in users:  # a role that is listed with its members
                memberships.setdefault(other, set()).add(name)
    return Listing(
        {"user": users, "role": roles},
        own_only=len(users) < 2 and not is_admin,
        memberships={name: frozenset(others) for name, others in memberships.items()},
    )
