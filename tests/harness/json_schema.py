"""What a command prints with ``--json``, checked against its JSON Schema."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from restore_tui.schemas import schema


def read_json(name: str, text: str) -> Any:
    """Return what an output says. It fits the schema with this name."""
    data = json.loads(text)
    _validator(name).validate(data)
    return data


@cache
def _validator(name: str) -> Draft202012Validator:
    described = schema(name)
    Draft202012Validator.check_schema(described)
    return Draft202012Validator(described)
