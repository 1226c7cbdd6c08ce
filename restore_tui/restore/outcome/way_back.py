"""The way back after a restore, as a script for a shell. It is written to be read and run by a person."""

from __future__ import annotations

import shlex

from restore_tui.restore.export.curl import post_command, require_secrets
from restore_tui.restore.export.model import ConnectionInfo, commented, login_note
from restore_tui.restore.receipts.way_back import WayBack, WayBackRequest

_SHELL = "For bash (dash and zsh will do), with curl 7.76 or newer. Read it before you run it, and read every response."
_DROPS = (
    "Only when the old objects are back and the restored ones are not needed any more: each of these lines drops one "
    "object, with its data, for good."
)


def way_back_script(found: WayBack, access: ConnectionInfo) -> str:
    """The requests as a script, one after the other; its sentences alone, as comments, where there are none. It holds
    no secret: the login comes from the environment. It stops where a new schema cannot be created: they exist
    when it is run a second time."""
    notes = commented(found.sentences, "#")
    if not found.move_back:
        return notes
    notes += commented([_SHELL, *login_note(access, ".")], "#")
    url = f'{shlex.quote(access.base)}"$1"'
    # The body is the function's argument: no process is started with it, and a here-document passes it to curl.
    function = f"post() {{\n{post_command(access)}{url} 3<<BODY\n$2\nBODY\n}}\n"
    steps = "".join(f"{_call(request)}\n" for request in (*found.make_room, *found.move_back))
    if found.new_schemas:
        steps = " &&\n".join(map(_call, found.new_schemas)) + f" && {{\n{steps}}}\n"
    drops = "".join(f"# {_call(request)}\n" for request in found.drops)
    if drops:
        drops = f"\n{commented([_DROPS], '#')}{drops}"
    if access.secrets:
        steps = f"{require_secrets(access)}{{\n{steps}}}\n"
    return f"{notes}\n{function}\n{steps}{drops}"


def _call(request: WayBackRequest) -> str:
    return f"post {request.endpoint} {shlex.quote(request.body)}"
