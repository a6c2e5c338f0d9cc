"""A desk to edit on: the main branch's files, and which of them open changes hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from reviewqueue.pipeline.demo.shape import Files


@dataclass(frozen=True, slots=True)
class Draft:
    """An edit with its words, not yet anybody's."""

    slug: str
    """What the branch is called after its prefix."""
    title: str
    body: str
    files: Files


@dataclass(slots=True)
class Desk:
    """The main branch's files.

    A file belongs to at most one open change, so that merges are always clean.
    """

    files: dict[str, str]
    held: set[str] = field(default_factory=set)

    def free(self, *paths: str) -> bool:
        """Return whether no open change touches any of the paths."""
        return self.held.isdisjoint(paths)

    def apply(self, files: Files) -> None:
        """Bring an edit into the main branch."""
        for path, text in files.items():
            if text is None:
                self.files.pop(path, None)
            else:
                self.files[path] = text


Recipe = Callable[[Desk, Random], Draft | None]
"""Makes one edit, or None where it finds nothing left to edit."""


def fill(template: str, words: Mapping[str, str]) -> str:
    """Put words in for ``@Noun@`` and the like; Go, SQL and YAML use no at signs in pairs."""
    for name, word in words.items():
        template = template.replace(f"@{name}@", word)
    return template


def draft_any(recipes: list[tuple[int, Recipe]], desk: Desk, rng: Random) -> Draft:
    """Return an edit by one of the weighted recipes, trying others where one has nothing left."""
    left = list(recipes)
    while left:
        chosen = rng.choices(left, weights=[weight for weight, _ in left])[0]
        if draft := chosen[1](desk, rng):
            return draft
        left.remove(chosen)
    raise LookupError("the demo has run out of edits")
