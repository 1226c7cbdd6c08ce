"""What can go wrong between us and the server.

Every error says what happened, what it means for the restore, and what to do next, in that order;
the server's own words, where it had any, come below. Screens show these four and nothing else. Which key helps is
theirs to know: an error only has a ``Remedy``.
"""

from __future__ import annotations

from enum import Enum

from restore_tui.kinetica.sanitize import sanitize

# Whether a restore that fails midway leaves what it had restored is not documented.
MAY_BE_PARTIAL = (
    "The restore ended with an error. Whether something was restored before that, it does not say."
)

IN_DETAIL = "In detail"
"""The heading of words that come from this machine, or from a library."""


class Remedy(Enum):
    """What this program can do about an error."""

    NONE = "nothing"
    RETRY = "send the request again"
    CHANGE_MODE = "choose another execution mode, then repeat the dry run"


def unexpected(error: BaseException) -> str:
    """What is said of an exception that nobody foresaw; its own text may quote a secret."""
    return f"An unexpected error on this side: {sanitize(type(error).__name__, 60)}."


class KineticaError(Exception):
    """The base: ``what`` happened, its ``impact``, a ``hint`` what to do, and the ``server_message``."""

    title = "Something went wrong"
    impact = "Nothing has been restored."
    hint = "Try again."
    remedy: Remedy = Remedy.NONE
    message_label = "Server message"
    """Whose the ``server_message`` is, as a heading: ``IN_DETAIL`` where no server spoke."""

    def __init__(
        self,
        what: str,
        *,
        server_message: str = "",
        impact: str = "",
        hint: str = "",
        remedy: Remedy | None = None,
        message_label: str = "",
    ) -> None:
        super().__init__(what)
        self.what = what
        self.server_message = server_message
        self.message_label = message_label or type(self).message_label
        self.impact = impact or type(self).impact
        self.hint = hint or type(self).hint
        self.remedy = remedy or type(self).remedy

    def for_restore(self, *, left: bool) -> KineticaError:
        """The same, as it is said of a restore or its dry run: whether anything ``left`` decides what is known."""
        if left:
            return OutcomeUnknown(
                self.what, server_message=self.server_message, message_label=self.message_label
            )
        return RequestNotSent(
            self.what, server_message=self.server_message, hint=self.hint, message_label=self.message_label
        )


class InvalidUrl(KineticaError):
    """The URL cannot be used; nothing was sent anywhere."""

    title = "This URL cannot be used"
    impact = "No request was sent."
    hint = "Write it as http://host:9191 or https://host:8082/gpudb-0."


class Unreachable(KineticaError):
    """No connection could be opened, or it broke before a read was answered."""

    title = "Server unreachable"
    impact = "The server could not be reached; nothing has been changed."
    hint = "Check the host and the port, and that a tunnel or VPN is up."
    remedy = Remedy.RETRY


class TlsError(KineticaError):
    """The encrypted connection was not set up: certificate, name or protocol."""

    title = "TLS certificate not trusted"
    impact = "Nothing was sent, no password either."
    hint = "Give the CA that signed it with --ca-file; --insecure skips the check."


class SelfSignedCertificate(TlsError):
    """The server's certificate is signed by no authority, and nobody has said yet that it is the right one."""

    hint = "Check and trust it on Connect, or give it with --ca-file; --insecure skips the check."


class UntrustableCertificate(TlsError):
    """A self-signed certificate that is not even valid in itself: expired, or for another host."""

    hint = "Ask for a valid certificate on the server, or give the CA that signed it with --ca-file."


class CertificateChanged(TlsError):
    """The server shows another certificate than the one that was trusted for it."""

    title = "The server's certificate has changed"
    message_label = IN_DETAIL


class CertificatesUnusable(TlsError):
    """The certificates that are to be trusted cannot be read on this machine; nobody was asked."""

    title = "No certificates to trust"
    hint = "Check --ca-file."
    message_label = IN_DETAIL


class NotTls(TlsError):
    """What listens at an https URL answered, but not in TLS."""

    title = "This port does not speak TLS"
    hint = "Write http:// in the URL, or the port that speaks https (8082 behind Kinetica's own proxy)."


class TlsBroken(TlsError):
    """The encrypted connection broke off before any certificate was judged."""

    title = "No encrypted connection"
    hint = "Check that this port speaks https, and which versions of TLS it supports."


class TimedOut(KineticaError):
    """The server took longer than we were told to wait."""

    title = "The server did not respond in time"
    impact = "This was a read: nothing has been changed."
    hint = "Try again, or allow more time with --timeout."
    remedy = Remedy.RETRY


class ResponseTooLarge(KineticaError):
    """A response of more bytes than the limit, or one that takes too much memory to read."""

    title = "The response is too large"
    impact = "Loading it could exhaust memory. Nothing has been changed."
    hint = "Raise largest_answer_mb in the config file, where there is 1.5 times as much memory."


class AuthenticationFailed(KineticaError):
    """HTTP 401."""

    title = "Authentication failed"
    impact = "The server does not accept this user with this password or token. Nothing has been changed."
    hint = "Check user, password and token on Connect."


class RequestRejected(KineticaError):
    """The server understood, and said no: an envelope with ERROR."""

    title = "The server refused"
    impact = "Nothing has been changed."
    hint = "Read the server message below."


class NotRequested(KineticaError):
    """A read that would ask for more than is meant, or a response about something else than was requested."""

    title = "Not what was requested"
    impact = "Nothing has been changed."
    hint = "Choose another one."


class EndpointMissing(KineticaError):
    """HTTP 404."""

    title = "The server does not have this endpoint"
    impact = (
        "Backup and restore came with server 7.2.3; this one seems to be older, or the URL's path is wrong."
    )
    hint = "Check the path of the URL (behind a proxy often /gpudb-0) and the server's version."


class ServerUnavailable(KineticaError):
    """HTTP 3xx or 5xx, or a server that says it is going away."""

    title = "Unexpected response from the server or a proxy"
    impact = "Kinetica never responds to this request like that; nothing has been changed."
    hint = "Try again; if it persists, check the server or the proxy."
    remedy = Remedy.RETRY


class UnrecognizedResponse(KineticaError):
    """Something answered, but not in Kinetica's words."""

    title = "Unrecognized response"
    impact = "It may come from another program, a login page or a proxy. Nothing has been changed."
    hint = "Check host, port and path of the URL. The REST API's port is 9191, or 8082 behind its proxy."


class BackgroundJobUnsupported(KineticaError):
    """The server runs no restore as a background job, and nothing else was wished for."""

    title = "No background job"
    impact = "Only the request for a background job was sent; nothing has been changed."
    hint = "Choose another execution mode, then repeat the dry run."
    remedy = Remedy.CHANGE_MODE


class RequestNotSent(KineticaError):
    """A restore or dry run of which nothing left this machine: proven, not assumed."""

    title = "Not sent"
    impact = "The request never left this machine. The server has not received it; nothing has been changed."
    hint = "Fix the connection and retry."


class OutcomeUnknown(KineticaError):
    """A restore or dry run that was sent, or may have been, and whose response did not arrive whole."""

    title = "Outcome unknown"
    impact = "The restore may have completed fully, partly or not at all, and may still be running."
    hint = "Check the server before anything else."
    http_status: int | None = None
    """Where something answered, but not in a way that settles anything."""
