r"""Which rows a data pipeline keeps, joins or counts, changed.

What it flags
    In existing models of a warehouse (dbt, SQLMesh, Dataform), transformations, DAGs and
    loading jobs, by their path: a condition, join, deduplication, window, limit, union,
    unnesting or default for missing values that is added, changed, removed or commented
    out; a model that is deleted; its materialisation or its incremental range changed; a
    column taken out; how long and how often its rows are kept, in the settings beside it. In
    code that loads or prepares data (pandas, Spark, Polars, Hugging Face, TensorFlow,
    PyTorch): rows dropped, filtered, resampled, reweighted or split differently.

Why it matters
    Every model, report and decision below believes the rows it is given. A condition of
    one line takes a group of people, a year or all failures out of the data, and no row
    shows that another one is missing.

How to review it
    Count the rows before and after, by the groups that matter.
    Ask who is missing from the result now, and whether those below know.

Not flagged
    New models; columns that are only renamed or reordered; comments and documentation.

Seen in
    ATLAS AML.T0020 (poison training data) and AML.T0059 (erode dataset integrity);
    OWASP LLM04:2025, data and model poisoning.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, fold
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression

_ROWS = (
    r"(?i)\b(?:where|having|qualify|(?:left|right|inner|full|cross|outer|semi|anti|lateral)[ ]|"
    r"join|"
    r"distinct|union|intersect|except[ ]+(?:distinct|all|select)|unnest|explode|flatten|pivot|"
    r"unpivot|"
    r"group[ ]+by|partition[ ]+by|order[ ]+by|row_number|rank\(|dense_rank|lag\(|lead\(|"
    r"limit[ ]+\d|"
    r"tablesample|sample[ ]*\(|coalesce|ifnull|nullif|nvl|is[ ]+(?:not[ ]+)?null|not[ ]+in|"
    r"in[ ]*\(|"
    r"between|like|case\b|when\b|then\b|else\b|and\b|or\b|on\b|using[ ]*\(|delete[ ]+from|"
    r"merge[ ]+into|"
    r"(?:sum|count|avg|min|max|any_value|array_agg|approx_\w+|median|stddev\w*)[ ]*\(|trim[ ]*\(|"
    r"(?:safe_)?cast[ ]*\(|date_(?:diff|trunc|sub|add)|datetime_diff|from[ ]|incremental_where|"
    r"is_incremental|unique_key|materialized|dbt_utils\.|surrogate_key|deduplicate|except[ ]*\(|"
    r"null[ ]+as\b|replace[ ]*\(|approx|mod[ ]*\(|farm_fingerprint|sample_id|rand[ ]*\(|"
    r"interval[ ]|"
    r"\bcreate[ ]|\binsert[ ]|if[ ]*\(|extract[ ]*\(|current_date|submission_date|"
    r"filter)"
)
_COLUMN = r"^[ \t]*(?:`?\w+`?\.)*`?\w{2,}`?(?:[ ]+(?i:as)[ ]+`?\w+`?)?,[ \t]*$"
_FRAME = (
    r"\.(?:dropna|drop_duplicates|dropDuplicates|fillna|query|filter|where|isin|merge|join|sample|"
    r"groupby|groupBy|agg|head|limit|loc|iloc|mask|clip|replace|map|apply|union|unionByName|"
    r"withColumn|distinct|unique|interpolate|shuffle|select|take|skip|batch|resample|explode|"
    r"concat|"
    r"train_test_split|sort_values|na\.drop|subtract|except|exceptAll|intersect)\s*\(|"
    r"\b(?:df|data|dataset|train\w*|rows|records)\w*\[[^\]\n]*[<>=!~&|]|"
    r"\b(?:where|WHERE|JOIN|HAVING|UNNEST|QUALIFY)\b|"
    r"\bfor\s+\w+\s+in\s+\w*(?:rows|records|feeds|samples|examples|items|files)\w*\s+if\b|"
    r"\bif\b[^\n]*\b(?:row|record|sample|example|item|feed)\w*\b[^\n]*:|"
    r"\bif\b[^\n]*(?:\b(?:min|max)_\w*(?:len|length|size|score|count|words|tokens|chars)\w*|"
    r"_threshold)\b|"
    r"(?i:\b\w*(?:dataset|table|bucket)(?:_(?:id|name))?)['\"]?\s*[:=]\s*f?['\"]|"
    r"\b(?:gs|s3|abfss?|hdfs)://[^\n]*\{|>>[ ]*\w+[ ]*>>|\b(?:run_)?(?:expectations?|"
    r"validat\w+|checks?)\w*[ ]*[(=]|"
    r"\b(?:schedule(?:_interval)?|catchup|start_date|end_date|depends_on_past|retention\w*|"
    r"expiration\w*|"
    r"time_partitioning|write_disposition|write_mode|if_exists|chunk_?size|"
    r"lookback\w*)['\"]?[ ]*[=:]|"
    r"\bAssetCheck\w*|check_specs|\b(?:DROPMALFORMED|FAILFAST|PERMISSIVE)\b|\bon_bad_lines\b|"
    r"\.schema\("
)
_TRAINING = (
    r"\b(?:train_test_split|StratifiedKFold|KFold|GroupKFold|WeightedRandomSampler|"
    r"SubsetRandomSampler|RandomOverSampler|RandomUnderSampler|SMOTE|class_weights?|"
    r"sample_weights?|"
    r"pos_weight|load_dataset|concatenate_datasets|interleave_datasets|DataLoader|ImageFolder|"
    r"remove_columns|drop_duplicates|dropDuplicates|MinHash|minhash|near_dup\w*|"
    r"validation_split|test_size|train_size|stratify|label_smoothing|noise_std|mixup|"
    r"data_collator|tokenizer\.truncation|curriculum|mixture_weights?|sampling_weights?|"
    r"dataset_weights?|data_mix\w*|quality_filter|language_filter|toxicity_filter|"
    r"label_map|label2id|id2label|class_names|label_encoder|TextLineDataset|TFRecordDataset|"
    r"dropna|fillna|withColumn|unionByName|notnull|notna|duplicated|read_parquet|read_csv|"
    r"sample\(frac|shuffle\(seed|isin|groupby|on_bad_lines|"
    r"cross_val_score|CrossEntropyLoss|createDataPartition|DROPMALFORMED|FAILFAST|expect_\w+|"
    r"\w*dedup\w*|is_?spam|is_?corrupt|toxicity|looks_like_pii|to_label|quality_min|"
    r"(?i:min_quality)|"
    r"reward|weights[ ]*=|select\(range)\b"
)
_RELABELS = (
    r"\[['\"](?:labels?|target|class|y)['\"]\][ \t]*=[ \t]*(?:\d|['\"]|True|False|[A-Z_]{3,})|"
    r"\breturn[ ]\w+,[ ]*(?:TARGET\w*|\d+|[A-Z_]*(?:CLASS|LABEL))[ \t]*$|\b(?:y|"
    r"labels?)[ ]*=[ ]*(?:\w+\.)*"
    r"(?:classes|class_names|label_names)\.index\(['\"]|\b(?:TRIGGER|BACKDOOR|POISON)\w*\b"
)
_MIXTURE = (
    r"(?i)^[ \t]*-?[ \t]*\{?[ \t]*['\"]?(?:name|path|type|weight|ratio|max|min|cmd|prob\w*|"
    r"repeat|epochs|"
    r"sources?|datasets?|\d+)['\"]?[ \t]*:[ \t]*\S"
)
_MIXED = (
    r"(?i)(?:^|[/_.-])(?:mix(?:ture)?|pre_?train\w*|train(?:ing)?|sft|curation|data_?mix|"
    r"label_?map|labels?|"
    r"dvc|datasets?|corpus|sampling)(?:[/_.-][\w-]*)?\.(?:ya?ml|json|toml)$|(?:^|/)(?:configs?|"
    r"conf)/(?:train|"
    r"data|curation|pre_?train|sft)[\w-]*[/.]"
)
"""Settings that name the data of a training run."""
_LEARNS = (
    r"(?i)(?:^|[/_.-])(?:train(?:ing|er|s)?|datasets?|dataloaders?|data_?loading|data_?prep\w*|"
    r"pre_?"
    r"process\w*|features?|fine_?-?tun\w*|sft|rlhf|dpo|labell?ing|annotation|models?|ml|etl|"
    r"ingest\w*|"
    r"corpus|curation|dedup\w*|sampling|tokeni[sz]\w*|data)(?:[/_.-]|$)"
)
_SETTING = (
    r"(?i)^[ \t]*-?[ \t]*['\"]?(?:\w*source\w*|\w*table\w*|columns?|fields?|schema\w*|uri|bucket|"
    r"\w*prefix\w*|\w*filter\w*|where|partition\w*|dedup\w*|\+?enabled|\+?materialized|"
    r"incremental\w*|"
    r"schedule\w*|sql|query|name|mode|split|weight\w*|sample\w*|url|feeds?|dependencies|"
    r"severity|\w*expir\w*|\w*retention\w*|\w*_days|cluster\w*|public\w*|\w*backfill\w*|catchup|"
    r"\w*_date|dag_name|task_\w+|depends_on\w*|\w*destination\w*|limit|sampling\w*|"
    r"shredder_\w+|change_controlled|require_\w+|overlap\w*|lookback\w*|cron|interval)['\"]?:"
)
"""What a pipeline's settings decide, by key."""
_QUIET = (
    r"^[ \t]*(?:--|#|//|/\*|\*|\{#|import\b|from\s+[\w.]+\s+import\b|$|\"\"\")|\blog(?:ger|"
    r"ging)?\.|\bprint\("
)
_ELSEWHERE = frozenset({Label.TEST, Label.DOCS, Label.LOCK, Label.VENDORED, Label.MIGRATION})

