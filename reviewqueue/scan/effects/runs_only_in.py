"""Which jobs and steps of a workflow run in one repository alone, and in which.

What such a job uses of that repository is its own: nobody else's branch decides what runs.
"""

from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.hunks import numbered

_IS = r"github\.repository[ \t]*==[ \t]*'([\w.-]+/[\w.-]+)'[ \t]*(?:&&[^|{}\n]*)?"
_ONLY_IN = rf"^([ \t]*(?:-[ \t]+)?)if[ \t]*:[ \t]+(?:{_IS}|\$\{{\{{[ \t]*{_IS}\}}\}}[ \t]*)$"
"""A condition of a job or step that holds in no other repository, all of it on its line."""


def runs_only_in(file: FileView) -> dict[int, bytes]:
    """Return the repositories of the new lines that stand below such a condition."""
    only, found = expression(_ONLY_IN), dict[int, bytes]()
    for hunk in file.hunks():
        within, is_last = list[tuple[int, bytes]](), False
        for mark, number, text in numbered(hunk):
            bare = text.lstrip(b" ")
            if mark == b"-" or not bare.strip() or bare.startswith(b"#"):
                continue
            depth = len(text) - len(bare)
            # What is further in, right below a condition, goes on with it.
            while within and (depth < within[-1][0] or (is_last and depth > within[-1][0])):
                within.pop()
            asked = only.search(text)
            is_last = asked is not None
            if asked:
                within.append((len(asked[1]), asked[2] or asked[3]))
            elif within and mark == b"+":
                found[number] = within[-1][1]
    return found
