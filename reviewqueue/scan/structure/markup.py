r"""Whether a page takes a value as markup, in the words of its template engine.

Nearly every engine writes a value as text unless it is told otherwise, and each has its own
way to be told: another bracket, a filter, a call around the value, an attribute. A value that
stood on the old lines as text, and that a new line tells the engine to take as it is, lets
whoever wrote the value write the page.
"""

from collections.abc import Callable, Iterable, Iterator

from reviewqueue.scan.rule import expression
from reviewqueue.scan.structure.pairs import Block, Numbered, Pair, finds, is_about_the_same, tokens

MARKUP = (
    r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|v-html|mark_safe|"
    r"html_safe|document\.write|codeToHtml|bypassSecurityTrust\w+|Html\.Raw)\b|\|[ \t]*safe\b|"
    r"\{\{\{|autoescape[ \t]+(?:off|false)|\.html\(|\{!!|<%==|<%=[ ]*raw\b|<%-[ ]|\|[ \t]*raw\b|"
    r"th:utext|<j:out\b|ng-bind-html|\{@html|escapeXml=['\"]false|\.append\([^\n]*['\"]<|"
    r"\|[ ]?(?:Safe(?:HTML)?|safe_?HTML(?:Attr)?|safeJS|noescape)\b|\btemplate\.(?:HTML|JS|URL|"
    r"HTMLAttr)\(|\bunsafeHTML\(|\bPreEscaped\(|\?no_esc\b|[ ]nofilter\}|@Html\(|"
    r"\b(?:escape|disable-output-escaping)=['\"](?:false|yes)|data-bind=['\"]html:|\bWithUnsafe\(|"
    r"allowDangerousHtml|escapeHtml=\{false|\brehypeRaw\b|\bhtml:[ ]*true\b|\{:safe,|\bset:html=|"
    r"\{\{[&=]\w|\bsetInnerHtml\(|\bHtml\.fromHtml\(|\bloadHTMLString\(|\(MarkupString\)|"
    r"\bdomPropsInnerHTML\b|\"text/template\"|\$\{raw\(|<\?=?[ ]*raw\(|[\w)]!=[ ][@\w]|[ ]!\{\w"
)
"""What a page's raw values are written in: a trigger of what is added."""
_RAW = (
    r"\{!!|<%==|<%=[ ]*raw\b|\|[ \t]*(?:raw|safe)\b|th:utext|<j:out\b|\bmark_safe\(|"
    r"\bMarkup\(|SafeString|ng-bind-html|\bv-html|\{@html|\{\{\{|\{\{&|Html\.Raw|html_safe|"
    r"\[innerHTML\]|escapeXml=['\"]false|autoescape[ \t]+(?:off|false)|insertAdjacentHTML|"
    r"\.append\([^\n]*['\"]<|\|[ ]?(?:Safe(?:HTML)?|safe_?HTML(?:Attr)?|safeJS|noescape)\b|"
    r"\btemplate\.(?:HTML|JS|URL|HTMLAttr)\(|\bunsafeHTML\(|\bPreEscaped\(|\?no_esc\b|"
    r"[ ]nofilter\}|@Html\(|\bescape=['\"]false|disable-output-escaping=['\"]yes|"
    r"data-bind=['\"]html:|\bWithUnsafe\(|allowDangerousHtml|escapeHtml=\{false|\brehypeRaw\b|"
    r"\bhtml:[ ]*true\b|\{:safe,|\bset:html=|\$\{raw\(|<\?=?[ ]*raw\(|bypassSecurityTrust|"
    r"dangerouslySetInnerHTML|\bsetInnerHtml\(|\bHtml\.fromHtml\(|\bloadHTMLString\(|"
    r"\(MarkupString\)|\bdomPropsInnerHTML\b"
)
"""How a page takes a value as markup, in any engine."""
_INDENTED = r"^[ \t]*[%.#\w][^\s=]*!=[ ][@\w]|[ ]!\{\w"
"""Likewise, in the engines that tell elements by their indentation."""
_DASHED = r"<%-[ ]"
"""Likewise in pages; in a program's text it is the mark of a value to be escaped."""
_BY_INDENT = (".haml", ".pug", ".jade", ".slim")
_PROGRAMS = (".js", ".ts", ".mjs", ".jsx", ".tsx")
_LESS = ((b'"html/template"', b'"text/template"'), (b"{{!", b"{{="), (b"<%- ", b"<%= "))
"""An engine, or a mark of its, that escapes, and the one beside it that does not."""
_AS_MARKUP = frozenset(
    b"innerHTML outerHTML insertAdjacentHTML dangerouslySetInnerHTML mark_safe html_safe safe "
    b"Raw raw codeToHtml SafeString Markup html".split()
)
_AS_TEXT = frozenset(
    b"innerText textContent createTextNode escape escapeHtml escapejs codeToHast esc "
    b"conditional_escape format_html html_escape insertAdjacentText nodeValue".split()
)
_CONSTANT = r"=[ \t]*(?:'[^'\n]*'|\"[^\"\n]*\"|`[^`$\n]*`)[ \t]*;?[ \t]*$"
_CLEANED = r"(?i)sanit|purif|\$esc\.|escape_?(?:html|xml|attr)|html_?escape|bluemonday|\bclean\("
_CHAIN = r"[$@\w]+(?:(?:\.|->|\?\.)\w+)+"
"""A value that is named by where it is found."""
_HELD = r"\{[{ ]?[ ]?([@$\w]+)[ ]?[ }]?\}|<%=[ ]*([@\w]+)[ ]*%>"
"""A value on its own in the brackets that write it as text."""
_PAGE = r"[<{]"


