"""The demo server of ``--demo``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from restore_tui.cli.parser import DEMO_VERSION
from restore_tui.demo.seed import DEFAULT_STORY

if TYPE_CHECKING:
    from restore_tui.demo.server import DemoServer


def demo_server_of(given: argparse.Namespace) -> BuiltInServer | None:
    if not given.demo:
        return None
    return BuiltInServer(
        given.objects,
        given.server_version or DEMO_VERSION,
        given.fault or (),
        story=given.story or DEFAULT_STORY,
    )


class BuiltInServer:
    """The built-in server, made when the wizard asks for it: after its first screen is drawn."""

    def __init__(
        self,
        objects: int | None,
        server_version: str,
        faults: Sequence[str] = (),
        *,
        story: str = DEFAULT_STORY,
    ) -> None:
        self._objects = objects
        self._version = server_version
        self._story = story
        self._faults = faults
        self._server: DemoServer | None = None

    def start(self) -> tuple[str, str, str]:
        from restore_tui.demo.seed.shop import build_world
        from restore_tui.demo.server import PRACTICE_PACE, DemoServer

        if self._server is None:
            world = (
                build_world(story=self._story)
                if self._objects is None
                else build_world(big_tables=self._objects, story=self._story)
            )
            self._server = DemoServer(
                world,
                server_version=self._version,
                bytes_per_second=PRACTICE_PACE,
                faults=self._faults,
                keeps_requests=False,
            )
            self._server.start()
        return self._server.url, self._server.user, self._server.password

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
