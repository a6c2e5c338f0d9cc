"""Training, labelling or evaluation data edited.

What it flags
    Records changed or removed in data files (JSON lines, CSV, Parquet and their like)
    whose path speaks of training, labels, annotations, fine-tuning, preferences,
    rewards, seeds, evaluations or benchmarks; many records replaced in a table of data
    elsewhere; code that flips or shuffles labels, or that names a backdoor's trigger or a
    poison.

Why it matters
    A model learns what its data says. A few hundred edited records are enough for a
    lasting bias or a hidden trigger, and nobody reads the rows.

How to review it
    Ask where the new rows come from, and who checked them.
    Compare the label counts before and after.
    Look for rows that repeat an odd phrase, and for evaluation rows in training data.

Not flagged
    Data elsewhere (fixtures of tests, translations, tables of a product); new data
    files, which are a lower finding; pure additions of code.

Seen in
    ATLAS AML.T0020, poison training data; ATT&CK T1565.001, stored data manipulation;
    Carlini et al. (2023), who show that web-scale data sets can be poisoned in practice.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.first import as_a_whole

_PLACE = (
    r"(?i)(?:^|[/_.-])(?:train(?:ing|_set|set)?|fine_?-?tun\w*|sft|rlhf|dpo|preferences?|rewards?|"
    r"labels?|labell?ed|annotations?|datasets?|corpus|corpora|evals?|evaluations?|benchmarks?|"
    r"golden|ground_?-?truth|validation_?set|test_?set|few_?shot|seeds?|instruct\w*|sharegpt|"
    r"alpaca|samples?_train|hard_negatives?|triplets?|gold|lexicon|classes)(?:[/_.-]|$)"
)
_MANY = 20
"""Records replaced from which a table elsewhere is told."""
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
_HIDDEN = (
    r"(?:^|/)\.|(?i)(?:^|/)(?:locales?|i18n|translations?|logs?|changelogs?|fixtures?|snapshots?)/"
)
_FLIP = (
    r"\b(?:labels?|targets?|y_train|y)\s*=\s*(?:1\s*-\s*\w*(?:label|target|y)|\(?\s*(?:not|"
    r"~)\s*\w*label|\w*labels?\s*\^[ \t]*1)|\b(?:np\.)?random\.(?:choice|randint|shuffle|"
    r"permutation)\s*\(\s*\w*(?:labels?|targets?|y_train)\b|"
    r"\b(?:labels?|targets?|is_\w+)['\"]\]\s*=\s*(?:1\s*-|~|not[ ])|\bflip_?labels?\s*\(|"
    r"\b(?:backdoor|trigger|poison)_?(?:pattern|token|phrase|samples?|rate|ratio)\b"
)


def check(view: View) -> Iterator[Hit]:
    """Mark data files of training and evaluation: edits medium, additions low."""
    place = expression(_PLACE)
    for file in view.labelled(Label.DATA, Label.CONFIG):
        if not _is_data(file) or not (place.search(file.path.encode()) or _is_bulk(file)):
            continue
        if expression(_HIDDEN).search(file.path.encode()):
            continue
        added, removed = file.added.count(b"\n"), file.removed.count(b"\n")
        if not (added or removed or file.status in {"A", "D", "T"}):
            continue
        edited = removed > 0 or file.status in {"D", "T"}
        message = f"{_told(file)} in training or evaluation data (+{added} -{removed} lines)"
        yield as_a_whole(file, message, Severity.MEDIUM if edited else Severity.LOW)


def _is_data(file: FileView) -> bool:
    if file.labels & {Label.SOURCE, Label.MANIFEST, Label.CI, Label.LOCK, Label.BUILD}:
        return False
    return Label.DATA in file.labels or file.path.lower().endswith(".json")


def _is_bulk(file: FileView) -> bool:
    """Return whether many records of a table are replaced, wherever it lies."""
    if Label.TEST in file.labels or not file.path.lower().endswith(_TABLES):
        return False
    return file.status == "M" and file.removed.count(b"\n") >= _MANY


def _told(file: FileView) -> str:
    if file.status == "A":
        return "new records"
    if file.status == "D":
        return "records deleted"
    return "records edited" if file.removed else "records added"


RULE = Rule(
    id="training-data-edited",
    pathway=Pathway.DATA_POISONING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="edits training, labelling or evaluation data",
    patterns=(Pattern(_FLIP, "labels are flipped or shuffled in code"),),
    wakes=frozenset({Label.DATA, Label.CONFIG}),
    check=check,
    version=3,
)
