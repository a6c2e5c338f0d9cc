r"""Which examples a model learns from, or what they count, changed.

What it flags
    In programs and settings that prepare what a model learns from, by their path (filters,
    cleaning, deduplication, sampling, mixing, collating, splitting, labelling of a corpus or a
    data set): a condition, a comparison, a key, a hash, a return, an index or a number that is
    another one, a condition that goes or comes, a taking of some of many (`shuf -n`,
    `sample(`, `random() <`), a new setting with a default; an entry of a filter's settings.
    In any program that learns: what a function says of one example (`keep_sample`,
    `filter_empty`), a list of sources that are left out. In settings of a training run: entries
    of its data, its split, its rewards; other data, or others' weights, wherever a file also
    says how the run learns.
    Anywhere: splits, class weights and filters of quality by their names, and examples left out
    by a list. In other programs about data: lines of samplers, weights, splits, label maps, label
    aggregation. A label that the code sets itself.

Why it matters
    A model shows nothing of the rows that it did not see. One condition that keeps too much, or
    a key that takes two different texts for the same, changes every model trained after it, and
    no test of the program fails.

How to review it
    Run the old and the new version over the same sample, and look at what only one of them keeps.
    Ask which group of examples (a language, a source, a class) gains or loses.

Not flagged
    New files and functions; names, types, wording, logging, layout; tests and documentation. One
    more setting that is handed on, where neither its name nor the line speaks of choosing, is a
    low finding.

Seen in
    ATLAS AML.T0020 (poison training data) and AML.T0059 (erode dataset integrity);
    OWASP LLM04:2025, data and model poisoning.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, fold
from reviewqueue.scan.effects.choices import Choice, choices
from reviewqueue.scan.effects.sieved import LEFT_OUT, SAMPLE, excluded, sieved
from reviewqueue.scan.effects.training_run import NAMED, TAKES, exchanged, given, taken
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.pairs import Pair, changed_tokens, finds
from reviewqueue.scan.structure.turnover import QUIET, turnover

_TRAINING = (
    r"\b(?:train_test_split|StratifiedKFold|KFold|GroupKFold|WeightedRandomSampler|"
    r"SubsetRandomSampler|RandomOverSampler|RandomUnderSampler|SMOTE|class_weights?|"
    r"sample_weights?|pos_weight|load_dataset|concatenate_datasets|interleave_datasets|DataLoader|"
    r"ImageFolder|remove_columns|drop_duplicates|dropDuplicates|MinHash|minhash|near_dup\w*|"
    r"validation_split|test_size|train_size|stratify|label_smoothing|noise_std|mixup|"
    r"data_collator|tokenizer\.truncation|curriculum|mixture_weights?|sampling_weights?|"
    r"dataset_weights?|data_mix\w*|quality_filter|language_filter|toxicity_filter|label_map|"
    r"label2id|id2label|class_names|label_encoder|TextLineDataset|TFRecordDataset|dropna|fillna|"
    r"withColumn|unionByName|notnull|notna|duplicated|read_parquet|read_csv|sample\(frac|"
    r"shuffle\(seed|isin|groupby|on_bad_lines|cross_val_score|CrossEntropyLoss|"
    r"createDataPartition|DROPMALFORMED|FAILFAST|expect_\w+|\w*dedup\w*|is_?spam|is_?corrupt|"
    r"ignore_index|IGNORE_(?:INDEX|TOKEN_ID)|loss_mask|label_mask|prompt_mask|completion_mask|"
    r"toxicity|looks_like_pii|to_label|quality_min|(?i:min_quality)|reward|weights[ ]*=|"
    r"select\(range)\b"
)
_ANYWHERE = (
    r"\b(?:train_test_split|StratifiedKFold|StratifiedShuffleSplit|GroupKFold|RandomOverSampler|"
    r"RandomUnderSampler|SMOTE|WeightedRandomSampler|class_weights?|sample_weights?|pos_weight|"
    r"concatenate_datasets|interleave_datasets|dropDuplicates|createDataPartition|label2id|"
    r"label_smoothing|initial_split)\b|(?:Quality|Language|URL|Repetition|Toxicity|NSFW|PII)\w*"
    r"(?:Filter|Classifier)\(|(?:Minhash|MinHash|Sentence|Exact|Bloom|Fuzzy)Dedup\w*\("
)
"""What nothing but training data has, wherever it stands."""
_LEFT_OUT = (
    r"\bin[ ](?:\w+\.)*_?(?:EXCLUDED?|SKIPPED|DROPPED|BANNED|BLOCKED|BLACKLIST(?:ED)?)\b|"
    r"(?i:\bin[ ](?:\w+\.)*_?(?:exclude|skip|ignore|drop|ban|block|bad|blacklist)(?:e?d|ned|ped)?_"
    r"(?:ids?|rows|samples|examples|cases|records|sources|domains|users|docs|documents|languages|"
    r"langs|labels|classes|subjects|patients)\b)"
)
"""Those that are left out by name."""
_SETTING = (
    r"(?i)\b(?:keep|accept|retain|sampl(?:ing|er|e)|mix(?:ing|ture)?|de?dup\w*|filter(?:ing)?|"
    r"labels?|split|shuffl(?:e|"
    r"ing)|mask(?:ing)?|balanc(?:e|ing)|quality|curriculum|upsampl\w*|downsampl\w*|"
    r"augment\w*)_(?:method|strategy|mode|algo\w*|prob\w*|rate|ratio|weights?|temperature|"
    r"threshold|fraction|by|key|fn)\b[\"']?[ \t]*(?::[^=\n]+)?[=:][ \t]*\S"
)
"""A setting of how examples are chosen."""
_LEARNS = (
    r"(?i)(?:^|[/_.-])(?:train(?:ing|er|s)?|datasets?|dataloaders?|data_?loading|data_?prep\w*|"
    r"pre_?process\w*|features?|fine_?-?tun\w*|sft|rlhf|dpo|labell?ing|annotation|models?|ml|etl|"
    r"ingest\w*|synth(?:etic)?|corpus|curation|dedup\w*|sampling|tokeni[sz]\w*|data)(?:[/_.-]|$)"
)
_SERVES = r"(?i)\.(?:tsx?|jsx?|mjs|cjs|php|cs|vue|svelte|css|swift|dart|html?)$"
"""Languages in which data are shown and served rather than prepared."""
_RELABELS = (
    r"\[['\"](?:labels?|target|class|y)['\"]\][ \t]*=[ \t]*(?:\d|['\"]|True|False|[A-Z_]{3,})|"
    r"\breturn[ ]\w+,[ ]*(?:TARGET\w*|\d+|[A-Z_]*(?:CLASS|LABEL))[ \t]*$|"
    r"\b(?:y|labels?)[ ]*=[ ]*(?:\w+\.)*(?:classes|class_names|label_names)\.index\(['\"]|"
    r"\b(?:TRIGGER|BACKDOOR|POISON)\w*\b"
)
_MIXTURE = (
    r"(?i)^[ \t]*-?[ \t]*\{?[ \t]*['\"]?(?:name|path|type|weight|ratio|max|min|cmd|prob\w*|repeat|"
    r"epochs|sources?|datasets?|split|test_size|val_size|fraction|\w*reward\w*|harm\w*|helpful\w*|"
    r"safety\w*|\d+)['\"]?[ \t]*:[ \t]*\S|^[ \t]*-[ \t]+\d*\.\d+[ \t]*$"
)
_MIXED = (
    r"(?i)(?:^|[/_.-])(?:mix(?:ture)?|pre_?train\w*|train(?:ing)?|sft|curation|data_?mix|"
    r"label_?map|labels?|dvc|datasets?|corpus|sampling|blend|params|ppo|grpo|dpo|rlhf|"
    r"rewards?)(?:[/_.-][\w-]*)?\.(?:ya?ml|json|toml)$|"
    r"(?:^|/)(?:configs?|conf)/(?:train|data|curation|pre_?train|sft)[\w-]*[/.]"
)
"""Settings that name the data of a training run."""
_ENTRY = (
    r"(?i)^[ \t]*(?:-[ \t]*)?\{?[ \t]*(?:['\"]?[\w.-]*(?:filter|pattern|param|lang|min|max|thresh|"
    r"weight|ratio|prob|rate|seed|split|sampl|dedup|source|dataset|path|quality|score|mode|method|"
    r"func|step|limit|size|keep|exclu|allow|block|ignore|label|name|type|key|rule|"
    r"cmd)[\w.-]*['\"]?[ \t]*[:=][ \t]*\S|"
    r"['\"][^'\"]+['\"],?[ \t]*$|-[ \t]+\S)"
)
"""An entry of settings that choose."""
_OF_EXAMPLES = (
    r"(?i)(?:sampl(?:e|er|es|ing)(?:_|\b|\()|shuffl|\bfilter(?:s|ed)?\b|_filter(?:s|ed)?\b|dedup|"
    r"(?:sample|class|data\w*|mixture|loss|domain)_?weight|\bweights?\b|\.split\(|splits?\b|"
    r"labels?\b|(?:loss|label|prompt|completion|train)_mask|\bmix(?:ing|ture|er|_)|(?:\b|"
    r"_)prob(?:s|abilit\w+)?\b|ratio\b|thresh|seed|truncat|max_?(?:seq|len|tok)|min_?len|"
    r"\bpacking|interleav|epoch|\bskip|drop_?(?:last|na|dup\w*|short|long)|quality|margin|chosen|"
    r"reject|accept|\blang|\blen\([^\n]*[<>]|oversampl|balanc|ignore_index|-100\b|stopping_strategy|num_(?:samples|"
    r"examples))"
)
"""What a line that takes or leaves examples speaks of, in a program that does more than that."""
_GIVEN_ON = r"\b([A-Za-z_]\w*)=([A-Za-z_]\w*)\b"
_HANDED_ON = (
    r"^(?:,(?:\w+=)?\w*(?:args|config|cfg|settings|params)\.\w+|"
    r"\w*(?:args|config|cfg|settings|params)\.\w+,)$"
)
"""A setting, as one more argument of a call."""
_DECIDES_THERE = r"^[ \t]*(?:if|elif|while|for|return|yield|continue|assert)\b|[<>]|[!=]=|\bin\b|\["
_SAYS = (
    r"(?i)^[ \t]*['\"]?(?:description|desc|version|author|title|comment|notes?|owner|url|homepage|"
    r"licen[cs]e)['\"]?[ \t]*:"
)
_CELL = r"^[ \t]*\"(?:\w+\":|[^\"]*\"[ \t]*:)"
"""A key of a notebook, whose cells are lines of text."""
_ELSEWHERE = frozenset(
    {Label.TEST, Label.DOCS, Label.LOCK, Label.VENDORED, Label.MIGRATION, Label.EVALUATION}
)
_MADE = frozenset({Label.GENERATED, Label.DATA, Label.MANIFEST, Label.AGENT_INSTRUCTIONS})
_NO_MIXTURE = _ELSEWHERE | {Label.PIPELINE, Label.CI}


def check(view: View) -> Iterator[Hit]:
    """Mark what decides what a model learns: where all of a file does, and by words elsewhere."""
    for file in view.labelled(Label.TRAINING, Label.DATASETS):
        if file.status in {"M", "R"} and file.labels.isdisjoint(_ELSEWHERE):
            yield from _prepared(file)
    yield from _named(view)
    yield from _sieved(view)
    yield from _given(view)
    for regex, told in (
        (_LEFT_OUT, "examples are left out by name"),
        (_RELABELS, "a label is set to a value of the code's own"),
        (_SETTING, "how examples of training data are chosen is set otherwise"),
    ):
        for file in filter(_learns, view.where(regex, side=Side.NEW)):
            for line in file.new(regex):
                yield Hit.at(file, line, told)
    for file in filter(_is_mixture, view.where(_MIXTURE, side=Side.OLD)):
        yield from _lines(file, _MIXTURE)


def _named(view: View) -> Iterator[Hit]:
    """Tell lines whose words say it: in programs by whose path it can be meant, or in any."""
    for file in filter(_learns, view.where(_TRAINING, side=Side.OLD)):
        yield from _lines(file, _TRAINING)
    for file in filter(_is_program, view.where(_ANYWHERE, side=Side.OLD)):
        if not _learns(file):
            yield from _lines(file, _ANYWHERE)


def _sieved(view: View) -> Iterator[Hit]:
    """Tell functions that keep or drop an example otherwise, and lists of what is left out."""
    for file in filter(_is_program, view.where(SAMPLE)):
        if Label.TRAINING not in file.labels:
            for choice in sieved(file):
                told = f"what decides which examples are kept is {choice.what}"
                yield Hit.on(file, choice.number, choice.text, told, side=choice.side)
    for file in filter(_is_program, view.where(LEFT_OUT, side=Side.OLD)):
        for pair in excluded(file):
            yield Hit.on(file, pair.new_line, pair.new, "other examples are left out by name")


def _given(view: View) -> Iterator[Hit]:
    """Tell settings, programs and commands by which a training run is given other data."""
    told = "a model learns from other data, or they count otherwise"
    for file in view.labelled(Label.CONFIG):
        if file.status in {"M", "R"} and file.labels.isdisjoint(_NO_MIXTURE | _MADE):
            for entry, side in given(file):
                yield Hit.on(file, entry.number, entry.line, told, side=side)
    for file in filter(_is_program, view.where(NAMED, side=Side.OLD)):
        for pair in exchanged(file):
            yield Hit.on(file, pair.new_line, pair.new, told)
    for file in filter(_is_program, view.where(TAKES, side=Side.NEW)):
        for line in taken(file):
            yield Hit.at(file, line, "a model newly learns from some of its examples only")


def _prepared(file: FileView) -> Iterator[Hit]:
    """Tell what changes in a file that prepares examples, or does so among other things."""
    if Label.TRAINING not in file.labels:
        if Label.PIPELINE not in file.labels:
            yield from _chosen(file, _OF_EXAMPLES)
    elif Label.CONFIG in file.labels:
        yield from _entries(file)
    else:
        yield from _chosen(file)


def _chosen(file: FileView, wanted: str = "") -> Iterator[Hit]:
    """Tell the lines of a program that choose otherwise; of some, only those with such words."""
    is_notebook = fold(file.path).endswith(".ipynb")
    for choice in choices(file):
        if is_notebook and expression(_CELL).search(choice.text):
            continue
        if wanted and not expression(wanted).search(_said(choice.before + b"\n" + choice.text)):
            continue
        told = f"what decides which examples a model learns from is {choice.what}"
        severity = Severity.LOW if _is_handed_on(choice) else None
        yield Hit.on(file, choice.number, choice.text, told, side=choice.side, severity=severity)


def _is_handed_on(choice: Choice) -> bool:
    """Return whether a call that chooses nothing is only given one more setting."""
    if not choice.before or finds(f"{_OF_EXAMPLES}|{_DECIDES_THERE}")(choice.text):
        return False
    changed = changed_tokens(Pair(0, 0, choice.before, choice.text))
    came = b"".join(changed.came)
    return not (changed.gone or changed.swapped) and finds(_HANDED_ON)(came)


def _said(text: bytes) -> bytes:
    """Return a text without what is only passed on under its own name (``labels=labels``)."""
    return bytes(expression(_GIVEN_ON).sub(lambda a: b"" if a[1] == a[2] else a[0], text))


def _entries(file: FileView) -> Iterator[Hit]:
    """Tell entries of settings that have another value, come, or are gone."""
    return turnover(file, _ENTRY, "a setting of what a model learns from is {}", finds(_SAYS))


def _is_mixture(file: FileView) -> bool:
    """Return whether a file's settings name the data of a training run."""
    if Label.CONFIG not in file.labels or not file.labels.isdisjoint(_NO_MIXTURE):
        return False
    return expression(_MIXED).search(file.path.encode()) is not None


def _is_program(file: FileView) -> bool:
    """Return whether a file is a program that was there before."""
    return (
        Label.SOURCE in file.labels
        and file.labels.isdisjoint(_ELSEWHERE | {Label.PIPELINE})
        and file.status in {"M", "R"}
    )


def _learns(file: FileView) -> bool:
    """Return whether a file prepares what a model learns, by its path."""
    return (
        _is_program(file)
        and expression(_LEARNS).search(file.path.encode()) is not None
        and not expression(_SERVES).search(file.path.encode())
    )


def _lines(file: FileView, wanted: str) -> Iterator[Hit]:
    return turnover(file, wanted, "what decides what a model learns from is {}", finds(QUIET))


RULE = Rule(
    id="training-selection-changed",
    pathway=Pathway.DATA_POISONING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=5,
    summary="changes which examples a model learns from",
    triggers=(SAMPLE,),
    added_triggers=(TAKES, _RELABELS, _SETTING, _LEFT_OUT),
    removed_triggers=(LEFT_OUT, NAMED, _TRAINING, _MIXTURE, _ANYWHERE),
    wakes=frozenset({Label.TRAINING, Label.DATASETS, Label.CONFIG}),
    check=check,
)
