"""The request as a command for a shell."""

from __future__ import annotations

import shlex

from restore_tui.kinetica.connection.transport import CONNECT_SECONDS
from restore_tui.restore.export.json_body import body_text
from restore_tui.restore.export.model import (
    ENDPOINT,
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

# printf is built into these shells: it starts no process, and so has no argument list that others could read.
# base64 also spares the quoting that curl's own config syntax would ask for.
_LOGIN = {
    "password": rf"""printf 'header = "Authorization: Basic %s"\n' "$(
  printf '%s' "${USER}:${PASSWORD}" | base64 | tr -d '\n'
)" |
""",
    "token": rf"""printf 'header = "Authorization: Bearer %s"\n' "$(
  printf '%s' "${TOKEN}" | tr -d '\r\n' | sed 's/[\\"]/\\&/g'
)" |
""",
    "none": "",
}


def curl(plan: RestorePlan, access: ConnectionInfo, *, dry_run: bool) -> Snippet:
    """For bash. The login reaches curl by a pipe, the body by a here-document, which is as long as it has to be."""
    notes = notes_on(plan, access, dry_run=dry_run)
    notes.append("For bash (dash and zsh will do), with curl 7.76 or newer.")
    notes += login_note(access, "; a pipe passes the login to curl: no process list shows it.")
    notes.append(
        "It is sent once: no retry, a redirect is an error, ~/.curlrc is not read. After an error, or a response of 0 "
        "bytes, check what was restored before you send it again."
    )
    body = body_text(restore_body(plan, dry_run=dry_run))
    url = shlex.quote(access.base + ENDPOINT)
    command = f"{require_secrets(access)}{post_command(access)}{url} 3<<'BODY'\n{body}\nBODY\n"
    return Snippet("curl", title("curl", dry_run), commented(notes, "#") + command, tuple(notes))


def require_secrets(access: ConnectionInfo) -> str:
    """The beginning of a line that ends it where the login is not in the environment."""
    needed = " ".join(f'"${{{name}?}}"' for name in access.secrets)
    return f": {needed} &&\n" if needed else ""


def post_command(access: ConnectionInfo) -> str:
    """The command as far as the URL, which comes next. It posts what file descriptor 3 holds."""
    return _LOGIN[access.login] + " \\\n  ".join(_arguments(access))


def _arguments(access: ConnectionInfo) -> list[str]:
    """The command, a line's worth of words each."""
    lines = [
        "curl --disable" + (" --config -" if access.secrets else ""),
        "--silent --show-error --fail-with-body",
        # A response whose head is cut off ends well for curl: that nothing came has to be seen.
        r"--write-out '%{stderr}\nHTTP %{response_code}, %{size_download} bytes\n'",
        # With --location a redirect is not passed over in silence; with none allowed it is not followed either.
        f"--http1.1 --location --max-redirs 0 --connect-timeout {CONNECT_SECONDS:g}",
    ]
    if access.seconds:
        lines.append(f"--max-time {access.seconds}")
    # An empty list keeps $NO_PROXY from going past the proxy that is named.
    lines.append(f"--proxy {shlex.quote(access.proxy)} --noproxy ''" if access.proxy else "--noproxy '*'")
    if access.encrypted and access.insecure:
        lines.append("--insecure")
    elif access.encrypted and access.ca_file:
        lines.append(f"--cacert {shlex.quote(access.ca_file)}")
    return [
        *lines,
        # Without an empty Expect a server may answer a long body with 417, and curl would post it again.
        "--header 'Content-Type: application/json' --header 'Expect:'",
        "--data-binary @/dev/fd/3",
        "--globoff --url ",
    ]
