"""A self-signed certificate: what to check before it is trusted."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from restore_tui.kinetica.connection.certificates import Certificate
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.restore.text_format import first_few
from restore_tui.tui import formatting
from restore_tui.tui.dialogs.question import ConfirmDialog

_HALF = 48
"""Characters of a SHA-256 on one line: sixteen bytes and their colons."""


class TrustDialog(ConfirmDialog):
    """Cancel has the focus. ``path`` is the file that the certificate would be stored in."""

    subject = "Certificate"
    help_topics = (
        "No authority vouches for a self-signed certificate: anyone between you and the server could present one, "
        "too. Compare the SHA-256 with what the server's administrator gives you, not over this connection. "
        "Nothing has been sent to the server yet. Once trusted, the certificate is stored in the file that is named "
        "here; to stop trusting it, delete that file."
    )

    def __init__(self, url: str, certificate: Certificate, path: Path) -> None:
        names = first_few(certificate.names, lambda name: sanitize(name, 60))
        super().__init__(
            "The server's certificate is self-signed: no authority vouches for it. Compare its SHA-256 with the one "
            "that the server's administrator gives you. Nothing has been sent.\n\n"
            f"Server   {sanitize(url, 200)}\n"
            f"Subject  {sanitize(certificate.subject, 200) or 'none'}\n"
            f"Names    {names or 'none'}\n"
            f"SHA-256  {certificate.sha256[:_HALF]}\n"
            f"         {certificate.sha256[_HALF:]}\n"
            f"Valid    {certificate.begins:%Y-%m-%d} to {certificate.ends:%Y-%m-%d} (UTC)\n\n"
            f"If you trust it, it is stored in {sanitize(formatting.path(path), 300)}, and every connection to this "
            "server then accepts this certificate and no other.",
            safe="Cancel",
            sure="Trust this certificate",
        )

    def compose_text(self) -> ComposeResult:
        with VerticalScroll(id="trust-text"):
            yield from super().compose_text()
