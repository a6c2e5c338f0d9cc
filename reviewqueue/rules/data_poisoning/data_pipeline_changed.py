r"""Which rows a data pipeline keeps, joins or counts, changed.

What it flags
    In existing models of a warehouse (dbt, SQLMesh, Dataform), transformations, DAGs and
    loading jobs, by their path: a condition, join, deduplication, window, limit, union,
    unnesting or default for missing values that is added, changed, removed or commented
    out; a model that is deleted; its materialisation or its incremental range changed; a
    column taken out; how long and how often its rows are kept, and whether everybody may read
    them, in the settings beside it. In programs of such places: rows dropped, filtered, joined
    or read otherwise, filters and validators, and conditions that leave some out.

Why it matters
    Every model, report and decision below believes the rows it is given. A condition of
    one line takes a group of people, a year or all failures out of the data, and no row
    shows that another one is missing.

How to review it
    Count the rows before and after, by the groups that matter.
    Ask who is missing from the result now, and whether those below know.

Not flagged
    New models; columns that are only renamed or reordered; comments and documentation. What
    prepares examples for a model to learn from has a rule of its own. A program that serves
    pages, and lies in a folder that is called "warehouse" for another reason, is a low finding.

Seen in
    ATLAS AML.T0020 (poison training data) and AML.T0059 (erode dataset integrity);
    OWASP LLM04:2025, data and model poisoning.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, fold, labels
from reviewqueue.scan.effects.choices import choices
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.said import is_sentence
from reviewqueue.scan.structure.turnover import QUIET, turnover

_ROWS = (
    r"(?i)\b(?:where|having|qualify|(?:left|right|inner|full|cross|outer|semi|anti|lateral)[ ]|"
    r"join|distinct|union|intersect|except[ ]+(?:distinct|all|select)|unnest|explode|flatten|"
    r"pivot|unpivot|group[ ]+by|partition[ ]+by|order[ ]+by|row_number|rank\(|dense_rank|lag\(|"
    r"lead\(|limit(?:[ ]+\d|[ \t]*$)|tablesample|sample[ ]*\(|coalesce|ifnull|nullif|nvl|"
    r"is[ ]+(?:not[ ]+)?null|not[ ]+in|in[ ]*\(|between|like|case\b|when\b|then\b|else\b|and\b|"
    r"or\b|on\b|using[ ]*\(|delete[ ]+from|merge[ ]+into|(?:sum|count|avg|min|max|any_value|"
    r"array_agg|approx_\w+|median|stddev\w*)[ ]*\(|trim[ ]*\(|(?:safe_)?cast[ ]*\(|date_(?:diff|"
    r"trunc|sub|add)|datetime_diff|from[ ]|incremental_where|is_incremental|unique_key|"
    r"materialized|dbt_utils\.|surrogate_key|deduplicate|except[ ]*\(|null[ ]+as\b|replace[ ]*\(|"
    r"approx|mod[ ]*\(|farm_fingerprint|sample_id|rand[ ]*\(|interval[ ]|\bcreate[ ]|\binsert[ ]|"
    r"if[ ]*\(|extract[ ]*\(|current_date|submission_date|filter)|^[ \t]*\[[\"'`]"
)
_COLUMN = r"^[ \t]*(?:`?\w+`?\.)*`?\w{2,}`?(?:[ ]+(?i:as)[ ]+`?\w+`?)?,[ \t]*$"
_FRAME = (
    r"\.(?:dropna|drop_duplicates|dropDuplicates|fillna|query|filter|where|isin|merge|join|sample|"
    r"groupby|groupBy|agg|head|limit|loc|iloc|mask|clip|replace|map|apply|union|unionByName|"
    r"withColumn|distinct|unique|interpolate|shuffle|select|take|skip|batch|resample|explode|"
    r"concat|train_test_split|sort_values|na\.drop|subtract|except|exceptAll|intersect)\s*\(|"
    r"\b(?:df|data|dataset|train\w*|rows|records)\w*\[[^\]\n]*[<>=!~&|]|"
    r"\b(?:where|WHERE|JOIN|HAVING|UNNEST|QUALIFY)\b|"
    r"\bfor\s+\w+\s+in\s+\w*(?:rows|records|feeds|samples|examples|items|files)\w*\s+if\b|"
    r"\bif\b[^\n]*\b(?:row|record|sample|example|item|feed)\w*\b[^\n]*:|\bif\b[^\n]*(?:\b(?:min|"
    r"max)_\w*(?:len|length|size|score|count|words|tokens|chars)\w*|_threshold)\b|"
    r"(?i:\b\w*(?:dataset|table|bucket)(?:_(?:id|name))?)['\"]?\s*[:=]\s*f?['\"]|"
    r"\b(?:gs|s3|abfss?|hdfs)://[^\n]*\{|>>[ ]*\w+[ ]*>>|"
    r"\b(?:run_)?(?:expectations?|validat\w+|checks?)\w*[ ]*[(=]|\b(?:schedule(?:_interval)?|"
    r"catchup|start_date|end_date|depends_on_past|retention\w*|expiration\w*|time_partitioning|"
    r"write_disposition|write_mode|if_exists|chunk_?size|lookback\w*)['\"]?[ ]*[=:]|"
    r"\bAssetCheck\w*|check_specs|\b(?:DROPMALFORMED|FAILFAST|PERMISSIVE)\b|\bon_bad_lines\b|"
    r"\.schema\(|\b[A-Z]\w*(?:Filter|Dedup\w*|Sampler|Validator|Cleaner|Redactor|Anonymi[sz]er)\("
)
_SETTING = (
    r"(?i)^[ \t]*-?[ \t]*['\"]?(?:\w*source\w*|\w*table\w*|columns?|fields?|schema\w*|uri|bucket|"
    r"\w*prefix\w*|\w*filter\w*|where|partition\w*|dedup\w*|\+?enabled|\+?materialized|"
    r"incremental\w*|schedule\w*|sql|query|name|mode|split|weight\w*|sample\w*|url|feeds?|"
    r"dependencies|severity|\w*expir\w*|\w*retention\w*|\w*_days|cluster\w*|public\w*|"
    r"\w*backfill\w*|catchup|\w*_date|dag_name|task_\w+|depends_on\w*|\w*destination\w*|limit|"
    r"sampling\w*|shredder_\w+|change_controlled|require_\w+|overlap\w*|lookback\w*|cron|"
    r"interval)['\"]?:"
)
"""What a pipeline's settings decide, by key."""
_PUBLIC = (
    r"(?i)^[ \t]*['\"]?(?:public(?:_\w+)?|is_public|visibility)['\"]?:[ ]*['\"]?(?:true|public)\b"
)
_WAREHOUSE = re.compile(r"(?:^|(?<=/))warehouse/")
"""A folder with the name of where data are kept: also that of goods, or of packages."""
_PAGES = (
    r"(?:^|/)(?:templates|static|views|routes|forms)(?:/|\.\w+$)|"
    r"\.(?:html?|jinja2?|css|[jt]sx?|vue)$"
)
_SERVES = (
    r"\brequest\.(?:db|user|params|method|matchdict|POST|GET|session|find_service|route_\w+)\b|"
    r"\bdb\.Model\b|\bobject_session\(|@view_config|\bwtforms\b|\bMapped\[|\bmapped_column\(|"
    r"\bmodels\.Model\b|@(?:app|router|blueprint)\.(?:get|post|route)\("
)
"""What a program that answers requests, or keeps what these say, is made of."""
_TOOL = re.compile(
    r"(?:^|(?<=/))(?:prefect|snowflake|airflow|dagster|spark|bigquery|databricks|redshift|dbt|kafka|"
    r"luigi|beam|flink)/"
)
"""A folder with the name of a tool: also that of the tool's own source, or of what calls it."""
_DATA = (
    r"\bdf\b|(?i:\bselect\b|\brows?\b|\brecords?\b|dataset|\btables?\b|\.parquet|\.csv|jsonl)|"
    r"\b(?:pandas|pd|polars|pyspark|spark)\.|@(?:dag|task|flow|asset)\b|\bDAG\("
)
_OF_ROWS = r"^[ \t]*(?:el)?if\b|[ ]if[ ]|\.filter\(|\b(?:not[ ])?in[ ]|[<>]=?|[=!]=|\bcontinue\b"
_ELSEWHERE = frozenset({Label.TEST, Label.DOCS, Label.LOCK, Label.VENDORED, Label.MIGRATION})


