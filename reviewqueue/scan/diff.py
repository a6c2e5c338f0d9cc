"""A diff as it comes in: the patch's bytes, and git's own account of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One record of ``git diff --raw -z`` joined with its ``--numstat``."""

    status: str
    """A, C, D, M, R or T."""
    old_path: bytes
    """Empty where there was none."""
    new_path: bytes
    """Empty where there is none."""
    old_mode: int
    """0o100644 …; 0 where there was none."""
    new_mode: int
    old_blob: str
    new_blob: str
    added: int | None
    """None where git gave no count (it called the file binary)."""
    removed: int | None


@dataclass(frozen=True, slots=True)
class Unread:
    """A file whose content was not seen, and why: never the same as clean."""

    path: bytes
    reason: str
    """``binary``, ``NUL in source``, ``submodule``, ``LFS``, ``too large``, ``missing object``."""


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed between two trees."""

    patch: bytes
    """Unified diff as ``git diff`` writes it with ``a/`` and ``b/`` prefixes."""
    files: tuple[FileFacts, ...] | None = None
    """git's own list, for the cross-check; None for a diff that came as text."""
    unread: tuple[Unread, ...] = ()
    problem: str = ""
    """Why git could not give it; such a diff is never clean."""
    earlier: tuple[bytes, ...] = ()
    """Patches that came before this one, oldest first, to be read as one with it: what was
    split over several changes is whole again. They count for nothing else."""
    whole: bytes = b""
    """The same changes of those files in which place decides, with every line around them;
    empty where only the patch is at hand. It can show more of them, never another change."""
