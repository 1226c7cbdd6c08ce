"""The request as a program in Python, with the official client."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from restore_tui.kinetica.connection.transport import CONNECT_SECONDS
from restore_tui.kinetica.sanitize import escape_unsafe
from restore_tui.restore.export.model import (
    PASSWORD,
    TOKEN,
    USER,
    ConnectionInfo,
    Snippet,
    commented,
    login_note,
    notes_on,
    title,
)
from restore_tui.restore.plan.plan import RestorePlan
from restore_tui.restore.plan.request import restore_body

_LOGIN = {
    "password": f'    "username": os.environ["{USER}"],\n    "password": os.environ["{PASSWORD}"],\n',
    "token": f'    "oauth_token": os.environ["{TOKEN}"],\n',
    "none": "",
}

# No resolver knows it; a port keeps gpudb from adding its own.
_STAND_IN = "http://stand-in.invalid:1"

# The settings are made from a dict: a gpudb that does not know one of them refuses it, where it would take an unknown
# attribute without a word.
_PROGRAM = """\
import json
import os
import sys

import gpudb
import requests


class Once(requests.sessions.Session):
    used = False

    def __init__(self):
        super().__init__()
        Once.used = True
        self.trust_env = False  # no proxy from the environment, no other login from ~/.netrc

    def request(self, method, url, **how):
        how["allow_redirects"] = False  # a redirect would be followed by a second POST
        how["timeout"] = ({connect}, {timeout})  # seconds to connect, and to wait
{more}        return super().request(method, url, **how)


requests.Session = Once  # what gpudb makes its connections with

# Default behavior, gpudb posts a restore six times when the connection drops, or on a
# 502 or 503: its connection pool repeats a POST up to five times, although the
# first may have done its work. max_retries=0 turns that off, disable_failover
# keeps it from trying another cluster.
options = gpudb.GPUdb.Options({{
    "encoding": "JSON",
    "max_retries": 0,
    "disable_failover": True,
    "disable_auto_discovery": True,
{login}}})
kinetica = gpudb.GPUdb(host={host}, options=options)
if not Once.used:
    sys.exit("This gpudb connects differently: its retries may be on. Nothing was restored.")

objects = {objects}
response = kinetica.restore_backup(
    backup_name={backup},
    restore_objects_map={{kind: ",".join(names) for kind, names in objects.items()}},
    datasource_name={source},
    options={options},
)
if response["status_info"]["status"] != "OK":
    sys.exit(response["status_info"]["message"])
print(json.dumps(response, indent=2))
"""


def python(plan: RestorePlan, access: ConnectionInfo, *, dry_run: bool) -> Snippet:
    """For ``gpudb``, its retries, redirects and failover turned off."""
    notes = notes_on(plan, access, dry_run=dry_run)
    notes.append("For Python 3.8 or newer with gpudb (written for 7.2.3.13), which brings requests.")
    notes += login_note(access, ".")
    notes.append("After an error check what was restored before you run it again.")
    if access.encrypted and not access.insecure and not access.ca_file:
        notes.append("gpudb trusts the certificates of the package certifi, not those of this system.")
    body = restore_body(plan, dry_run=dry_run)
    program = _PROGRAM.format(
        connect=f"{CONNECT_SECONDS:g}",
        timeout=access.seconds or "None",
        more=_more(access),
        login=_LOGIN[access.login],
        host=_host(access.base),
        objects=_objects(body["restore_objects_map"]),
        backup=_literal(body["backup_name"]),
        source=_literal(body["datasource_name"]),
        options=_options(body["options"]),
    )
    text = commented(notes, "#") + escape_unsafe(program, _spelt)
    return Snippet("python", title("python", dry_run), text, tuple(notes))


def _more(access: ConnectionInfo) -> str:
    lines = []
    if _is_mistaken(access.base):
        here = f'"{_STAND_IN}", {_literal(access.base)}'
        lines.append(f"url = url.replace({here}, 1)  # gpudb mistakes this URL")
    if access.encrypted and access.insecure:
        lines.append('how["verify"] = False  # whatever certificate the server shows')
    elif access.encrypted and access.ca_file:
        lines.append(f'how["verify"] = {_literal(access.ca_file)}')
    if access.proxy:
        proxy = _literal(access.proxy)
        lines.append(f'how["proxies"] = {{"http": {proxy}, "https": {proxy}}}')
    return "".join(f"        {line}\n" for line in lines)


def _host(base: str) -> str:
    """What gpudb is told. Without a port, and without a path, it would take 9191."""
    if _is_mistaken(base):
        return f'"{_STAND_IN}"'
    parts = urlsplit(base)
    bare = parts.scheme == "http" and not parts.path and parts.port is None
    return _literal(f"{base}:80" if bare else base)


def _is_mistaken(base: str) -> bool:
    """gpudb 7.2.3.13 hangs on an IPv6 address, splits at a comma, and drops what follows a semicolon."""
    return ":" in (urlsplit(base).hostname or "") or "," in base or ";" in base


def _objects(by_type: dict[str, str]) -> str:
    """One name a line. Splitting is right for any name: joined again, it is what the body holds."""
    kinds = [
        f"    {_literal(kind)}: [\n"
        + "".join(f"        {_literal(name)},\n" for name in names.split(","))
        + "    ],\n"
        for kind, names in by_type.items()
    ]
    return "{\n" + "".join(kinds) + "}" if kinds else "{}"


def _options(options: dict[str, str]) -> str:
    rows = [f"        {_literal(name)}: {_literal(value)},\n" for name, value in options.items()]
    return "{\n" + "".join(rows) + "    }"


def _literal(text: Any) -> str:
    """JSON's escapes mean the same in Python; what JSON leaves raw is spelt by ``escaped`` at the end."""
    return json.dumps(text, ensure_ascii=False)


def _spelt(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
