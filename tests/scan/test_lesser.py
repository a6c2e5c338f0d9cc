"""Names, rights, lists and rules of which a changed line has less than before."""

import pytest

from reviewqueue.scan.effects.lesser import is_weaker, lesser
from reviewqueue.scan.structure.pairs import Pair, changed_tokens


def told(old: str, new: str) -> str:
    """Return what one line, changed, holds back less of, where nothing else changed."""
    pair = Pair(1, 1, old.encode(), new.encode())
    return lesser(pair, changed_tokens(pair), lambda _: True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rename: ownerProcedure", "rename: procedure"),
        ("rename: adminProcedure", "rename: publicProcedure"),
        ("export const save = authedAction(f)", "export const save = action(f)"),
        ("node.textContent = bio", "node.innerHTML = bio"),
        ("execFile(tool, words)", "exec(tool, words)"),
    ],
)
def test_a_name_gives_way_to_one_that_protects_less(old: str, new: str) -> None:
    assert is_weaker(changed_tokens(Pair(1, 1, old.encode(), new.encode())))
    assert not is_weaker(changed_tokens(Pair(1, 1, new.encode(), old.encode())))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("$hidden = ['secret', 'pin'];", "$hidden = ['pin'];"),
        ("Route::middleware(['auth', 'can:pay'])", "Route::middleware(['auth'])"),
        ("Route::get('/a', A)->middleware('auth');", "Route::get('/a', A);"),
        ("without('password', 'note')", "without('note')"),
        ("'a' => ['required', 'regex:/^a$/'],", "'a' => ['required'],"),
        ("'a' => ['required', new ValidName],", "'a' => 'required',"),
        ("'a' => 'integer|confirmed|nullable',", "'a' => 'integer|nullable',"),
        ("title: z.string().max(80),", "title: z.string(),"),
        ("item.checkPermission(Item.CONFIGURE);", "item.checkPermission(Item.READ);"),
        ("$this->authorize('delete', $server);", "$this->authorize('view', $server);"),
        ("s.replace(/</g, '&lt;').replace(/>/g, '&gt;')", "s.replace(/</g, '&lt;')"),
        ("text.gsub(/[&<>'\"]/, TABLE)", 'text.gsub(/[&<>"]/, TABLE)'),
        ("name.gsub(/[^a-z0-9_-]/, '')", "name.gsub(/[^a-z0-9_\\/-]/, '')"),
        ("$('#a').text(name);", "$('#a').html(name);"),
        ("update($request->only(KEYS))", "update($request->all(KEYS))"),
    ],
)
def test_a_declaration_holds_back_less(old: str, new: str) -> None:
    assert told(old, new)
    assert not told(new, old)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("$hidden = ['secret'];", "$hidden = ['pin'];"),
        ("exclude: ['dist', 'build'],", "exclude: ['dist'],"),
        ("title: z.string().max(80),", "title: z.string().max(90),"),
        ("mode = 'confirmed'", "mode = None"),
        ("can('write', post)", "can('approve', post)"),
        ("paths = ['a/b', 'c']", "paths = ['c']"),
        ("node.text = name", "node.html = name"),
    ],
)
def test_what_is_only_otherwise_is_not_less(old: str, new: str) -> None:
    assert not told(old, new)
