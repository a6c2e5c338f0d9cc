"""Which files are workflows of CI: by their place, or by what is in them.

An example and a template are read as workflows, too, wherever they lie: what they show is
copied to where it runs. So is a test's data, though what it shows may weigh less there.
"""

from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, expression

_YAML = (".yml", ".yaml")
_JOBS = r"^jobs[ \t]*:|^runs[ \t]*:|^['\"]?on['\"]?[ \t]*:"
_STEPS = r"^[ \t]+(?:-[ \t]+)?(?:uses|runs-on|run|steps|secrets|permissions|using)[ \t]*:"


def is_workflow(file: FileView) -> bool:
    """Return whether the file is CI's, or a whole new one reads like it."""
    return Label.CI in file.labels or is_like_workflow(file)


def is_like_workflow(file: FileView) -> bool:
    """Return whether a file that CI does not read is written as a workflow, all of it new."""
    if Label.CI in file.labels or file.status != "A" or not file.path.endswith(_YAML):
        return False
    return all(expression(regex).search(file.added) for regex in (_JOBS, _STEPS))
