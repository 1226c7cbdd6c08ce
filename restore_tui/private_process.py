"""Keeps what the process holds in memory out of files that it would leave behind."""

from __future__ import annotations

import os
import resource
import sys

_PR_SET_DUMPABLE = 4
"""``prctl`` of Linux. Where core dumps go to a program, the limit on their size does not stop them; this does."""
_DEVELOPER_FEATURES = {"debug", "devtools"}


def keep_secrets_in_memory(*, demo: bool) -> None:
    """Forbid core dumps, and switch off Textual's log and its devtools, which are told every key. They stay on with
    ``demo``, where there is no secret. Call this before Textual is imported: it reads the environment then."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if not demo:
        os.environ.pop("TEXTUAL_LOG", None)
        features = os.environ.pop("TEXTUAL", "").lower().replace(" ", "").split(",")
        os.environ["TEXTUAL"] = ",".join(name for name in features if name not in _DEVELOPER_FEATURES)