def check(view: View) -> Iterator[Hit]:
    """Mark what decides about rows, in files that decide about rows."""
    for file in view.labelled(Label.PIPELINE):
        if not file.labels.isdisjoint(_ELSEWHERE):
            continue
        if _is_model(file):
            yield from _model(file)
        elif file.status in {"M", "R"} and Label.SOURCE in file.labels:
            mild = Severity.LOW if _serves_pages(file) or _is_only_named(file) else None
            for hit in (*_lines(file, _FRAME), *_chosen(file)):
                yield replace(hit, severity=mild or hit.severity)
        elif file.status == "M" and Label.CONFIG in file.labels and file.removed:
            yield from _lines(file, _SETTING)
        if Label.CONFIG in file.labels:
            for line in file.new(_PUBLIC):
                yield Hit.at(file, line, "rows are made public")


def _serves_pages(file: FileView) -> bool:
    """Return whether a program is one of a web application that only its folder's name belies.

    By what it was before the change, which cannot say so of itself.
    """
    path = fold(file.path)
    if Label.PIPELINE in labels(_WAREHOUSE.sub("", path)):
        return False
    text = b"\n".join([line for _, _, lines in file.hunks() for line in lines if line[:1] != b"+"])
    headings = b"\n".join(file.headings())
    return bool(
        expression(_PAGES).search(path.encode("utf-8", "replace"))
        or expression(_SERVES).search(text)
        or expression(_SERVES).search(headings)
    )


def _is_only_named(file: FileView) -> bool:
    """Return whether a program stands in a tool's folder, and nothing shown is about data."""
    path = _TOOL.sub("", fold(file.path))
    return Label.PIPELINE not in labels(path) and not expression(_DATA).search(shown(file))


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


def _chosen(file: FileView) -> Iterator[Hit]:
    """Tell conditions that leave rows out, or take them in, put into a program or taken away."""
    for choice in choices(file):
        if expression(_OF_ROWS).search(choice.before + b"\n" + choice.text):
            told = f"what decides which rows there are is {choice.what}"
            yield Hit.on(file, choice.number, choice.text, told, side=choice.side)


def _lines(file: FileView, wanted: str) -> Iterator[Hit]:
    def is_quiet(text: bytes) -> bool:
        return expression(QUIET).search(text) is not None or is_sentence(file, text)

    return turnover(file, wanted, "what decides which rows there are is {}", is_quiet)


RULE = Rule(
    id="data-pipeline-changed",
    pathway=Pathway.DATA_POISONING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="changes which rows a data pipeline keeps, joins or counts",
    version=5,
    wakes=frozenset({Label.PIPELINE}),
    check=check,
)
