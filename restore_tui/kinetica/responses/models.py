"""The responses as the wire has them, checked where they enter.

Unknown fields are ignored, missing ones are empty, and a value of another type than documented is read loosely.
Field names are those that the official client declares for each endpoint.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from restore_tui.kinetica.responses.lenient import (
    as_text_lists_by_name,
    decode,
    to_json_value,
    to_map,
    to_maps,
    to_maps_by_name,
    to_plain_key,
    to_str,
    to_str_list,
    to_str_lists,
)

_LONG = re.compile(r"(-?[0-9]{1,30})(?:\.0+)?")
_ZERO = re.compile(r"0+(?:\.0+)?\s?[A-Za-z]{1,7}")
"""``0 B``, ``0.0 kB``, ``0 records``: nothing is nothing in any unit."""
_LARGEST = 10**30
_EXACT_FLOAT = 2**53


def _number(value: Any) -> int | None:
    """A long; a string of digits counts, and a float that holds a whole number exactly."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_FLOAT:
        return int(value)
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST else None
    if isinstance(value, str) and (digits := _LONG.fullmatch(value.strip())):
        return int(digits[1])
    return 0 if isinstance(value, str) and _ZERO.fullmatch(value.strip()) else None


def _snapshot_id(value: Any) -> int | str | None:
    """A snapshot's id: a number where it is one, else its text. None where none is reported: empty, 0 and -1 are what
    a field holds that was not filled in."""
    number = _number(value)
    if number is not None:
        return number if number > 0 else None
    return to_str(value).strip() or None


def _flag(value: Any) -> bool | None:
    """A boolean, also one spelled as text or as 0 and 1; None for what is neither."""
    if isinstance(value, str):
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
            value.strip().lower()
        )
    return bool(value) if value in (0, 1) else None


def _reasons(value: Any) -> dict[str, str]:
    """A map that may hold an error; what is no map is kept as one entry, so that no error in it is lost."""
    value = decode(value)
    if isinstance(value, dict):
        return to_map(value)
    return {"status_map": to_str(value)} if value else {}


TextMap = Annotated[dict[str, str], BeforeValidator(to_map)]
Texts = Annotated[list[str], BeforeValidator(to_str_list)]
TextLists = Annotated[list[list[str] | None], BeforeValidator(to_str_lists)]
TextListsByName = Annotated[dict[str, list[str]], BeforeValidator(as_text_lists_by_name)]
MapsByName = Annotated[dict[str, list[dict[str, str]]], BeforeValidator(to_maps_by_name)]
Text = Annotated[str, BeforeValidator(to_str)]
Number = Annotated[int | None, BeforeValidator(_number)]
Numbers = Annotated[
    list[int | None],
    BeforeValidator(lambda value: [_number(item) for item in value] if isinstance(value, list) else []),
]
Maps = Annotated[list[dict[str, str]], BeforeValidator(to_maps)]
SnapshotId = Annotated[int | str | None, BeforeValidator(_snapshot_id)]
AnyJson = Annotated[Any, BeforeValidator(to_json_value)]
ReasonMap = Annotated[dict[str, str], BeforeValidator(_reasons)]
Flag = Annotated[bool | None, BeforeValidator(_flag)]


