"""What one should know on Connect before a password goes out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from restore_tui.config import Settings
from restore_tui.kinetica.connection import certificates
from restore_tui.kinetica.connection.address import ServerAddress
from restore_tui.kinetica.errors import InvalidUrl
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.tui import formatting

if TYPE_CHECKING:
    from restore_tui.tui.app import RestoreApp


def connect_notes(
    wizard: RestoreApp, settings: Settings, url: str, *, has_secret: bool, both_logins: bool
) -> Iterator[str]:
    """Yield a sentence or two each. ``settings`` are those in force at this URL."""
    if settings.ignored:
        verb = "is" if len(settings.ignored) == 1 else "are"
        yield f"Server {settings.server} is chosen: {', '.join(settings.ignored)} {verb} ignored."
    try:
        yield from _address_notes(ServerAddress.parse(url), settings)
    except InvalidUrl as problem:
        if url:
            yield f"! {problem.what} {problem.hint}"
    for path in settings.exposed:
        yield f"! {sanitize(path, 80)} can be read by others than you: chmod 600 {sanitize(path, 80)}"
    if both_logins:
        yield "! A token is filled in: it is sent, and user and password are not."
    if settings.proxy:
        yield f"Through the proxy {sanitize(settings.proxy, 60)}."
    if wizard.demo is not None:
        yield "This is the built-in demo server: practice freely, nothing here is real."
    if wizard.attach_to:
        yield f"After connecting, the outcome of run {sanitize(wizard.attach_to, 60)} is checked."
    if settings.left_out and not has_secret:
        yield f"! {sanitize(settings.left_out, 400)}"
    if wizard.unreliable_input:
        yield f"! {wizard.unreliable_input}"
    elif wizard.settings.dry_run_only and not settings.server:
        yield "--dry-run-only: the dry run is the last step; no restore is ever sent."
    elif settings.dry_run_only:
        yield "Dry runs only on this server: no restore is ever sent."


def _address_notes(address: ServerAddress, settings: Settings) -> Iterator[str]:
    """How the traffic is protected, where that is not as usual."""
    if address.in_the_clear:
        yield "! http: credentials are sent unencrypted. Use https where you can."
    if not address.encrypted:
        return
    if settings.insecure:
        yield "! insecure: the server's certificate is not checked."
        return
    trusted = None if settings.ca_file else certificates.stored(settings.certificates, address)
    if trusted is not None:
        problem = f", which cannot be read: {trusted.problem}" if trusted.problem else ""
        yield f"Trusting only the certificate in {sanitize(formatting.path(trusted.path), 300)}{problem}."
    elif not settings.ca_file:
        for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            if os.environ.get(name):
                yield f"{name} is set: trusting the certificates in {sanitize(os.environ[name], 80)}."
