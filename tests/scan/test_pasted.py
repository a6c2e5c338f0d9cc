"""Values that a query was given beside its text, and has in its text now."""

import pytest

from reviewqueue.scan.effects.pasted import first_pasted, is_pasted, names
from reviewqueue.scan.structure.pairs import Block, Pair


def first(old: str, new: str) -> int:
    """Return the first new line with such a value; 0 where there is none."""
    sides = [tuple(enumerate(text.encode().split(b"\n"), 1)) for text in (old, new)]
    found = first_pasted(Block(*sides), names(old.encode()))
    return found[0] if found else 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('sql.append(" AND a = :a");\np.put("a", a);', 'sql.append(" AND a = \'").append(a);'),
        ('sql += " AND a = @a";\nc.AddWithValue("@a", a)', 'sql += " AND a = \'" + a + "\'";'),
        ("->where('u.a = :a')->setParameter('a', $a)", "->where(\"u.a = '$a'\")"),
        (".whereRaw('lower(a) = ?', [a])", ".whereRaw(`lower(a) = '${a}'`)"),
        ("WHERE a = #{a}", "WHERE a = ${a}"),
        ("format('SELECT x FROM %I', tab)", "'SELECT x FROM ' || tab"),
        ('query("select x from t where a = ?", a)', 'query("select x from t where a = $a")'),
    ],
)
def test_a_parameter_is_pasted(old: str, new: str) -> None:
    assert first(old, new) == 1
    assert not first(new, old)


def test_a_value_that_nobody_gave_before_is_another() -> None:
    assert not first('q(" WHERE a = :a", a)', 'tell("\'" + b + "\'")')


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('run("SELECT a FROM t WHERE b = %s", (b,))', 'run("SELECT a FROM t WHERE b = %s" % b)'),
        ('run("SELECT a FROM t WHERE b = ?", b)', 'run(f"SELECT a FROM t WHERE b = {b}")'),
        ("db.$queryRaw`select ${a}`", "db.$queryRawUnsafe(`select ${a}`)"),
        ("order(clean(sort))", "order(Arel.sql(sort))"),
    ],
)
def test_a_query_takes_its_text_as_it_is(old: str, new: str) -> None:
    assert is_pasted(Pair(1, 1, old.encode(), new.encode()))
    assert not is_pasted(Pair(1, 1, new.encode(), old.encode()))
