"""Read the mood of a server message: is the server going away, or did something go wrong beside an OK?

The wording of Kinetica's messages varies and is not documented, so words are matched, not sentences, in any case,
quoted, inside JSON or glued to punctuation. Object names are removed first: a table called ``sales.offline`` says
nothing about the server. Where the lists err, they err toward the cheaper mistake: an outcome that is checked once
more, or a warning too many.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from restore_tui.kinetica.loose import as_plain_key

# The words of the official client for a server that is gone (exiting, offline, shutting down, limited, draining,
# query planner is not running), the variants that proxies and ranks use, and those of a connection that was lost.
_GOING_AWAY = re.compile(
    r"""\b(?:
        exit(?:ing|ed) | off\ ?line | shut(?:ting)?\ ?down | stopp(?:ing|ed) | terminat(?:ing|ed)
        | draining | limited | unavailable | failover | failing\ over | (?:re)?starting | restarted | crash(?:ed|ing)?
        | going\ (?:away|down) | under\ maintenance | not\ (?:running|responding|reachable)
        | unreachable | tim(?:ed|e)\ ?out | timeouts? | deadline\ exceeded
        | connections?\b.{0,60}?\b(?:lost|reset|closed|dropped|broken|aborted) | lost\ (?:the\ |its\ )?connection
        | broken\ pipe | hung\ up | bad\ gateway | no\ response | sockets?\b.{0,60}?\bclosed
        | cancell?ed | interrupted | killed | try\ again | isn[’'`]?t\ (?:running|available)
        | (?:server|service|cluster|node|rank|host|kinetica|system)\b.{0,20}?
          \b(?:down|died|dead|lost|gone|not\ available)
        | lost\ (?:rank|node|host)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)

_TROUBLE = re.compile(
    r"""\b(?:
        fail(?:s|ed|ing|ures?)? | errors? | erroneous | fatal | exceptions? | warn(?:s|ed|ings?)?
        | skip(?:s|ped|ping)? | ignor(?:ed|ing) | reject(?:ed|s)? | refused | denied | discard(?:ed|s)? | drop(?:ped|s)?
        | (?:could|can|did|was|were|is|are|has|have|does)\ ?n[o'’]?t | cannot | unable | nothing | none\ of
        | incomplete(?:ly)? | partial(?:ly)? | abort(?:s|ed|ing)? | cancel(?:l?ed|ling)? | interrupted
        | corrupt(?:ed|ion|s)? | damaged? | broken | unreadable | mismatch(?:ed|es)? | missing | lost | truncated
        | rolled\ ?back | rollback | revert(?:ed|s)? | undone | conflict(?:s|ed|ing)? | already\ exists?
        | invalid | unsupported | insufficient | exceeded | unrecoverable | problems? | trouble | not\ found
        | not\ (?:all|every|yet)
        | not\ (?:fully\ |completely\ )?(?:restored|read|written|copied|loaded|applied|verified|completed?)
        | unsuccessful(?:ly)? | unrestored | omitted | left\ out | stopped | loss | lossy | unavailable | unreachable
        | off\ ?line | exiting | shut(?:ting)?\ ?down | (?:is|was|went|gone|going)\ down | err
        | no\ such | no\ space | expired | tim(?:ed|e)\ ?out | timeouts? | retr(?:y|ied|ies|ying) | bad | crash(?:ed)?
        | success(?:ful)?"?\W{1,3}(?:false|no|0)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)

_TROUBLE_NOUN = (
    r"(?:fail(?:ed|ures?)|errors?|exceptions?|warn(?:ed|ings?)|skipped|rejected"
    r"|conflicts?|problems?|mismatch(?:es)?)"
)
_NO_TROUBLE = re.compile(
    rf"(?<![\w.,])(?:no|0|zero|without(?: any)?) (?:\w+ ){{0,2}}?{_TROUBLE_NOUN}(?: (?:or|and|nor) {_TROUBLE_NOUN})*\b",
    re.IGNORECASE,
)
"""A count of nothing: ``0 failed``, ``no errors or warnings``, ``without any skipped``."""

NOTHING = frozenset({"", "0", "0.0", "none", "no", "false", "null", "[]", "{}", "n/a", "ok", "-"})
"""Values with which a key such as ``warnings`` or ``failed_files`` reports that there is nothing to report."""

_SUCCESS = re.compile(r"(?:is|was)?(?:success(?:ful)?|succeeded|ok|restored|completed?|done)")
_NO = frozenset({"false", "no", "0"})
"""``successful: false``: the value that reports that there is no success."""

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SEPARATORS = re.compile(r"[\s_\-]+")


def speaks_of_going_away(message: str, names: Collection[str] = ()) -> bool:
    """Return whether a message may come from a server that is shutting down, is limited, or lost a connection.

    Such a message never proves that a restore failed. ``names`` are the objects that were requested.
    """
    return _GOING_AWAY.search(_words(message, names)) is not None


def speaks_of_trouble(message: str, names: Collection[str] = ()) -> bool:
    """Return whether a message that accompanies an OK says that something went wrong. ``names`` are the objects that
    the request and the response name."""
    return _TROUBLE.search(_NO_TROUBLE.sub(" ", _words(message, names))) is not None


def info_speaks_of_trouble(info: Mapping[str, str], names: Collection[str] = ()) -> bool:
    """Return whether one entry of a response's ``info`` does. A key of trouble whose value reports nothing, as in
    ``warnings: 0``, does not."""
    if any(
        _SUCCESS.fullmatch(as_plain_key(key)) and value.strip().casefold() in _NO
        for key, value in info.items()
    ):
        return True
    return any(
        speaks_of_trouble(f"{key}: {value}", names)
        for key, value in info.items()
        if _NO_TROUBLE.sub("", value).strip(" .!").casefold() not in NOTHING
    )


def _words(message: str, names: Collection[str]) -> str:
    """Return the message without object names, in separate words: ``failedObjects`` are two."""
    return _SEPARATORS.sub(" ", _HUMP.sub(" ", without_names(message, names)))


def without_names(message: str, names: Collection[str]) -> str:
    """Return the message without the objects in it.

    A name with a schema is removed wherever it stands, and so is any other object of these schemas (a schema itself is
    given as ``sales.``); a name without one is removed only in quotes, because it may be an ordinary word such as
    ``offline``.
    """
    qualified = {name for name in names if "." in name}
    bare = set(names) - qualified
    schemas = {name.partition(".")[0] for name in qualified}
    # One pass for each kind and a set lookup for each candidate: a hundred thousand names cost nothing more.
    message = _QUOTED.sub(
        lambda found: " " if _is_named(found["inside"], qualified | bare, schemas) else found[0], message
    )
    return _DOTTED.sub(lambda found: " " if _is_named(found[0], qualified, schemas) else found[0], message)


_QUOTED = re.compile(r"""(?P<quote>['"`])(?P<inside>[^'"`]{1,400})(?P=quote)""")
_DOTTED = re.compile(r"\w[\w#:-]*\.[\w#:-]*\w")


def _is_named(text: str, names: Collection[str], schemas: Collection[str]) -> bool:
    schema, dot, rest = text.partition(".")
    return text in names or (
        dot != "" and schema in schemas and rest != "" and not any(map(str.isspace, rest))
    )
