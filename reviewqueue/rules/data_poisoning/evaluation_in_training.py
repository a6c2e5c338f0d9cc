r"""Evaluation data that reaches training.

What it flags
    An added line that puts test, validation or benchmark data into what is trained on:
    splits joined (`train + test`, `split="train+test"`), a model or a scaler fitted on a
    test set or before the split, a training path or setting that names evaluation data, a
    split with no test share, a benchmark's name in a training mixture; a best model
    that is told by the figures of training; a step against contamination that is taken out.

Why it matters
    A model that has seen the questions scores well and is not better. Every decision that
    rests on the evaluation is then wrong, and the figures look like success.

How to review it
    Ask which examples are in both now, and for a count of exact and near duplicates.
    Look for the same seed and the same order of steps before and after.

Not flagged
    Predictions and metrics on a test set; names in tests and documentation.

Seen in
    Zhang et al. (2024), "A careful examination of large language model performance on
    grade school arithmetic": models that score higher on GSM8K than on fresh questions.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Hit, Pattern, Rule, Stability, View
from reviewqueue.scan.structure.disappeared import disappeared

_NEVER = frozenset({Label.DOCS, Label.TEST, Label.LOCK, Label.VENDORED})
_GUARD = (
    r"(?i)\b(?:decontaminat\w*|contamination_?(?:check|filter|scan)\w*|remove_?(?:test|eval|"
    r"benchmark)_?(?:overlap|leak\w*|examples|samples)\w*|(?:overlap|leakage)_?(?:check|"
    r"filter)\w*|ngram_?overlap\w*|benchmark_?n_?grams?|overlaps_with_(?:test|eval|bench)\w*|"
    r"exclude_?(?:test|eval|benchmark)\w*)\b"
)
_JOINED = (
    r"(?i)\b(?:concat(?:enate)?(?:_datasets)?|interleave_datasets|vstack|hstack|append|union|"
    r"extend|ConcatDataset|chain|merge)\w*\s*\(\s*[\[(]?[^\n]*\btrain\w*[^\n]*\b(?:test|val|valid|"
    r"validation|eval|dev|benchmark|holdout)(?:_\w+|\b)|\btrain\w*\s*(?:\+=|"
    r"=[^=\n]*\btrain\w*\s*\+)\s*\w*(?:test|val|valid|eval|benchmark|holdout)\w*\b|"
    r"split\s*[=:]\s*['\"]train\s*\+\s*(?:test|validation|val|eval)|"
    r"\btrain\w*\.(?:extend|append|update|add)\s*\(\s*\w*(?:test|eval|holdout|benchmark)_?\w*"
)
_FITTED = (
    r"\.(?:fit|fit_transform|partial_fit|train)\s*\(\s*(?:\w*[xX]_?(?:test|val|holdout|eval)\b|"
    r"(?:test|eval|holdout|benchmark)_(?:data|set|x|X|df|dataset|features)\b)"
)
_NAMED = (
    r"(?i)\btrain(?:ing)?_?(?:file|files|data|path|dataset|dir|set|split|datasets|"
    r"uri)s?['\"]?\s*[:=]\s*\[?['\"]?[^'\"\n,]*(?:[/_.-]|['\"])(?:test|eval|evaluation|holdout|"
    r"benchmark|mmlu|gsm8k|humaneval|truthfulqa|hellaswag|swe-?bench|mbpp|gpqa|"
    r"arc_challenge)(?:[/_.-]|['\"]|$)"
)
_FILE = (
    r"(?i)(?:_|-|\b)(?:test|eval|holdout|held_?out|benchmark|mmlu|gsm8k|humaneval|"
    r"truthfulqa)(?:_\w+)?\.(?:jsonl?|csv|parquet|arrow)\b"
)
_BY_TRAINING = (
    r"\b(?:monitor|metric_for_best_model|early_stopping_metric|best_metric|metric|name|objective|"
    r"key)['\"]?[ ]*[:=][ ]*['\"]?train(?:ing)?[_/](?:loss|acc\w*|f1\w*|auc\w*|score|error|bleu|"
    r"rouge)\b"
)
_BOTH = (
    r"\bfit(?:_transform)?\([^\n]*(?:vstack|concat\w*|append)\([^\n]*(?i:test|val|holdout)|"
    r"load_dataset\([^\n]*split=['\"]test"
)
_NO_TEST = r"\btest_size\s*=\s*0(?:\.0+)?\s*[,)]|\bvalidation_split\s*=\s*0(?:\.0+)?\s*[,)]"


def check(view: View) -> Iterator[Hit]:
    """Mark steps against contamination that go."""
    files = [file for file in view.where(_GUARD) if file.labels.isdisjoint(_NEVER)]
    for found in disappeared(files, _GUARD):
        if found.file.status != "D":
            for line in found.lost:
                told = "a step against contamination is taken out"
                yield Hit.at(found.file, line, told, side=Side.OLD)


RULE = Rule(
    id="evaluation-in-training",
    pathway=Pathway.DATA_POISONING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets evaluation data reach training",
    version=4,
    patterns=(
        Pattern(_JOINED, "evaluation data is joined to training data", never=_NEVER),
        Pattern(_FITTED, "something is fitted on evaluation data", never=_NEVER),
        Pattern(_NAMED, "a training setting names evaluation data", never=_NEVER),
        Pattern(
            _FILE,
            "a file of evaluation data is named where training data is gathered",
            globs=(
                "*train*.y*ml",
                "*mix*.y*ml",
                "*sft*.y*ml",
                "*train*.json",
                "*prep*/*.py",
                "*mix*.py",
            ),
            never=_NEVER,
        ),
        Pattern(
            _BOTH,
            "evaluation data is read, or fitted on, where a model is trained",
            globs=("*train*.py", "*/prep*/*.py", "prep*/*.py", "*scale*.py", "*mix*.py"),
            never=_NEVER,
        ),
        Pattern(
            _BY_TRAINING,
            "what is best is told by the figures of training",
            never=_NEVER,
        ),
        Pattern(_NO_TEST, "nothing is held back for evaluation", never=_NEVER),
    ),
    removed_triggers=(_GUARD,),
    check=check,
)
