"""What can go wrong between us and the server.

Every error says what happened, what it means for the restore, and what to do next, in that order;
the server's own words, where it had any, come below. Screens show these four and nothing else.
"""

from __future__ import annotations

# Whether a restore that fails midway leaves what it had restored is not documented.
STOPPED_MIDWAY = (
    "The restore ended with an error. Whether something was restored before that, it does not say."
)

IN_DETAIL = "In detail"
"""The heading of words that come from this machine, or from a library."""


class KineticaError(Exception):
    """The base: ``what`` happened, what that ``means``, what ``todo``, and the server's ``words``."""

    title = "Something went wrong"
    means = "Nothing has been restored."
    todo = "Try again."
    speaker = "The server's words"
    """Whose the ``words`` are, as a heading: ``IN_DETAIL`` where no server spoke."""

    def __init__(
        self, what: str, *, words: str = "", means: str = "", todo: str = "", speaker: str = ""
    ) -> None:
        super().__init__(what)
        self.what = what
        self.words = words
        self.speaker = speaker or type(self).speaker
        self.means = means or type(self).means
        self.todo = todo or type(self).todo

    def as_of_a_restore(self, *, left: bool) -> KineticaError:
        """The same, as it is said of a restore or its dry run: whether anything ``left`` decides what is known."""
        if left:
            return OutcomeUnknown(self.what, words=self.words, speaker=self.speaker)
        return NotSent(self.what, words=self.words, todo=self.todo, speaker=self.speaker)


class BadAddress(KineticaError):
    """The URL cannot be used; nothing was sent anywhere."""

    title = "This URL cannot be used"
    means = "No server was asked."
    todo = "Write it as http://host:9191 or https://host:8082/gpudb-0."


class Unreachable(KineticaError):
    """No connection could be opened, or it broke before a read was answered."""

    title = "Server unreachable"
    means = "The server did not get to answer; nothing has been changed."
    todo = "Check the host and the port, and that a tunnel or VPN is up; then ask again with F5."


class TlsFailed(KineticaError):
    """The encrypted connection was not set up: certificate, name or protocol."""

    title = "No trust in the server's certificate"
    means = "Nothing was sent, no password either."
    todo = "Give the authority that signed it with --ca-file; --insecure goes on without any check."


class CertificatesUnusable(TlsFailed):
    """The certificates that are to be trusted cannot be read on this machine; nobody was asked."""

    title = "No certificates to trust"
    todo = "Check --ca-file."
    speaker = IN_DETAIL


class NotTls(TlsFailed):
    """What listens at an https URL answered, but not in TLS."""

    title = "This port does not speak TLS"
    todo = "Write http:// in the URL, or the port that speaks https (8082 behind Kinetica's own proxy)."


class TlsBroken(TlsFailed):
    """The encrypted connection broke off before any certificate was judged."""

    title = "No encrypted connection"
    todo = "Check that this port speaks https, and which versions of TLS it takes."


class TimedOut(KineticaError):
    """The server took longer than we were told to wait."""

    title = "The server did not answer in time"
    means = "This was a read: nothing has been changed."
    todo = "Ask again with F5, or give it longer with --timeout."


class TooLarge(KineticaError):
    """An answer of more bytes than we are told to take."""

    title = "The answer is too large"
    means = "Taking all of it could bring this machine down. Nothing has been changed."
    todo = (
        "Raise largest_answer_mb in the config file, where there is the memory: six times as much is needed."
    )


class NotAuthorised(KineticaError):
    """HTTP 401."""

    title = "Not authorised"
    means = "The server does not accept this user with this password or token. Nothing has been changed."
    todo = "Go back to Connect and check user, password and token."


class Refused(KineticaError):
    """The server understood, and said no: an envelope with ERROR."""

    title = "The server refused"
    means = "Nothing has been changed."
    todo = "Read what it says below."


class NotAsked(KineticaError):
    """A read that would ask for more than is meant, or a response about something else than was asked for."""

    title = "Not what was asked for"
    means = "Nothing has been changed."
    todo = "Choose another one."


class EndpointMissing(KineticaError):
    """HTTP 404."""

    title = "The server does not have this endpoint"
    means = (
        "Backup and restore came with server 7.2.3; this one seems to be older, or the URL's path is wrong."
    )
    todo = "Check the path of the URL (behind a proxy often /gpudb-0) and the server's version."


class ServerTrouble(KineticaError):
    """HTTP 3xx or 5xx, or a server that says it is going away."""

    title = "The server or a proxy before it is in trouble"
    means = "The answer is none that Kinetica gives to this question; nothing has been changed."
    todo = "Ask again with F5; if it stays so, look at the server or the proxy."


class NotKinetica(KineticaError):
    """Something answered, but not in Kinetica's words."""

    title = "This is not Kinetica's answer"
    means = "What answered may be another program, a login page or a proxy. Nothing has been changed."
    todo = "Check host, port and path of the URL. The REST API's port is 9191, or 8082 behind its proxy."


class TakesNoJob(KineticaError):
    """The server runs no restore as a background job, and nothing else was wished for."""

    title = "No background job"
    means = "Nothing was sent but the question for a job; nothing has been changed."
    todo = "Choose another way with w, then run the dry run again with F5."


class NotSent(KineticaError):
    """A restore or dry run of which nothing left this machine: proven, not assumed."""

    title = "Not sent"
    means = "The request never left this machine. The server knows nothing of it; nothing has been changed."
    todo = "Mend the connection, then send it again."


class OutcomeUnknown(KineticaError):
    """A restore or dry run that was sent, or may have been, and whose answer did not arrive whole."""

    title = "Outcome unknown"
    means = "The server may have done all of it, some of it, or nothing, and may still be at work."
    todo = "Look at the server before anything else."
    http_status: int | None = None
    """Where something answered, but not in a way that settles anything."""
