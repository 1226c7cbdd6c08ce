"""What runs the snippets: real curl through a shell, Python snippets one after another in one interpreter; and plans
that a snippet has to survive."""

from __future__ import annotations

import json
import os
import select
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from restore_tui.demo.server import DemoServer
from restore_tui.kinetica import reference
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.connection.credentials import Login, Secret
from restore_tui.kinetica.connection.transport import ConnectionSettings
from restore_tui.restore.export import ConnectionInfo
from restore_tui.restore.plan.plan import RestorePlan
from tests.harness.kinetica_client import RESTORED
from tests.harness.plans import plan
from tests.harness.servers.demo_requests import shop
from tests.harness.servers.faulty_server import DROP, Fault, Server, always, good, http, page, redirect
from tests.harness.servers.faulty_server import Reply as FaultyReply

RESTORE = "/restore/backup"
PROPERTIES = "/show/system/properties"
PATIENCE = 20
CERTIFICATE = Path(__file__).parents[1] / "demo" / "localhost.pem"
LOGIN = Login("demo", Secret("demo"))

needs_curl = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("bash")),
    reason="curl and bash are needed to run the curl text: install them",
)


@dataclass(frozen=True)
class Ran:
    """How a text ended. ``code`` is that of its process."""

    code: int
    said: str
    complained: str


def environment(login: Login, **more: str) -> dict[str, str]:
    """What a text finds: PATH, and the login."""
    variables = {"PATH": os.environ["PATH"], "HOME": "/nowhere", **more}
    if login.token:
        variables["KINETICA_OAUTH_TOKEN"] = login.token.reveal()
    else:
        variables["KINETICA_USER"] = login.user
        variables["KINETICA_PASSWORD"] = login.password.reveal()
    return variables


def run_in_shell(
    text: str, folder: Path, login: Login = LOGIN, *, shell: str = "bash", **environ: str
) -> Ran:
    """The text as a script of that shell, in a process of its own."""
    script = folder / "text.sh"
    script.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [shell, str(script)],
        env=environment(login, **environ),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode("utf-8", "replace"))


