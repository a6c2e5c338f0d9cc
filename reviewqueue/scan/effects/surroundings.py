"""Where a program asks where it runs, and no longer does.

What was meant for a developer's machine, or for the command line, is harmless only there: a
switch that signs anybody in, a page that shows everything, a proxy taken from a variable that
a request can set.
"""

from collections.abc import Iterator

from reviewqueue.scan.effects.balance import Balance
from reviewqueue.scan.effects.guards import is_condition
from reviewqueue.scan.rule import FileView
from reviewqueue.scan.structure.comments import is_bare, is_comment
from reviewqueue.scan.structure.pairs import Block, Numbered, Pair, blocks, finds, paired, tokens

RUNS_WHERE = (
    r"\b(?:NODE_ENV|RAILS_ENV|APP_ENV|FLASK_ENV|MIX_ENV|GO_ENV|PHP_SAPI|php_sapi_name|__DEV__|"
    r"BuildConfig\.DEBUG|kDebugMode|kReleaseMode|debug_assertions|geteuid|Geteuid|"
    r"dev_routes|getActiveProfiles|acceptsProfiles|WP_CLI|"
    r"Rails\.env|import\.meta\.env)\b|\b(?i:is_?(?:dev(?:elopment)?|prod(?:uction)?|"
    r"local(?:_?(?:dev|env\w*|host))?)(?:_?(?:mode|env\w*))?)\b|"
    r"(?i:\b\w*env(?:ironment)?(?:\(\)|['\"]?[)\]])*[ ]*[!=]==?[ ]*['\"]\w+['\"]|"
    r"['\"](?:dev\w*|local|prod\w*)['\"][ ]*[!=]==?[ ]*[\w$.>-]*env)|"
    r"@Profile\(|^#[ ]*if(?:def)?[ ]+(?:DEBUG|DEV\w*)\b|"
    r"->environment\([ ]*['\"]\w+"
)
"""How a program asks for the place it runs in."""
_HOME = r"(?i)dev|local|debug|\bcli\b|WP_CLI|geteuid|SAPI"
_OUT = r"(?i)prod|release|live"
_NOT = r"!=|(?:^|[ (&|])![\w(]|\bnot\b|\bunless\b"
_JOINED = r"&&|\band\b"
_CHOOSES = r"[ ]if[ ][^\n]*[ ]else[ ]|[ ][?][ ][^\n]*[ ]:[ ]"
_MARK = r"^[ \t]*(?:@\w|#\[|#[ ]*if)"
"""What is said of a declaration above it."""
_SHORT = 12
"""Removed lines of a block up to which it is one condition and what it held."""


def ungated(file: FileView, balance: Balance) -> Iterator[Numbered]:
    """Yield the old conditions that asked where the program runs, and let all places pass now."""
    if not finds(RUNS_WHERE)(file.removed):
        return
    for block in blocks(file, RUNS_WHERE, of=range(1, _SHORT + 1)):
        if any(map(_asks, (text for _, text in block.new))):
            continue
        found = next(_narrowed(block), None) or _opened(block)
        if found and not balance.keeps(found[1]):
            yield found


def _asks(text: bytes) -> bool:
    """Return whether a line asks for a place where little is at stake."""
    if (is_comment(text) and not finds(_MARK)(text)) or not finds(RUNS_WHERE)(text):
        return False
    turned = finds(_NOT)(text)
    return finds(_OUT)(text) if turned else finds(_HOME)(text) and not finds(_OUT)(text)


def _narrowed(block: Block) -> Iterator[Numbered]:
    """Yield the conditions that asked for more than the place, and still ask for that."""
    for pair in paired(block, _asks):
        asks = is_condition(pair.old) and is_condition(pair.new) and _is_shorter(pair)
        if (
            asks
            or pair.new.strip() in pair.old
            or (finds(_CHOOSES)(pair.old) and not finds(_CHOOSES)(pair.new))
        ):
            yield pair.old_line, pair.old


def _is_shorter(pair: Pair) -> bool:
    return finds(_JOINED)(pair.old) and len(tokens(pair.new)) < len(tokens(pair.old))


def _opened(block: Block) -> Numbered | None:
    """Return the condition whose body stays, and stands for itself."""
    old, new = ([line for line in side if _says(line[1])] for side in (block.old, block.new))
    if not old or not _asks(old[0][1]):
        return None
    head, *body = old
    if finds(_MARK)(head[1]):
        return head if not (body or new) else None
    left = {text.strip() for _, text in body}
    stays = bool(new) and {text.strip() for _, text in new} == left
    return head if stays and is_condition(head[1]) else None


def _says(text: bytes) -> bool:
    """Return whether a line is more than brackets and the end of a block."""
    return not is_bare(text) and text.strip() not in {b"end", b"fi", b"endif"}
