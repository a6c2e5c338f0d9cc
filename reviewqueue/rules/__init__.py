"""The catalogue: every rule, found by its file; the folders are the threat model."""

import hashlib
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

from reviewqueue.domain.finding import Pathway
from reviewqueue.scan.rule import Rule, RuleError, validate


@cache
def catalogue() -> tuple[Rule, ...]:
    """Return the rule of each module under this package, ordered by id.

    Raises RuleError where a rule is incomplete, misnamed or misplaced.
    """
    modules = [m.name for m in walk_packages(__path__, f"{__name__}.") if not m.ispkg]
    rules = sorted((load(import_module(name)) for name in modules), key=lambda rule: rule.id)
    for one, next_one in pairwise(rules):
        if one.id == next_one.id:
            raise RuleError(f"rule {one.id} exists twice")
    return tuple(rules)


def explained(pathway: Pathway) -> dict[str, str]:
    """Return the texts of a pathway's page by heading, dedented; its first line under "".

    They are the docstring of the pathway's folder: a heading is a line that is not indented.
    """
    title, _, rest = (import_module(f"{__name__}.{pathway}").__doc__ or "").partition("\n")
    found = {"": title}
    heading = ""
    for line in rest.splitlines():
        if line and not line.startswith(" "):
            heading = line
            found[heading] = ""
        else:
            found[heading] += f"{line.removeprefix('    ')}\n"
    return {name: text.strip("\n") for name, text in found.items()}


def load(module: ModuleType) -> Rule:
    """Return a module's rule with its explanation; RuleError where it breaks the form."""
    rule = getattr(module, "RULE", None)
    if not isinstance(rule, Rule):
        raise RuleError(f"{module.__name__} has no RULE")
    _, folder, stem = module.__name__.rsplit(".", 2)
    if rule.id != stem.replace("_", "-"):
        raise RuleError(f"rule {rule.id} is in a file named {stem}")
    if rule.pathway != folder:
        raise RuleError(f"rule {rule.id} of {rule.pathway} is in the folder {folder}")
    source = hashlib.sha256(Path(str(module.__file__)).read_bytes()).hexdigest()
    complete = replace(rule, docs=module.__doc__ or "", source=source)
    validate(complete)
    return complete
