"""Where the server is: one checked base URL, which may have a path (``https://host:8082/gpudb-0``)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from restore_tui.kinetica.errors import InvalidUrl
from restore_tui.kinetica.sanitize import sanitize

_LONGEST = 2_000
_HOST_AND_PORT = re.compile(r"(\[(?P<literal>[^][]+)\]|(?P<name>[^][:]+))(:(?P<port>[0-9]{0,5}))?")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")


def _is_literal(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return host.isascii()


def _is_name(host: str) -> bool:
    """Whether it is a name or an IPv4 address that neither httpx nor the resolver chokes on."""
    if not host.isascii() or host.startswith("xn--"):
        host = _encoded(host)
    labels = host.removesuffix(".").split(".")
    if len(labels) == 4 and all(label.isdecimal() for label in labels):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            return False
    return len(host) <= 253 and all(map(_LABEL.fullmatch, labels))


def _encoded(host: str) -> str:
    """Return an international name as it is looked up; an empty text for one that cannot be. httpx decides: it encodes
    the name when it makes a request, and decodes it when that is sent."""
    import httpx

    try:
        url = httpx.URL(f"http://{host}")
        return url.raw_host.decode("ascii") if url.host else ""
    except (ValueError, httpx.InvalidURL):
        return ""


@dataclass(frozen=True)
class ServerAddress:
    """A base URL without userinfo, query, fragment or trailing slash. Make it with ``parse``."""

    url: str
    host: str
    encrypted: bool

    @classmethod
    def parse(cls, text: str) -> ServerAddress:
        """Check what a person or a setting gave. Raises InvalidUrl, with what to write instead."""
        written = text.strip()
        if not written:
            raise InvalidUrl("No URL was given.", hint="Write http://host:9191 or https://host:8082/gpudb-0.")
        if any(c.isspace() or not c.isprintable() for c in written):
            raise InvalidUrl("The URL has a space or a control character in it.", hint="Write it without.")
        if "@" in written:
            # The text is not quoted back, in whatever shape it came: what stands before the @ is a secret.
            raise InvalidUrl(
                "The URL has a user or a password in it.",
                hint="Leave out everything before the @, and fill in user and password on their own.",
            )
        scheme, separator, _rest = written.partition("://")
        if not separator:
            raise InvalidUrl(
                "The URL has no scheme.", hint=f"Write http://{sanitize(written, 40)} or https:// before it."
            )
        if scheme.lower() not in ("http", "https"):
            raise InvalidUrl(f"Unsupported URL scheme {sanitize(scheme, 20)}:// (use http or https).")
        if len(written) > _LONGEST:
            raise InvalidUrl(f"The URL is longer than {_LONGEST:,} characters.")
        try:
            parts = urlsplit(written)
        except ValueError:
            raise InvalidUrl("The host or the port of the URL cannot be read.") from None
        if not parts.netloc or parts.netloc.startswith(":"):
            raise InvalidUrl("The URL names no host.")
        found = _HOST_AND_PORT.fullmatch(parts.netloc)
        if found is None or (found["port"] and not 0 < int(found["port"]) <= 65535):
            raise InvalidUrl("The host or the port of the URL cannot be read.")
        port = int(found["port"]) if found["port"] else None
        host = (found["literal"] or found["name"]).lower()
        if not (_is_literal(host) if found["literal"] else _is_name(host)):
            raise InvalidUrl("Invalid host name in the URL.")
        if parts.query or parts.fragment or written.endswith(("?", "#")):
            raise InvalidUrl("The URL has a ? or # part.", hint="Leave out what follows the path.")
        literal = f"[{host}]" if ":" in host else host
        where = literal if port is None else f"{literal}:{port}"
        url = f"{parts.scheme.lower()}://{where}{parts.path.rstrip('/')}"
        return cls(url, host, parts.scheme.lower() == "https")

    def endpoint(self, path: str) -> str:
        """The URL of an endpoint such as ``/show/backup``; the base URL's own path stays before it."""
        return self.url + path

    @property
    def origin(self) -> tuple[str, int]:
        """Host and port, however they are written."""
        default = 443 if self.encrypted else 80
        return self.host.removesuffix("."), urlsplit(self.url).port or default

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