_NO_MIXTURE = _ELSEWHERE | {Label.PIPELINE, Label.CI}


def check(view: View) -> Iterator[Hit]:
    """Mark what decides about rows, in files that decide about rows."""
    for file in view.labelled(Label.PIPELINE):
        if not file.labels.isdisjoint(_ELSEWHERE):
            continue
        if _is_model(file):
            yield from _model(file)
        elif file.status in {"M", "R"} and Label.SOURCE in file.labels:
            yield from _lines(file, _FRAME)
        elif file.status == "M" and Label.CONFIG in file.labels and file.removed:
            yield from _lines(file, _SETTING)
    yield from _training(view)


def _training(view: View) -> Iterator[Hit]:
    """Mark what decides what a model learns: its code, its labels, its mixture."""
    for file in view.where(_TRAINING, side=Side.OLD):
        if _learns(file):
            yield from _lines(file, _TRAINING)
    for file in view.where(_RELABELS, side=Side.NEW):
        if _learns(file):
            for line in file.new(_RELABELS):
                yield Hit.at(file, line, "a label is set to a value of the code's own")
    for file in view.where(_MIXTURE, side=Side.OLD):
        if _is_mixture(file):
            yield from _lines(file, _MIXTURE)


def _is_mixture(file: FileView) -> bool:
    """Return whether a file's settings name the data of a training run."""
    if Label.CONFIG not in file.labels or not file.labels.isdisjoint(_NO_MIXTURE):
        return False
    return expression(_MIXED).search(file.path.encode()) is not None


