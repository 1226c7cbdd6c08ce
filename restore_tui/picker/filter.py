"""What a filter asks for, and who gets through.

Every word has to be in a text, in upper or lower case; a word with ``*`` or ``?`` is a pattern for the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import translate
from itertools import compress, repeat
from operator import contains

WILDCARD = re.compile(r"[*?]+")
_ANYWHERE = re.compile(r"\*+(?:[^*?]+\*+)?")
_PATTERN_COSTS = 8
"""How many words could be looked for in the time that a pattern takes."""


def casefolded(texts: Sequence[str]) -> Sequence[str]:
    """Texts as a filter compares them: the very same list where they are in lower case already, as most are."""
    together = "\n".join(texts)
    return texts if together.casefold() == together else [text.casefold() for text in texts]


def whole_text(pattern: str) -> re.Pattern[str]:
    """What matches a text that is all of a pattern with wildcards. Brackets mean brackets: a name may have them."""
    return re.compile(translate(pattern.replace("[", "[[]")))


class Query:
    """A filter as it was typed."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        words = text.casefold().split()
        patterns = [word for word in words if WILDCARD.search(word)]
        pieces = [piece for pattern in patterns for piece in WILDCARD.split(pattern) if piece]
        # *word* asks for no more than word does.
        self.patterns = tuple(pattern for pattern in patterns if not _ANYWHERE.fullmatch(pattern))
        plain = [word for word in words if word not in patterns]
        self.literals = tuple(dict.fromkeys(sorted([*plain, *pieces], key=len, reverse=True)))
        """What has to be in a text: the words, and what stands between the wildcards of the patterns."""
        self._matchers = [whole_text(pattern).match for pattern in self.patterns]

    def __bool__(self) -> bool:
        return bool(self.literals or self.patterns)

    def narrows(self, other: Query) -> bool:
        """Whether all that this lets through, ``other`` lets through as well: then its finds are where to look."""
        return set(other.patterns) <= set(self.patterns) and all(
            any(theirs in ours for ours in self.literals) for theirs in other.literals
        )

    def among(self, texts: Sequence[str] | Mapping[int, str], candidates: Sequence[int]) -> Sequence[int]:
        """Those of the candidates, in their order, whose (folded) text gets through."""
        for literal in self.literals:
            # The same as [i for i in candidates if literal in texts[i]], in half the time.
            there = map(contains, map(texts.__getitem__, candidates), repeat(literal))
            candidates = list(compress(candidates, there))
        for matches in self._matchers:
            candidates = [index for index in candidates if matches(texts[index])]
        return candidates

    def spans(self, shown: str) -> list[tuple[int, int]]:
        """From where to where ``shown`` is what was looked for, in order and without overlaps."""
        text = shown.casefold()
        if len(text) != len(shown):
            return []  # ß became ss: places in one are no places in the other
        found = sorted(
            match.span() for literal in self.literals for match in re.finditer(re.escape(literal), text)
        )
        merged: list[tuple[int, int]] = []
        for start, end in found:
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged


class Search:
    """A query at work on ``candidates``, so many at a time: a long one can be left for another."""

    def __init__(
        self, query: Query, texts: Sequence[str] | Mapping[int, str], candidates: Sequence[int]
    ) -> None:
        self.query = query
        self._texts = texts
        self._candidates = candidates
        self._at = 0
        self._found: list[int] = []

    def advance(self, most: int) -> bool:
        """Look at ``most`` more of them, or fewer where that takes longer. Returns whether that was all."""
        if not self.query:
            return True
        most = most // _PATTERN_COSTS + 1 if self.query.patterns else most
        until = self._at + most
        if self._at == 0 and until >= len(self._candidates):
            self._found = list(self.query.among(self._texts, self._candidates))
        else:
            self._found += self.query.among(self._texts, self._candidates[self._at : until])
        self._at = until
        return until >= len(self._candidates)

    def found(self) -> list[int]:
        """Who got through, once all were looked at."""
        while not self.advance(len(self._candidates) + 1):
            pass
        return self._found