class _Response(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    info: TextMap = {}


class _WholeAnswer(_Response):
    """A response of which nothing may be lost: fields that are not documented are kept in ``info``, where whatever else
    the server reports is shown. Keys count in any spelling. ``not_needed`` are documented fields that are not read."""

    not_needed: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _keep_what_is_not_documented(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        fields = {to_plain_key(field): field for field in cls.model_fields}
        data = {fields.get(to_plain_key(str(key)), key): value for key, value in data.items()}
        info = decode(data.get("info"))
        kept = to_map(info) if isinstance(info, dict) else {"info": to_str(info)} if info else {}
        unknown = {
            key: value
            for key, value in data.items()
            if key not in cls.model_fields and key not in cls.not_needed
        }
        return {**data, "info": {**to_map(unknown), **kept}}


class SystemPropertiesResponse(_Response):
    """``/show/system/properties``."""

    property_map: TextMap = {}


class VerifyResponse(_Response):
    """``/verify/backup``: parallel lists, an entry a backup. Ids are kept as text: they are compared, not counted."""

    backup_names: Texts = []
    backup_ids: TextLists = []
    errors: TextLists = []


class SchemaResponse(_Response):
    """``/show/schema``: parallel lists."""

    schema_names: Texts = []
    schema_tables: TextLists = []


class TableResponse(_Response):
    """``/show/table``: parallel lists. A size is a number of records; without ``get_sizes`` there are none."""

    table_names: Texts = []
    additional_info: Maps = []
    sizes: Numbers = []
    full_sizes: Numbers = []


class DataSinkResponse(_Response):
    """``/show/datasink``."""

    datasink_names: Texts = []


class CredentialResponse(_Response):
    """``/show/credential``. Its field ``credentials`` is left where it is: it may hold a secret."""

    credential_names: Texts = []


class SecurityResponse(_Response):
    """``/show/security``: ``types`` maps a user or role to internal_user, external_user or role; ``permissions`` to
    what was granted to it directly. Whether ``roles`` maps members to their roles, or roles to their members, is not
    documented."""

    types: TextMap = {}
    roles: TextListsByName = {}
    permissions: MapsByName = {}


class CreateJobResponse(_Response):
    """``/create/job``. The server repeats the tag in ``info.job_tag``; ``info.query_id`` is the id of the command."""

    job_id: Number = None


class JobResponse(_WholeAnswer):
    """``/get/job``. ``job_status`` is RUNNING, DONE, ERROR or CANCELLED; ``progress`` is in percent. ``running`` and
    ``successful`` are None where the server does not send them. ``job_id`` is not documented; where it comes, it has to
    be ours."""

    not_needed = frozenset({"job_response", "response_encoding"})

    job_id: Number = None
    endpoint: Text = ""
    job_status: Text = ""
    running: Flag = None
    progress: Number = None
    successful: Flag = None
    job_response_str: Text = ""
    status_map: ReasonMap = {}


class ShowJobsResponse(_Response):
    """``/admin/show/jobs``: parallel lists."""

    job_id: Texts = []
    status: Texts = []
    endpoint_name: Texts = []
    auth_id: Texts = []


class AlterJobsResponse(_Response):
    """``/admin/alter/jobs``: what the server says of each job, in its words."""

    job_ids: Texts = []
    status: Texts = []


class SqlResponse(_Response):
    """``/execute/sql``: the rows are JSON in a string, column by column."""

    json_encoded_response: Text = ""


class RestoreResponse(_WholeAnswer):
    """``/restore/backup``, of a dry run or a restore. Totals that did not come are None, not 0.

    The three object fields are kept as they came: their shape is not documented, and ``object_lists`` reads them
    without losing what it cannot read. ``message`` is the envelope's, which may accompany an OK.
    """

    backup_name: Text = ""
    backup_id: SnapshotId = None
    restored_bytes: Number = None
    restored_files: Number = None
    restored_records: Number = None
    restored_objects: AnyJson = {}
    renamed_objects: AnyJson = {}
    failed_objects: AnyJson = {}
    message: Text = ""

    @property
    def totals(self) -> tuple[tuple[str, int | None], ...]:
        """What was restored in all: a noun in the plural and how many, None where the response does not say."""
        return (
            ("bytes", self.restored_bytes),
            ("files", self.restored_files),
            ("records", self.restored_records),
        )

    def redacted(self, redact: Callable[[dict[str, Any]], dict[str, Any]]) -> RestoreResponse:
        """Return the same with every field passed through ``redact``, which leaves names as they are."""
        return self.model_copy(update=redact(dict(self)))

    def accompanied_by(self, message: str) -> RestoreResponse:
        """Return the same with the message of the envelope that it came in."""
        both = "\n".join(dict.fromkeys(text for text in (message, self.message) if text))
        return self.model_copy(update={"message": both})
