"""What a change lost and what it kept: asked of all its programs together.

What comes back elsewhere was moved, not lost.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from operator import itemgetter

from reviewqueue.scan.rule import FileView

_NAME = re.compile(rb"[\w$]+")
_NUMBER = re.compile(rb"(?<![\w$])\d[\w.]*")
_WHOLE = itemgetter(0)
_SEVERAL = 8
"""Questions from which one pass over all text costs less than a search for each."""
_MOST = 300
"""Words that are looked for one by one: a change that asks for more is flagged, not passed."""

Lost = Callable[[bytes], bool]
"""Whether a name stands less often in the whole change than before: a balance knows."""


class Balance:
    """How often words stand on the two sides of some files; counted when asked.

    The first questions are answered by a search each; once there are several, one pass over
    all text answers the rest, so that many questions on many files cost no more than both.
    """

    def __init__(self, files: Iterable[FileView]) -> None:
        """Keep the files."""
        self._files = tuple(files)
        self._lost: dict[bytes, bool] = {}
        self._folded_lost: dict[bytes, bool] = {}
        self._sought = 0

    def is_lost(self, word: bytes) -> bool:
        """Return whether a name stands less often than before."""
        known = self._lost.get(word)
        if known is None:
            known = self._lost[word] = self._gone(word) > 0
        return known

    def is_lost_anyhow(self, word: bytes) -> bool:
        """Return whether a word in lower case stands less often, whatever is around it.

        After many words every other one counts as lost.
        """
        known = self._folded_lost.get(word)
        if known is None and len(self._folded_lost) >= _MOST:
            return True
        if known is None:
            old, new = self._folded
            known = self._folded_lost[word] = old.count(word) > new.count(word)
        return known

    def keeps(self, line: bytes) -> bool:
        """Return whether an added line is the same as a removed one, but for its indentation."""
        wanted = line.strip()
        self._sought += 1
        if self._sought > _SEVERAL:
            return wanted in self._kept
        return any(_has_line(new, wanted) for _, new in self._texts)

    @cached_property
    def _texts(self) -> tuple[tuple[bytes, bytes], ...]:
        return tuple((file.removed, file.added) for file in self._files)

    @cached_property
    def _folded(self) -> tuple[bytes, bytes]:
        old, new = zip(*self._texts, strict=True) if self._texts else ((), ())
        return b"\0".join(old).lower(), b"\0".join(new).lower()

    @cached_property
    def _kept(self) -> frozenset[bytes]:
        """The lines, without their indentation, that stand on both sides."""
        gone = {line.strip() for old, _ in self._texts for line in old.split(b"\n")}
        gone.discard(b"")
        new = (line.strip() for _, new in self._texts for line in new.split(b"\n"))
        return frozenset(line for line in new if line in gone)

    @cached_property
    def _names(self) -> Counter[bytes]:
        return self._fewer(_NAME)

    @cached_property
    def _numbers(self) -> Counter[bytes]:
        return self._fewer(_NUMBER)

    def _fewer(self, kind: re.Pattern[bytes]) -> Counter[bytes]:
        """Return how many fewer of each word there are now; new ones are left out."""
        fewer: Counter[bytes] = Counter()
        for old, _ in self._texts:
            fewer.update(map(_WHOLE, kind.finditer(old)))
        now: Counter[bytes] = Counter()
        for _, new in self._texts:
            now.update(filter(fewer.__contains__, map(_WHOLE, kind.finditer(new))))
        fewer.subtract(now)
        return fewer

    def _gone(self, word: bytes) -> int:
        """Return how many more of a name there were before than there are now.

        Of names and numbers there is no end; of all other tokens there are few.
        """
        if _NAME.fullmatch(word):
            if len(self._lost) >= _SEVERAL:
                return self._names[word]
        elif word[:1].isdigit():
            return self._numbers[word]
        one = re.escape(word)
        # The word comes first, as what is before each place would be asked everywhere.
        alone = re.compile(one + rb"(?<![\w$]" + one + rb")(?![\w$])")
        return sum(len(alone.findall(old)) - len(alone.findall(new)) for old, new in self._texts)


def _has_line(text: bytes, wanted: bytes) -> bool:
    at = text.find(wanted)
    while at >= 0 and wanted:
        end = text.find(b"\n", at)
        end = len(text) if end < 0 else end
        if text[text.rfind(b"\n", 0, at) + 1 : end].strip() == wanted:
            return True
        at = text.find(wanted, end)
    return False
