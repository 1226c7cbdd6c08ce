"""Read the mood of a server message: is the server going away, or did something go wrong beside an OK?

The wording of Kinetica's messages varies and is not documented, so words are matched, not sentences, in any case,
quoted, inside JSON or glued to punctuation. Object names are removed first: a table called ``sales.offline`` says
nothing about the server. Where the lists err, they err toward the cheaper mistake: an outcome that is checked once
more, or a warning too many.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from restore_tui.kinetica.responses.lenient import to_plain_key

# The words of the official client for a server that is gone (exiting, offline, shutting down, limited, draining,
# query planner is not running), the variants that proxies and ranks use, those of a connection that was lost, and those
# of a server that is in trouble: it did not refuse the restore, it may not have come to a response.
_GOING_AWAY = re.compile(
    r"""\b(?:
        exit(?:ing|ed) | off\ ?line | shut(?:ting)?\ ?down | stopp(?:ing|ed) | terminat(?:ing|ed|ion)
        | drain(?:ing|ed) | limited | unavailable | failover | failing\ over | crash(?:ed|es|ing)? | panic(?:ked)?
        | (?:re)?starting | restart(?:ed|s) | (?:re)?boot(?:ed|ing) | initiali[sz]ing | recovering | quiesc(?:ed|ing)
        | going\ (?:away|down) | (?:under|in|for)\ maintenance | maintenance\ mode
        | (?:not|never)\ (?:running|respond(?:ed|ing)?|reachable|ready|answer(?:ed|ing)?) | unresponsive | unhealthy
        | unreachable | tim(?:ed?|ing)\ ?out | time\ ?outs? | deadline\ exceeded | heart\ ?beats?
        | dead\ ?locks? | stuck
        | connections?\b.{0,60}?\b(?:lost|reset|closed|dropped|broken|aborted|refused|failed|failure|terminated|error)
        | connection\ ?(?:reset|aborted|refused|lost|closed)(?:\ ?(?:error|exception))?
        | (?:lost|closed|reset|dropped|aborted)\b.{0,20}?\b(?:connection|contact|by\ (?:the\ )?(?:peer|remote))
        | (?:peer|remote\ (?:end|host|side|server))\ closed | disconnect(?:ed|ion)
        | broken\ ?pipe | hung(?:\ up)? | hang(?:s|ing)? | bad\ ?gateway | no\ (?:response|answer|route\ to\ host)
        | sockets?\b.{0,60}?\b(?:closed|error|reset) | end\ of\ (?:file|stream|input) | eof(?:\ ?(?:error|exception))?
        | e(?:conn\w+|timedout|hostunreach|hostdown|netunreach|netdown|netreset|pipe|again|intr|nomem|mfile|nfile)
        | cancell?(?:ed|ing|ation) | interrupt(?:ed|ion)? | kill(?:ed|ing) | evicted | preempted | suspend(?:ed|ing)?
        | halt(?:ed|ing)? | fro[sz]en | paused | sig[a-z]{3,6} | signal\ \d+
        | core\ dump(?:ed)? | seg(?:mentation\ |\ )?fault
        | busy | over\ ?load(?:ed|ing)? | throttl(?:ed|ing)
        | too\ ?many\ ?(?:\w+\ )?(?:requests|connections|queries|jobs)
        | rate\ limit(?:s|ing)? | back\ ?pressure | queue\ (?:is\ )?full | degraded | read\ only\ mode | stand\ ?by
        | out\ ?of\ ?(?:memory|resources|threads|file\ (?:handles|descriptors)) | oom | bad\ alloc(?:ation)?
        | (?:memory|threads?|resources?|heap)\b.{0,30}?\bexhausted
        | (?:exhausted|insufficient|not\ enough)\ (?:memory|resources)
        | (?:cannot|could\ not|unable\ to|failed\ to)\ (?:allocate|fork|connect|reach|contact|communicate)
        | (?:communication|network|transport|rpc|mpi|zmq|gateway|infrastructure)\ (?:error|fail(?:ed|ure)|problem)
        | internal\ (?:server\ )?(?:error|failure|exception) | unexpected\ (?:error|exception|end|failure)
        | fatal | temporarily | temporary\ (?:error|failure|problem|outage) | transient
        | try(?:\ it|\ the\ \w+)?\ (?:again|later)
        | please\ wait | retr(?:y|ying|yable) | back\ ?off | stalled | would\ block | circuit\ breaker
        | (?:come\ back|again|back)\ (?:later|soon)
        | (?:no|lost|without)\ quorum | quorum\ (?:is\ )?lost | split\ brain | no\ leader | not\ (?:the\ )?leader
        | (?:http|status|code|error)\W{1,3}(?:code\W{1,2})?(?:408|429|50[0-4])
        | isn[’'`]?t\ (?:running|available|responding|ready|reachable)
        | (?:server|service|cluster|node|rank|host|kinetica|system|database|worker|process)s?\b.{0,20}?
          \b(?:down|died|dead|lost|gone|not\ (?:available|accessible))
        | (?:rank|node|host|worker)s?(?:\ \d+)?\ (?:has\ |have\ )?(?:failed|ended|aborted)
        | lost\ (?:rank|node|host|worker)
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
    r"(?:fail(?:ed|ures?)|errors?|exceptions?|warn(?:ed|ings?)|skip(?:ped|s)|reject(?:ed|ions?)|ignored|dropped"
    r"|conflicts?|problems?|mismatch(?:es)?|retries|missing|lost|corrupt(?:ed)?|omitted|aborted|discarded|timeouts?)"
)
_END_OF_CLAUSE = r"""["')\]}\s]*(?:$|[,;!(]|\.(?!\d)|and\b)"""
_NO_TROUBLE = re.compile(
    rf"""(?<![\w.,])(?:no|0|zero|without(?:\ any)?|none|nothing|free\ of)\ (?:\w+\ ){{0,2}}?{_TROUBLE_NOUN}
        (?:(?:\ (?:or|and|nor)|,|\ /)\ {_TROUBLE_NOUN})*\b
    | \b{_TROUBLE_NOUN}(?:\ \w+){{0,2}}?["']?\s?[:=]?\s?["']?
        (?:0+(?:\.0+)?(?:\ ?%)?(?:\ (?:of\ \d+|objects?|files?|tables?|records?|items?|bytes?))?
              (?=\s?[|/]|\ \w+(?:\ \w+)?["']?\s?[:=]|{_END_OF_CLAUSE})
           |(?:none|no|nothing|null|false|n/a|\[\s?\]|\{{\s?\}})(?={_END_OF_CLAUSE}))
    | \b{_TROUBLE_NOUN}\ free\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""A count of nothing: ``0 failed``, ``failed: 0``, ``no errors or warnings``, ``without any skipped``."""

_UNFINISHED = (
    r"(?:in progress|ongoing|pending|queued|enqueued|waiting|scheduled|submitted|accepted|deferred|postponed|delayed"
    r"|not(?: yet)? (?:started|begun|finished|done|complete(?:d)?|executed)|un(?:finished|processed|started)"
    r"|(?:to be|would be|being|not(?: yet)?) restored"
    r"|started|starting|begun|beginning|running|still running|restoring|processing|executing|initiated|underway"
    r"|under way|planned|preparing|prepared|validat(?:ed|ing)|(?:verified|checked) only|only (?:verified|checked)"
    r"|(?:validation|verification|simulation|preview|check) only|simulated|estimated|paused|halted|inprogress"
    r"|no(?:thing)?(?: was| is)?(?: yet)? (?:executed|done|changed|restored|written))"
)
_OF_THE_RESTORE = (
    r"(?:the|your|this|a|an|restore|restoration|restoring|backup|database|objects?|job|request|operation|task|command|run"
    r"|execution|status|state|result|message|info|note|text|details?|outcome|response|remark|comment|phase|step|stage|is|are|has|have|been|was|were|being|be|will|now|only"
    r"|just|still|yet|so far|successfully|ok|for|as|to|in|on|by|of|with|the background|background|async(?:hronously)?"
    r"|all|and)"
)
_IS_UNFINISHED = re.compile(
    rf"(?:{_OF_THE_RESTORE}\W+)*{_UNFINISHED}(?:\W+(?:{_OF_THE_RESTORE}|{_UNFINISHED}))*", re.IGNORECASE
)
_SENTENCE = re.compile(r"[.;!\n]+(?:\s|$)")
_OF_MORE = re.compile(
    r"""(?<![\w.,:/-])(?P<part>\d[\d,]{0,18})(?:\ \w+){0,2}?
        \ ?(?:out\ of|of|/)(?:\ the)?\ ?(?P<whole>\d[\d,]{0,18})(?![\w:/.-]*\d)""",
    re.VERBOSE,
)
"""``restored 1 of 2``: a part of a whole."""
_AN_ORDINAL = re.compile(
    r"\b(?:ranks?|pages?|parts?|steps?|phases?|nodes?|shards?|volumes?|attempts?)\W*$", re.IGNORECASE
)
_PERCENT = re.compile(
    r"\b(?:progress\W{1,3}\d{1,2}(?:\.\d+)?(?![\d.]*\d)"
    r"|(?:completed?|done|restored|finished)\W{1,3}\d{1,2}(?:\.\d+)? ?%"
    r"|\d{1,2}(?:\.\d+)? ?% (?:completed?|done|restored|finished|of))",
    re.IGNORECASE,
)

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
    """Return whether a message that accompanies an OK says that something went wrong, or that only a part was done.
    ``names`` are the objects that the request and the response name."""
    words = _NO_TROUBLE.sub(" ", _words(message, names))
    return _TROUBLE.search(words) is not None or _PERCENT.search(words) is not None or _names_a_part(words)


def _names_a_part(words: str) -> bool:
    for found in _OF_MORE.finditer(words):
        part, whole = (int(found[group].replace(",", "")) for group in ("part", "whole"))
        if part < whole and not _AN_ORDINAL.search(words[: found.start()]):
            return True
    return False


def speaks_of_unfinished(message: str, names: Collection[str] = ()) -> bool:
    """Return whether a message that accompanies an OK says that the restore itself is still to be done, or was only
    validated: a sentence of it says just that, as in ``Restore queued`` or ``validated only``."""
    sentences = _SENTENCE.split(_words(message, names))
    return any(
        len(sentence) <= _LONGEST_SENTENCE and _IS_UNFINISHED.fullmatch(sentence.strip(_AROUND))
        for sentence in sentences
    )


_LONGEST_SENTENCE = 200
_AROUND = " \t'\"`()[]{}:,.…!"


def info_speaks_of_trouble(info: Mapping[str, str], names: Collection[str] = ()) -> bool:
    """Return whether one entry of a response's ``info`` does. A key of trouble whose value reports nothing, as in
    ``warnings: 0``, does not."""
    if any(
        _SUCCESS.fullmatch(to_plain_key(key)) and value.strip().casefold() in _NO
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
    if not _MAY_NAME.search(message):
        return message
    known = frozenset(names)
    schemas = {name.partition(".")[0] for name in known if "." in name}
    # One pass for each kind and a set lookup for each candidate: a hundred thousand names cost nothing more.
    message = _QUOTED.sub(
        lambda found: " " if _is_named(found["inside"], known, schemas) else found[0], message
    )
    return _DOTTED.sub(lambda found: " " if _is_named(found[0], known, schemas) else found[0], message)


_MAY_NAME = re.compile(r"""['"`.]""")
_QUOTED = re.compile(r"""(?P<quote>['"`])(?P<inside>[^'"`]{1,400})(?P=quote)""")
_DOTTED = re.compile(r"\w[\w#:-]*\.[\w#:-]*\w")


def _is_named(text: str, names: Collection[str], schemas: Collection[str]) -> bool:
    schema, dot, rest = text.partition(".")
    return text in names or (
        dot != "" and schema in schemas and rest != "" and not any(map(str.isspace, rest))
    )