class Interpreter:
    """A Python of its own with ``gpudb`` loaded, which runs texts that it is handed, each as a program."""

    _LOOP = """
import contextlib, io, json, os, sys, traceback
import gpudb
line, outside = sys.stdin.readline, sys.stdout
for asked in iter(line, ""):
    work = json.loads(asked)
    os.environ.clear()
    os.environ.update(work["environ"])
    said, complained, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        try:
            exec(compile(work["text"], "text.py", "exec"), {"__name__": "__main__"})
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
            print(end.code, file=sys.stderr)
        except BaseException:
            traceback.print_exc()
            code = 1
    print(json.dumps([code, said.getvalue(), complained.getvalue()]), file=outside, flush=True)
"""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", self._LOOP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="ascii",
        )

    def run(self, text: str, login: Login = LOGIN, **environ: str) -> Ran:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        work = {"text": text, "environ": environment(login, **environ)}
        self._process.stdin.write(json.dumps(work) + "\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], PATIENCE)[0]:
            self._process.kill()
            raise AssertionError("the text does not end")
        return Ran(*json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate(timeout=PATIENCE)


@contextmanager
def encrypted() -> Iterator[DemoServer]:
    """The demo server behind a certificate that only ``CERTIFICATE`` vouches for."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(CERTIFICATE)
    with DemoServer(shop(), ssl_context=serving) as server:
        yield server


@contextmanager
def recording() -> Iterator[Server]:
    """A server that answers a restore, and what gpudb asks before it."""
    with Server() as server:
        server.on(PROPERTIES, good({"property_map": {"version.gpudb_core_version": "7.2.3.14"}, "info": {}}))
        server.on(RESTORE, good(RESTORED))
        yield server


def link_to(server: Server | str, login: Login = LOGIN, **more: Any) -> ConnectionSettings:
    url = server if isinstance(server, str) else server.url
    return ConnectionSettings(ServerAddress.parse(url), login, **more)


def access_to(server: Server | str, login: Login = LOGIN, **more: Any) -> ConnectionInfo:
    return ConnectionInfo.of(link_to(server, login, **more))


def command_lines() -> list[bytes]:
    """Of every process that this machine shows now."""
    lines = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            lines.append(place.read_bytes())
    return lines


# What a text has to survive

NASTY = (
    "sales.orders",
    "with space.and more",
    " leading",
    "quote'single",
    'quote"double',
    "'; DROP TABLE x; --",
    "$HOME ${PATH} $(id) `id`",
    "back\\slash \\n \\\\ \\",
    "@/etc/hostname",
    "-X DELETE",
    "!history !!",
    "%s%n {0} {{x}}",
    "line\nbreak\rreturn\ttab",
    "\nBODY\n",
    "'''\"\"\"",
    "naïve Ångström 日本語 😀",
    "bidi \u202e\u2066 zero\u200bwidth \ufeff",
    "control \x00\x01\x07\x1b]0;x\x07\x7f\x85\x9b",
    "marks z\u0301\u0301\u0301\u0301\u0301 \u034f\u115f\U000e0101",
    "\u2028\u2029\xa0",
    "a,b",
    "x" * 5000,
)

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.text(
    st.sampled_from("'\"\\$`!@-%{}\n\t \x00\x1b\u202e\u0301a.B,é😀"), max_size=30
)
"""A name without half surrogates, which no response of a server holds once it is read."""


@st.composite
def hostile_plans(draw: st.DrawFn) -> RestorePlan:
    kinds = st.sampled_from([*sorted(reference.TYPE_NAMES), "a type\n'of\" tomorrow"])
    objects = draw(st.dictionaries(kinds, st.frozensets(anything, min_size=1, max_size=4), max_size=3))
    made = replace(plan(objects, backup=draw(anything)), data_source=draw(anything))
    return made.choose_option("restore_policy", "rename").choose_option(
        "renamed_objects_schema", draw(anything)
    )


def option_plans() -> dict[str, RestorePlan]:
    """Every value of every option, the free ones with something nasty; what an option needs is set with it."""
    made = {}
    for option in reference.OPTIONS:
        for value in [v.name for v in option.values] or ["", "old ones", *NASTY[3:9]]:
            options = {option.name: value} | (dict([option.needs]) if option.needs else {})
            made[f"{option.name}={value}"] = plan(options=options)
    return made


def type_plans() -> dict[str, RestorePlan]:
    kinds = [*sorted(reference.TYPE_NAMES), "a type of tomorrow"]
    each = {kind: plan({kind: ["sales.orders", "sales.items"]}) for kind in kinds}
    return {**each, "all of them": plan({kind: ["a", "b"] for kind in kinds})}


def name_plans() -> dict[str, RestorePlan]:
    """Each nasty name as an object, as the backup and as the data source, and all of them together."""
    each = {
        ascii(name)[:30]: replace(plan({"table": [name], "user": [name]}, backup=name), data_source=name)
        for name in NASTY
    }
    return {**each, "all of them": plan({"table": NASTY, "role": NASTY}), "nothing yet": RestorePlan()}


def all_plans() -> dict[str, RestorePlan]:
    return {**option_plans(), **type_plans(), **name_plans()}


# What must be sent once

LOSSES: Mapping[str, Fault] = {
    "drops": DROP,
    "half a head": always(FaultyReply(b"HTTP/1.1 200 OK\r\nContent-Le")),
    "cut off": always(FaultyReply(http(200, b"{}", claim=50))),
    "417": page(417),
    "500": page(500),
    "502": page(502),
    "503": page(503, b""),
    "504": page(504),
    "301": redirect(301),
    "302": redirect(302),
    "303": redirect(303),
    "307": redirect(307),
    "308": redirect(308),
    "401": page(401, b""),
    "408": page(408),
    "429": always(FaultyReply(http(429, b"", head="Retry-After: 0\r\n"))),
    "503, later": always(FaultyReply(http(503, b"", head="Retry-After: 0\r\n"))),
}

PASSWORDS = (
    "plain",
    "pa\"ss\\wo'rd",
    "\\",
    '"',
    " spaces around ",
    "-dash",
    "@/etc/hostname",
    "$HOME ${PATH} $(id) `id` !x",
    "%s%n%d\\n\\x41",
    "ünï€ödé 😀",
    "a:b::c",
    "#;,=",
    "new\nline\ttab",
    "",
    "long" * 200,
)
TOKENS = ("eyJhbGciOi.J9-_~+/==", 'a"b\\c"', "$HOME`id`%s'", "@x", "-x", "two words")
