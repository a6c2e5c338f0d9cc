r"""What an answer tells the browser, and every cache between, to hold back.

Headers and attributes protect by the words in their values: who may keep an answer, what a page
may load, whether a file is shown or saved. They stand in programs as often as in settings.
"""

from collections.abc import Callable, Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, Hit, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.disappeared import lost
from reviewqueue.scan.structure.pairs import Pair, exchanged, finds, pairs_losing

TELLING = (
    r"(?i:cache-?_?control\b|\bResponseCache\(|\bexpires_in\b|content-?_?security-?_?policy|"
    r"frame-ancestors|\b(?:script|default)_?-?src\b|\bobject_?-?src\b|\bbase_?-?uri\b|\bform_?-?action\b|frame_?-?ancestors|"
    r"content-disposition|\bdisposition['\"]?[ ]*(?::|=>|=)|as_attachment[ ]*=)|"
    r"['\"`]private,[ ]?max-age"
)
"""The names of such headers: a trigger of what is removed."""
FLAGS = (
    r"\bO_NOFOLLOW\w*\b|\bO_EXCL\b|\bNOFOLLOW_LINKS\b|\bAT_SYMLINK_NOFOLLOW\b|\bMS_NO(?:SUID|EXEC)\b|"
    r"\bRESOLVE_(?:BENEATH|IN_ROOT|NO_SYMLINKS)\b|\b(?:XML_PARSE|LIBXML)_NONET\b|\bENT_QUOTES\b|"
    r"\bfollow_?[sS]ymlinks?['\"]?[ ]*[:=][ ]*(?:[fF]alse)\b|\bresolve_entities[ ]*=[ ]*False\b|"
    r"\bno_network[ ]*=[ ]*True\b|\bflags?:[ ]*['\"]wx\+?['\"]|open\([^\n]*['\"]x[bt]?['\"]\)|"
    r"\bFILE_FLAG_OPEN_REPARSE_POINT\b|\bFile::(?:EXCL|NOFOLLOW)\b|\bOption\.CREATE_NEW\b|"
    r"@never_cache\b|\bCSP_(?:FRAME_ANCESTORS|OBJECT_SRC|DEFAULT_SRC|SCRIPT_SRC|BASE_URI)\b|"
    r"\blibxml_disable_entity_loader\(true|OpenOption\.CREATE_NEW\b|\bcreate_new\(true\)|\bdisallow-doctype-decl\b|\bFSECURE_PROCESSING\b|"
    r"\bFEATURE_SECURE_PROCESSING\b|patch_vary_headers\([^\n]*(?i:cookie|auth)|\bvary_on_cookie\b|"
    r"['\"]Vary['\"][^\n]*(?i:cookie|authorization)"
)
"""Words that hold back by being there, in any line: likewise a trigger."""
_CACHE = (
    r"(?i)cache-?_?control|\bResponseCache\(|\bexpires_in\b|['\"`](?:private|public),[ ]?max-age"
)
_PRIVATE = (
    r"(?i)\bprivate\b|no-?_?store\b|no-?_?cache\b|cachePrivate|Location\.None|must-revalidate"
)
_PUBLIC = r"(?i)\bpublic\b|s-maxage|cachePublic|Location\.Any\b|immutable"
_POLICY = (
    r"(?i)content-?_?security-?_?policy|frame_?-?ancestors|\bobject_?-?src\b|\bbase_?-?uri\b|"
    r"\bform_?-?action\b|default-src|script-src"
)
_HOLDS = (
    r"(?i)\bsandbox\b|frame_?-?ancestors|(?:'|:)none\b|object-src|base-uri|form-action|'nonce-|"
    r"'strict-dynamic'|require-trusted-types-for|default-src|script-src"
)
_SAVED = r"(?i)content-?_?disposition|\bdisposition['\"]?[ ]*(?::|=>|=)|as_attachment"


def held_back_less(view: View, counts: Callable[[FileView], bool]) -> Iterator[Hit]:
    """Mark such flags that are gone, and such headers that tell less, in the files that count."""
    for file, line in lost(view, FLAGS, counts):
        if not is_comment(line.whole):
            told = "a word that kept a file, a parser or a cache from going further is gone"
            yield Hit.at(file, line, told, side=Side.OLD)
    for file in filter(counts, view.where(TELLING, side=Side.OLD)):
        for pair in pairs_losing(file, TELLING):
            if told := told_less(pair):
                yield exchanged(file, pair, told)


def told_less(pair: Pair) -> str:
    """Return what a header or an attribute holds back less of, in words; empty where nothing."""
    if finds(_CACHE)(pair.old) and finds(_CACHE)(pair.new):
        was, now = (finds(_PRIVATE)(text) for text in (pair.old, pair.new))
        public = finds(_PUBLIC)
        is_kept = (was and not now) or b"expires_in" in pair.old
        if is_kept and public(pair.new) and not public(pair.old):
            return "an answer that was one visitor's own may be kept by any cache"
    if finds(_SAVED)(pair.old) and _is_shown(pair):
        return "a file that was saved is now shown, on the pages of this server"
    if finds(_POLICY)(pair.old) and finds(_POLICY)(pair.new) and _loses_directive(pair):
        return "a policy on what a page may do has lost a directive"
    return ""


def _is_shown(pair: Pair) -> bool:
    old, new = pair.old.lower(), pair.new.lower()
    if b"as_attachment" in old:
        return b"true" in old and b"true" not in new and b"send" in new
    return b"attachment" in old and b"attachment" not in new and b"inline" in new


def _loses_directive(pair: Pair) -> bool:
    holds = expression(_HOLDS)
    old, new = ({word.lower() for word in holds.findall(text)} for text in (pair.old, pair.new))
    return bool(old - new) and not new - old - {b"default-src", b"script-src"}
