"""A self-signed certificate: shown, and trusted once somebody says so. Nothing is sent before that."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input

from restore_tui.kinetica.errors import KineticaError, SelfSignedCertificate, UntrustableCertificate
from restore_tui.kinetica.sanitize import sanitize
from restore_tui.tui.screens.step import StepScreen

if TYPE_CHECKING:
    from restore_tui.kinetica.connection.certificates import Certificate
    from restore_tui.kinetica.connection.transport import ConnectionSettings

log = logging.getLogger(__name__)

TRUST_HELP = (
    "Where a server shows a certificate that it has signed itself, nothing is sent. Certificate shows it: compare its "
    "SHA-256 with the one that the administrator gives you. Trusting it stores it for this server, and every "
    "connection then accepts this certificate and no other. One that has expired, or is for another host, cannot "
    "be trusted; nor can one where a CA file is set."
)


class _Offer(NamedTuple):
    """A certificate that may be trusted, and the connection on which it was seen."""

    link: ConnectionSettings
    certificate: Certificate


class TrustCertificateMixin(StepScreen):
    """A step that connects."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "certificate", "Certificate", id="connect.certificate"),
    ]

    _offered: _Offer | None = None

    async def explain_certificate(self, link: ConnectionSettings, error: KineticaError) -> KineticaError:
        """Look at a certificate that was not trusted, and offer it where it may be. Returns what to show."""
        self.offer_certificate(None)
        if not isinstance(error, SelfSignedCertificate):
            return error
        if link.ca_file is not None:
            error.hint = "Add it to the CA file, or leave the CA file out to check and trust it here."
            return error
        from restore_tui.kinetica.connection.inspection import inspect_certificate

        try:
            certificate = await inspect_certificate(link)
        except UntrustableCertificate as untrustable:
            return untrustable
        except KineticaError as problem:
            log.warning("the certificate could not be inspected: %s", problem.what)
            return error
        error.hint = "Certificate (t) shows it. If it is the right one, trust it there."
        self.offer_certificate(_Offer(link, certificate))
        return error

    def offer_certificate(self, offer: _Offer | None) -> None:
        """Show the button, or hide it."""
        self._offered = offer
        if offer is not None and not self.query("#certificate"):
            self.query_one("#bar").mount(Button("Certificate", id="certificate", compact=True), before="#gap")
        for button in self.query("#certificate"):
            button.display = offer is not None

    def is_key_available(self, binding: str) -> bool:
        if binding == "connect.certificate":
            return self._offered is not None and not isinstance(self.focused, Input)
        return super().is_key_available(binding)

    @on(Button.Pressed, "#certificate")
    def action_certificate(self) -> None:
        """Show the certificate, and trust it where that is wanted."""
        offer = self._offered
        if offer is None:
            return
        from restore_tui.kinetica.connection.certificates import certificate_path
        from restore_tui.tui.dialogs.trust import TrustDialog

        def answered(sure: bool | None) -> None:
            if sure and offer is self._offered:
                self.run_worker(self._trust(offer), group="trust", exclusive=True)

        path = certificate_path(self.wizard.settings.certificates, offer.link.address)
        self.app.push_screen(TrustDialog(offer.link.address.url, offer.certificate, path), answered)

    async def _trust(self, offer: _Offer) -> None:
        from restore_tui.kinetica.connection import certificates

        folder, address = self.wizard.settings.certificates, offer.link.address
        try:
            path = await asyncio.to_thread(certificates.store, folder, address, offer.certificate.der)
        except OSError as error:
            self.notify_user(
                f"The certificate could not be stored in {sanitize(folder, 200)}: {error.strerror}."
            )
            return
        log.info("the certificate of %s is trusted from now on: %s", address.url, path)
        self.offer_certificate(None)
        self.advance()
