"""Whom a guard lets in, by its name, and whose things a query shows."""

import pytest

from reviewqueue.scan.effects.ranks import is_for_more, unscopes
from reviewqueue.scan.structure.pairs import Changed, Pair, changed_tokens


def pair(old: str, new: str) -> tuple[Pair, Changed]:
    """Return one line, changed, and what differs."""
    both = Pair(1, 1, old.encode(), new.encode())
    return both, changed_tokens(both)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("router.delete('/x', adminOnly, f)", "router.delete('/x', authenticated, f)"),
        ("@admin_required", "@login_required"),
        ("x: isTeamOwner(f)", "x: isTeamMember(f)"),
        ("Depends(get_current_admin)", "Depends(get_current_user)"),
        ("@Roles(Role.Admin)", "@Roles(Role.User)"),
        ("async fn purge(_: AdminUser)", "async fn purge(_: AuthUser)"),
    ],
)
def test_a_guard_for_few_becomes_one_for_many(old: str, new: str) -> None:
    assert is_for_more(*pair(old, new), lambda _: True)
    assert not is_for_more(*pair(old, new), lambda _: False)
    assert not is_for_more(*pair(new, old), lambda _: True)


def test_another_thing_than_the_guard_changed() -> None:
    assert not is_for_more(*pair("x = admin.name", "x = user.name"), lambda _: True)
    assert not is_for_more(*pair("@admin_required", "@cache_required"), lambda _: True)
    kept = pair("isTeamOwner(f): require", "isRoomMember(f): require")
    assert not is_for_more(*kept, lambda _: True)


def test_a_query_is_no_longer_limited_to_somebody_s_own() -> None:
    both = pair("find(id, owner_id)", "find(id)")
    assert unscopes(*both, lambda _: True)
    assert not unscopes(*both, lambda _: False)
    assert not unscopes(*pair("find(id, colour)", "find(id)"), lambda _: True)


def test_a_package_is_nobody() -> None:
    old, new = 'm.Get("/me", user.GetMe)', 'm.Get("/me", GetMe)'
    assert not unscopes(*pair(old, new), lambda _: True)
