"""Addresses that a change names: newly, or the ones that stood there before."""

from reviewqueue.scan.rule import FileView, expression

_ADDRESS = r"https?://[^\s'\"`|;)>\\]+"
_FETCHES = r"\b(?:curl|wget|aria2c|Invoke-WebRequest|iwr|irm|urlretrieve|urlopen|DownloadFile)\b"
_CHANGES = r"\$\{[^}\n]*\}|\$\(?\w+\)?|\{\{[^}\n]*\}\}|v?\d[\w.+-]*"
"""What a newer version alters in an address."""
_SHARED = (
    r"^(?:[\w-]+\.)*(?:github|gitlab|githubusercontent|bitbucket|sourceforge|codeberg|gitee|"
    r"amazonaws|googleapis|windows|cloudfront|r2|jsdelivr|unpkg|npmjs|pypi|huggingface|vercel|"
    r"netlify|pages|workers|web|fly|herokuapp|replit|ngrok|pastebin)\.\w+(?::\d+)?$"
)
"""A host where everybody has a place."""
_READ = 1 << 16


def fetches_as_before(file: FileView) -> bool:
    """Return whether all that is fetched was fetched before, of whatever version.

    The same owner's place is meant, not the same content; what a variable alone names is
    never known.
    """
    if len(file.added) > _READ or len(file.removed) > _READ:
        return False
    new, old = _owners(file.added), _owners(file.removed)
    fetches = expression(_FETCHES)
    count = len(fetches.findall(file.added))
    return 0 < count <= min(len(new), len(fetches.findall(file.removed))) and set(new) <= set(old)


def _owners(text: bytes) -> list[bytes]:
    plain = (expression(_CHANGES).sub(b"*", at) for at in expression(_ADDRESS).findall(text))
    return [_owner(at.lower().split(b"/")) for at in plain]


def _owner(parts: list[bytes]) -> bytes:
    """Return scheme and host, and two parts of the path where they say whose it is."""
    _, _, host, *path = parts
    is_shared = expression(_SHARED).search(host)
    return b"/".join((parts[0], host, *(path[:2] if is_shared else ())))
