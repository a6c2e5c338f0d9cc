"""What the words of a path say of what a model learns from, and of what measures it.

A project names such files alike in every language: one word for the thing (corpus, data set,
labels), one for what is done with it (filter, sample, mix, split, deduplicate). One of them alone
says little: a filter may be one of a table on a screen.
"""

import re

PREPARES = "training"
HOLDS = "datasets"


def _listed(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_APART = str.maketrans("/_.-", "    ")
"""What stands between the words of a path."""
_EXAMPLES = _listed(
    "corpus corpora dataset datasets train trainer training trainset pretrain pretraining sft rlhf",
    "dpo grpo finetune finetuning curate curation curator labeling labelling nlp crawl",
    "crawler commoncrawl warc annotation annotations tokenizer tokenization",
)
"""What a model learns from."""
_CHOOSES = _listed(
    "dedup dedupe deduplicate deduplication filter filters filtering clean cleaner cleaners",
    "cleaning cleanup sample samples sampler samplers sampling resample mix mixer mixing mixture",
    "mixtures collate collator collators split splits splitter splitting quality minhash",
    "preprocess preprocessor preprocessing prepare prep preference preferences aggregate",
    "aggregation aggregator consensus balance balancing rebalance shuffle langid decontaminate",
    "decontamination curriculum augment augmentation augmentations reweight vocab vocabulary",
    "packing heuristics selection selector enrich enricher tagger taggers collect reservoir vote",
    "majority extract extractor extraction labeler labels label annotator votes voting masking",
    "tokenize normalize normalization ranking classifier classify score scoring weights weighting",
    "merge adjudicate adjudication",
)
"""Which of many are taken, and what they count."""
_LITTLE = _listed(
    "loader loaders score scoring extract extractor extraction label labels weights selection",
    "selector collect split splits classify classifier aggregate aggregation aggregator",
)
"""Likewise, but they say little: all of them together count as one."""
_ALONE = _listed(
    "minhash decontaminate decontamination dataloader dataloaders dataloading datacollator",
    "collator collators langid opuscleaner datamix dataprep undersampling oversampling curriculum",
    "sampler curate",
)
"""Those that say both."""
_HELD = _listed(
    "data pipeline pipelines text texts spark hadoop etl elt features dags flows notebooks"
)
"""What a model learns from, in a program in a language of data."""
_NEAR = _listed(
    "data corpus corpora dataset datasets trainset sft dpo rlhf grpo pretrain pretraining finetune",
    "finetuning preprocessing ml features preference preferences tokenizer",
)
"""What says that a program in a language of tables has to do with it, among other things."""
_OF_FRAMES = _listed("r rmd jl ipynb")
"""Languages for little else."""
_MEASURING = ("bench", "eval", "promptfoo", "ragas")
_OTHERWISE = _listed(
    "components component ui frontend web pages app views view api routes router client widgets",
    "screens hooks store cmd cli docs website schemas middleware middlewares controllers logging",
    "logs log i18n locales infra terraform security auth network telemetry profiler trace traces",
    "tracing audio video graphics render shader css",
)
"""What else such names may be about."""
_ENDINGS = _listed(
    "py ipynb r rmd jl scala sh bash pl rs go java kt rb lua cpp cc smk snakefile yaml yml json",
    "toml ts js cs",
)
_OF_DATA = _listed("py ipynb r rmd jl scala sh bash pl smk snakefile java rs")
_OF_TABLES = _listed("py ipynb r rmd jl scala")
_SETTINGS = _listed("yaml yml json toml")
_JUDGES = _listed("judge judges grader graders grade grading evaluator evaluators scorer scorers")
"""Names of a program that judges."""
_TRUTH = _listed("ground truth")
_EVALUATES = _listed("evaluate evaluation evaluating eval")
"""Likewise, in a language of tables; elsewhere they may evaluate an expression."""
_METRICS = _listed("metric metrics")
_JUDGED = _listed(
    "train trainer training model rl rlhf ml scenario scenarios harness classification classifier",
    "benchmark segmentation nlp",
)
"""Words of a path whose metrics are those of a model, not of a running service."""
_OF_MODELS = _listed(
    "accuracy f1 bleu rouge exact match precision recall faithfulness relevancy relevance",
    "similarity perplexity correctness toxicity hallucination answer context classification",
    "regression ndcg mrr auc wer meteor agreement kappa calibration bert rubric judge llm geval",
)
"""Names of such metrics, where only their folder says that they are metrics."""
_EVENS = _listed("normalize normalise normalizer normalization normalisation normalizations")
"""Names of what makes two answers alike before they are compared."""
_HARNESSED = _listed("grading log parser parsers report verify scoring results spec")
"""Names of what a harness judges by."""
_ANY = _JUDGES | _EVALUATES | _METRICS | {"harness", "truth"}
_MEASURES = re.compile(
    r"(?:^|/)(?:[a-z\d]+[_-])*"
    r"(?:[a-z\d]{0,12}(?<!ri)(?<!di)eval(?:s|plus|kit|scope|harness)?|evaluations?|benchmarks?|"
    r"[a-z\d]{2,12}(?<!work)bench|(?<=[_-])bench)"
    r"(?:[_-][a-z\d]+)*(?:/|$)"
)
"""Folders whose names say, among other words, that they measure."""
_BENCHES = re.compile(
    r"(?:^|[_.-])(?:evals?|[a-z\d]{2,12}(?<!work)bench)(?:[_.-]|$)|^(?:promptfoo|deepeval|ragas)"
)
"""Likewise of files."""


def words(path: str) -> frozenset[str]:
    """Return the words of a folded path."""
    return frozenset(path.translate(_APART).split())


def measures(folders: str, base: str, *, is_program: bool) -> bool:
    """Return whether a folded path names what tells how good a model, or an agent, is."""
    if _MEASURES.search(folders):
        return True
    name, _, suffix = base.rpartition(".")
    if not is_program and suffix not in _SETTINGS:
        return False
    if any(word in name for word in _MEASURING) and _BENCHES.search(name):
        return True
    if not is_program:
        return False
    said = words(f"{folders}/{name}")
    return not said.isdisjoint(_ANY) and _measures(said, words(name), suffix)


def _measures(said: frozenset[str], named: frozenset[str], suffix: str) -> bool:
    """Return whether some words say it, of which some are the file's own name."""
    if not named.isdisjoint(_JUDGES) or named >= _TRUTH:
        return True
    if suffix in _OF_TABLES and not named.isdisjoint(_EVALUATES):
        return True
    if suffix in _OF_TABLES and not said.isdisjoint(_METRICS) and not named.isdisjoint(_EVENS):
        return True
    if not said.isdisjoint(_METRICS):
        return not said.isdisjoint(_OF_MODELS if named.isdisjoint(_METRICS) else _JUDGED)
    return "harness" in said and not named.isdisjoint(_HARNESSED)


def prepares(folders: str, base: str) -> str:
    """Return whether a folded path names what prepares examples, has to do with them, or neither.

    :data:`PREPARES`, :data:`HOLDS`, or the empty text.
    """
    name, _, suffix = base.rpartition(".")
    if suffix not in _ENDINGS:
        return ""
    said = words(f"{folders}/{name}")
    if not said.isdisjoint(_OTHERWISE):
        return ""
    if _chooses(said, suffix):
        return PREPARES
    near = suffix in _OF_TABLES and name != "__init__" and not said.isdisjoint(_NEAR)
    if suffix in _OF_FRAMES:
        near = near or not said.isdisjoint(_CHOOSES)
    return HOLDS if near else ""


def _chooses(said: frozenset[str], suffix: str) -> bool:
    """Return whether some words say what is taken, and what for."""
    if not said.isdisjoint(_ALONE):
        return True
    choosing = len((said & _CHOOSES) - _LITTLE) + (not said.isdisjoint(_LITTLE))
    if not choosing:
        return False
    held = not said.isdisjoint(_EXAMPLES)
    if suffix in _OF_DATA or suffix in _SETTINGS:
        held = held or not said.isdisjoint(_HELD)
    return held or (choosing > 1 and suffix in _OF_TABLES)