def now_markup(
    block: Block, pairs: Iterable[Pair], path: str, numbers: frozenset[int | None]
) -> Iterator[Numbered]:
    """Yield the new lines, of those numbered, on which a value that was text is markup."""
    had = _words(text for _, text in block.old)
    lost = had - _words(text for _, text in block.new)
    paired = {pair.new_line: pair for pair in pairs}
    told = finds(_raw(path))
    escapes = _LESS if path.endswith(_PROGRAMS) else _LESS[:-1]
    values = _values(b"\n".join(text for _, text in block.old), told)
    for number, text in block.new:
        if number not in numbers or finds(_CONSTANT)(text) or finds(_CLEANED)(text):
            continue
        pair = paired.get(number)
        if (
            (lost & _AS_TEXT and (frozenset(tokens(text)) - had) & _AS_MARKUP)
            or (pair and _is_unescaped(pair, told, escapes))
            or (values and told(text) and _names_one(text, values))
        ):
            yield number, text


def _raw(path: str) -> str:
    if path.endswith(_BY_INDENT):
        return f"{_RAW}|{_INDENTED}"
    return _RAW if path.endswith(_PROGRAMS) else f"{_RAW}|{_DASHED}"


def _is_unescaped(
    pair: Pair, told: Callable[[bytes], bool], escapes: Iterable[tuple[bytes, bytes]]
) -> bool:
    """Return whether a line is the same, but for the mark that its value is markup."""
    if any(was in pair.old and now in pair.new and was not in pair.new for was, now in escapes):
        return b"{{!--" not in pair.old
    if told(pair.new) and not told(pair.old):
        return is_about_the_same(pair)
    if b"/template" in pair.new:  # the engine is named, and escapes
        return False
    old, new = frozenset(tokens(pair.old)), frozenset(tokens(pair.new))
    return bool((new - old) & _AS_MARKUP) and len(old - new) <= 1


def _values(was: bytes, told: Callable[[bytes], bool]) -> frozenset[bytes]:
    """Return the values that some lines of a page wrote as text; none where they wrote markup."""
    if told(was) or not finds(_PAGE)(was):
        return frozenset()
    held = (one or other for one, other in expression(_HELD).findall(was))
    return frozenset((*expression(_CHAIN).findall(was), *held))


def _names_one(text: bytes, values: frozenset[bytes]) -> bool:
    """Return whether a raw line names one of these values."""
    return not values.isdisjoint((*expression(_CHAIN).findall(text), *tokens(text)))


def _words(lines: Iterable[bytes]) -> frozenset[bytes]:
    return frozenset(word for text in lines for word in tokens(text))
