"""Where the server is: one checked base URL, which may have a path (``https://host:8082/gpudb-0``)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from restore_tui.kinetica.errors import BadAddress
from restore_tui.kinetica.text import harmless


@dataclass(frozen=True)
class ServerAddress:
    """A base URL without userinfo, query, fragment or trailing slash. Make it with ``parse``."""

    url: str
    host: str
    encrypted: bool

    @classmethod
    def parse(cls, text: str) -> ServerAddress:
        """Check what a person or a setting gave. Raises BadAddress, with what to write instead."""
        written = text.strip()
        if not written:
            raise BadAddress("No URL was given.", todo="Write http://host:9191 or https://host:8082/gpudb-0.")
        if any(c.isspace() or not c.isprintable() for c in written):
            raise BadAddress("The URL has a space or a control character in it.", todo="Write it without.")
        if "@" in written:
            # The text is not quoted back, in whatever shape it came: what stands before the @ is a secret.
            raise BadAddress(
                "The URL has a user or a password in it.",
                todo="Leave out what stands before the @, and fill in user and password on their own.",
            )
        scheme, separator, _rest = written.partition("://")
        if not separator:
            raise BadAddress(
                "The URL has no scheme.", todo=f"Write http://{harmless(written, 40)} or https:// before it."
            )
        if scheme.lower() not in ("http", "https"):
            raise BadAddress(f"The scheme {harmless(scheme, 20)}:// is none that Kinetica speaks.")
        try:
            parts = urlsplit(written)
            port = parts.port
        except ValueError:
            raise BadAddress("The host or the port of the URL cannot be read.") from None
        if not parts.hostname:
            raise BadAddress("The URL names no host.")
        try:
            parts.hostname.removesuffix(".").encode("idna")  # an empty or endless label fails in the resolver
        except UnicodeError:
            raise BadAddress("The URL's host is no name that can be looked up.") from None
        if parts.query or parts.fragment or written.endswith(("?", "#")):
            raise BadAddress("The URL has a ? or # part.", todo="Leave out what follows the path.")
        host = parts.hostname
        literal = f"[{host}]" if ":" in host else host
        where = literal if port is None else f"{literal}:{port}"
        url = f"{parts.scheme.lower()}://{where}{parts.path.rstrip('/')}"
        return cls(url, host, parts.scheme.lower() == "https")

    def endpoint(self, path: str) -> str:
        """The URL of an endpoint such as ``/show/backup``; the base URL's own path stays before it."""
        return self.url + path

    @property
    def is_loopback(self) -> bool:
        """Whether the traffic stays on this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def in_the_clear(self) -> bool:
        """Whether a password would cross a network that others may listen to."""
        return not self.encrypted and not self.is_loopback

    @property
    def label(self) -> str:
        """Host, port and path: short enough for a summary line."""
        return self.url.split("://", 1)[1]