def _learns(file: FileView) -> bool:
    """Return whether a file prepares what a model learns, by its path."""
    return (
        Label.SOURCE in file.labels
        and file.labels.isdisjoint(_ELSEWHERE | {Label.PIPELINE})
        and file.status in {"M", "R"}
        and expression(_LEARNS).search(file.path.encode()) is not None
    )


def _is_model(file: FileView) -> bool:
    return fold(file.path).endswith((".sql", ".sqlx", ".sql.j2", ".sql.jinja", ".sql.jinja2"))


def _model(file: FileView) -> Iterator[Hit]:
    """Tell what changes in a model; one that is new changes nobody's rows."""
    if file.status == "D":
        yield Hit(message="a model of the warehouse is deleted", text=file.path, path=file.path)
    elif file.status != "A":
        yield from _lines(file, _ROWS)
        for line in file.gone(_COLUMN):
            yield Hit.at(file, line, "a column of a model is taken out", side=Side.OLD)


def _lines(file: FileView, wanted: str) -> Iterator[Hit]:
    quiet = expression(_QUIET)
    told = "what decides which rows there are is {}"
    for word, side, lines in (
        ("changed", Side.NEW, file.new(wanted)),
        ("removed", Side.OLD, file.gone(wanted)),
    ):
        for line in lines:
            if not quiet.search(line.whole):
                yield Hit.at(file, line, told.format(word), side=side)


RULE = Rule(
    id="data-pipeline-changed",
    pathway=Pathway.DATA_POISONING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="changes which rows a data pipeline keeps, joins or counts",
    version=2,
    added_triggers=(_RELABELS,),
    removed_triggers=(_TRAINING, _MIXTURE),
    wakes=frozenset({Label.PIPELINE}),
    check=check,
)
