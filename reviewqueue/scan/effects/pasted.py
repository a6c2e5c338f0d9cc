r"""Whether a value that a query was given beside its text is now pasted into the text.

A parameter, a placeholder, a quoting format keep a value apart from the query, in any language
and for any store. What is compared is a block of lines, since a query is put together on one
line and given its values on another.
"""

from reviewqueue.scan.rule import expression
from reviewqueue.scan.structure.pairs import Block, Pair, finds, is_about_the_same

QUERY = (
    r"(?i)['\"`][ \t]*(?:select[ \t][^\n]*[ \t]from|insert[ \t]+into|update[ \t]+\S+[ \t]+set|"
    r"delete[ \t]+from)[ \t]"
)
"""The beginning of a query: a trigger of what is added."""
BOUND = (
    r"\b(?:set(?:String|Parameter|Int|Long|Object)|AddWithValue|bind(?:Value|Param|_param)|"
    r"(?:params|parameters|args|binds|values)\.(?:put|add|push|append|Add))\(|"
    r"(?:=|[<>]|(?i:[ ]like|[ ]in))[ ]*\(?(?:\?|:[a-zA-Z]\w*|@\w+|\$\d|%s|#\{\w+\})"
    r"[ )%]*(?:[\"'`]|$)|\?['\"`][ ]*,[ ]*[\[\w$]|[(\"]:['\"]?\)\.append\(|\(:['\"]|%[IL]\b"
)
"""How a query is given a value beside its text: a trigger of what is removed."""
UNCHECKED = (
    r"(?:query|execute)RawUnsafe\b|\bsql\.(?:unsafe|raw)\(|\bArel\.sql\(|\bRawSQL\(|"
    r"\b(?:From|Execute)Sql(?:Raw|Query)\w*\(|\btext\([ ]*f['\"]|"
    r"\.(?:(?:re)?order(?:_?[bB]y)?|having|group(?:_?[bB]y)?|joins|pluck|update_all|delete_all|where)"
    r"[ (][ ]*(?:f['\"]|\"|`)[^\"'`\n]{0,80}(?:[#$]\{|\{\w)|"
    r"\(str[ ]\"(?i:select|insert|update|delete)[ ]|\b[sS]equelize\.literal\(|\bPrisma\.raw\("
)
"""How a text is made a piece of a query as it is: a trigger of what is added."""
_PLACEHOLDER = r"%s\b|\?[ \t]*[,)\"'`]|\$\d|[=(,][ \t]*:\w+|@\w+"
_PASTED = r"\{[\w.]+|\$\{|['\"][ \t]*%[ \t]*\(?\w|\+[ \t]*\w|\.format\("
_FORMATTED = (
    r"(?:Sprintf|\.format|String\.format|format!)\([^\n]*(?i:select|insert|update|delete)[ ]"
)
_PERCENT = r"['\"][ ]*%[ ]*[\w(]"
"""A text that is filled in before anybody asks with it."""
_GIVEN = (
    r"['=(% ](?:['\"]\)?[ ]*(?:\+|\.(?:append\()?|&|\|\|)[ ]*\(?|\$\{|#\{|\{|['\"]\)?\.append\()"
    r"\$?(?:this\.|self\.|\$this->)?([@\w]+)|['%]\$(\w+)|=[ ]?\$(\w+)['\"]|"
    r"(?:Sprintf|format!?)\([^\n]*%[sv][^\n]*,[ ]*(\w+)\)"
)
"""A value between the words of a text."""
_ASKS = (
    r"(?i)\b(?:select|where|and|or|like|from|having|set|values|in|\w*timestamp|cast|order by)\b"
    r"[^\n]*['=(%]|(?:=|[<>]|\b(?:like|ilike|in))[ ]*\(?['\"]?['%]"
)
"""A line that holds a piece of a query."""


def is_pasted(pair: Pair) -> bool:
    """Return whether a query had its values apart from its text, and no longer has."""
    if finds(UNCHECKED)(pair.new) and not finds(UNCHECKED)(pair.old):
        return is_about_the_same(pair)
    held, pasted = expression(_PLACEHOLDER), expression(_PASTED)
    if held.search(pair.old) and expression(_FORMATTED).search(pair.new):
        return not expression(_FORMATTED).search(pair.old)
    if not expression(QUERY).search(pair.new):
        return False
    if held.search(pair.old) and finds(_PERCENT)(pair.new) and not finds(_PERCENT)(pair.old):
        return True
    was_apart = held.search(pair.old) and not pasted.search(pair.old)
    return bool(was_apart and pasted.search(pair.new) and not held.search(pair.new))


def names(text: bytes) -> frozenset[bytes]:
    """Return the names in a text, however long."""
    return frozenset(expression(r"[@\w]+").findall(text))


def first_pasted(block: Block, there: frozenset[bytes]) -> tuple[int, bytes] | None:
    """Return the first new line that pastes what the old lines gave beside their text.

    ``there`` are the names that the old lines of the whole file have.
    """
    was = b"\n".join(text for _, text in block.old)
    if not finds(BOUND)(was):
        return None
    if any(b"${" in text for _, text in block.new):  # where #{ is the mark of a parameter
        was = was.replace(b"#{", b":{")
    given = frozenset(_given(was))
    for number, text in block.new:
        if not finds(_ASKS)(text) or finds(BOUND)(text):
            continue
        if (frozenset(_given(text)) - given) & there:
            return number, text
    return None


def _given(text: bytes) -> list[bytes]:
    """Return the names that a text has pasted into it."""
    return [next(filter(None, found), b"") for found in expression(_GIVEN).findall(text)]
