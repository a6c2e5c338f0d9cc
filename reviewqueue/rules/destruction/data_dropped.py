r"""Stored data that is dropped, emptied or deleted without a condition.

What it flags
    Databases, schemas, tables, partitions, columns and views dropped, in SQL or by the name
    that a framework for migrations has for it, with or without the word for what a table loses;
    a field unset in all documents; tables truncated; rows, documents or keys deleted with no
    condition, or with one less than before, in SQL, through an object mapper (Django,
    SQLAlchemy, Rails, Prisma, Sequelize, Laravel, Entity Framework, Mongo) or a client (Redis,
    S3, Elasticsearch, vector stores); commands that reset a database; migrations that lose data
    or cannot be undone; functions that are named for wiping everything; deletions of any kind
    under a title that speaks of purging, wiping or deleting all.

Why it matters
    A migration runs once, in production, and what it dropped is gone; code that empties a
    table does it wherever the connection string points that day.

How to review it
    Ask who still reads the table or column, and whether it was copied somewhere first.
    Ask what keeps this from running against production.
    Look for a backup that somebody has restored once.

Not flagged
    Deletes with a condition; the way back of a migration that only takes away what its way
    forward made (low); a view that the same file makes again; a constraint, a key or a default
    that goes; rows of a table that the same file makes or fills anew (low); a new file in which a
    tool wrote down a whole schema, where each dropped table is made again (low); tests that empty
    a table, or name what does (low); temporary tables and databases (low); prose weighs one
    level less.

Seen in
    Replit's agent, which deleted a production database during a code freeze (July 2025).
    ATT&CK T1485 (data destruction).
"""

import re
from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import ACTED_ON, Label, set_aside
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    Line,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
    is_named,
)
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import shown_after
from reviewqueue.scan.structure.kinds import is_tested
from reviewqueue.scan.structure.pairs import changed_tokens, exchanged, finds, pairs_losing
from reviewqueue.scan.structure.said import is_sentence

_RUNS = ACTED_ON | {Label.MIGRATION}
_CODE = frozenset({Label.SCRIPT, Label.SOURCE, Label.MIGRATION, Label.CI, Label.BUILD})
_TESTED = frozenset({Label.TEST})
_CHANGELOGS = ("*changelog*", "*.cql", "*.hql", "*.ddl")
_DROPS = (
    r"(?i:\bDROP\s+(?:TABLE|COLUMN|DATABASE|SCHEMA|KEYSPACE|COLLECTION|"
    r"(?:MATERIALIZED\s+)?VIEW|(?:SNAPSHOT|FOREIGN|EXTERNAL|DYNAMIC)\s+TABLE|STAGE|USER)\b)|"
    r"(?i:\bALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?[^\s;]+\s+(?:SET\s+UNUSED|"
    r"DROP\s+(?:IF\s+EXISTS\s+)?[\w`\"\[(]))|\b\w+\.Drop(?:Table|Column|View)\(&?\w|"
    r"(?i:^[ \t]+,?drop[ \t]+[`\"\[][\w $]+[`\"\]][ \t]*[,;]?[ \t]*$)|"
    r"\bremove(?:_if_exists)?[ (]+:\w|\.dropView\(|<dropView\b|"
    r"\b(?:op|\w*batch\w*|migrator|bop)\.drop_(?:table|column)\s*\(|"
    r"\b(?:t|table)\.(?:remove(?:_(?:column|columns|references|belongs_to))?[ (]+[:*\"']|"
    r"remove_timestamps\b)|"
    r"\bmigrations\.(?:DeleteModel|RemoveField)\s*\(|"
    r"\b(?:remove_(?:columns?|references?|belongs_to|timestamps|attachment)|"
    r"drop_(?:table|column|join_table))[ (]+[:\"']|\b(?:table|t|knex|schema|"
    r"queryInterface|queryRunner|migrationBuilder|Schema::)\.?(?:schema\.)?(?:drop(?:Table|Column|"
    r"Columns|IfExists|TableIfExists)|DropTable|DropColumn|removeColumn)\s*(?:<\w+>)?\s*\(|"
    r"->(?:drop(?:Columns?|Table|Timestamps(?:Tz)?|SoftDeletes(?:Tz)?|Morphs|RememberToken|"
    r"ConstrainedForeignId(?:For)?)|removeColumn)\s*\(|"
    r"Schema::drop(?:IfExists|Columns)?\s*\(|\bDelete\.(?:Column|Table)\(|\.Migrator\(\)\.Drop(?:Table|Column)\(|"
    r"<drop(?:Table|Column)\b|\bdrop(?:_if_exists)?[ (]+table\(:|"
    r"^[ \t]*(?:-[ \t]+)?['\"]?drop(?:Table|Column)['\"]?:[ \t]*(?:\{|$)|"
    r"\.(?:drop(?:Table|Column|Database|Collection)|removeColumn)\w*\(|\.dropSchema\("
)
_MAKES = (
    r"(?i:\bCREATE\s+TABLE\b|\bADD\s+COLUMN\b|\bCREATE\s+DATABASE\b|\bRENAME\s+TO\b)|"
    r"\bop\.(?:create_table|add_column)\s*\(|\bcreate_table\s+[:\"']|\badd_column\b|"
    r"\bcreateTable\s*\(|\bCreateTable\s*\(|\baddColumn\s*\(|\bAddColumn\b|Schema::create\("
)
_NO_DATA = (
    r"(?i)\bDROP\s+(?:IF\s+EXISTS\s+)?(?:CONSTRAINT|FOREIGN|PRIMARY|INDEX|KEY|CHECK|DEFAULT|"
    r"UNIQUE|NOT|IDENTITY|EXPRESSION|TRIGGER|PROJECTION|STATISTICS)\b"
)
"""What a table loses without losing what is in it."""
_REMOVES = r"\bremove(?:_if_exists)?[ (]+:\w"
"""A column of Ecto's that goes; anywhere else the name of something in memory."""
_OF_TABLE = r"\b(?:t|table)\.remove"
"""Likewise of Rails, in the block that changes a table."""
_VIEW = r"(?i)\bdrop\s*(?:materialized\s+)?view\b"
_VIEWED = (
    r"(?i)\bcreate\s+(?:or\s+(?:replace|alter)\s+)?(?:\w+\s+)?view\s+"
    r"(?:if\s+not\s+exists\s+)?[\"'`\[]?(?:\w+[\"'`\]]?\.[\"'`\[]?)?(\w+)"
)
_WAY_BACK = (
    r"(?i)^\s*(?:def\s+downgrade\b|def\s+down\b|(?:async\s+)?down\s*\(|"
    r"(?:public\s+)?(?:async\s+)?down\s*[(:=]|"
    r"exports\.down\b|export\s+(?:async\s+)?function\s+down\b|export\s+const\s+down\b|"
    r"(?:public|protected)\s[^\n]*\bDown\s*\(|--\s*(?:\+goose|migrate:|\+migrate)\s*down|"
    r"func\s+(?:\([^)]*\)\s*)?(?:Down|down)\w*\s*\()"
)
_FUNCTION_BACK = r"^[ \t]*Rollback[ \t]*:[ \t]*func\b"
"""The way back of a migration that is a value with a function for each way."""
_FUNCTION_FORTH = r"^[ \t]*(?:Migrate|Up|ID)[ \t]*:|^[ \t]*\}?[ \t]*func[ \t(]"
_DUMPED = r"^/\*!\d{5} SET |^-- (?:MySQL|MariaDB|PostgreSQL database) dump\b"
"""What a tool writes that writes a whole schema down."""
_CREATES = (
    r"(?im)^[ \t]*create\s+(?:unlogged\s+)?(?:table|view)\s+(?:if\s+not\s+exists\s+)?"
    r"[\"'`\[]?(?:\w+[\"'`\]]?\.[\"'`\[]?)?(\w+)|"
    r"^/\*!\d{5} (?:create|view) [^\n]*?view\s+`(\w+)`"
)
_DROPPED = (
    r"(?i)drop\s+(?:table|view)\s+(?:if\s+exists\s+)?[\"'`\[]?(?:\w+[\"'`\]]?\.[\"'`\[]?)?"
    r"(\w+)[\"'`\]]?[ \t]*(?:\*/)?;?[ \t]*$"
)
_GOES_BACK = r"(?i)(?:^|[/._-])down(?:grade)?(?:[/._-]|$)|rollback|revert"
"""The name of a file that only takes a migration back."""
_PASSING = r"(?i)\btemp(?:orary)?\b|_te?mp\b|\btmp_|_(?:old|backup|bak|staging)\b|DROP\s+TABLE\s+#"

_NAME = re.compile(rb"\w{3,}")
_WORDS = frozenset(
    b"drop table view column database schema exists not alter public dbo drop_table drop_column "
    b"droptable dropcolumn batch_op migrations removefield deletemodel queryinterface knex "
    b"queryrunner migrationbuilder model_name name await cascade self execute text".split()
)

_DELETES = (
    r"(?i:\bdelete\s+from\b[^\n]*\bwhere\b)|"
    r"\b(?:filter|where|exclude|filter_by|find_by|Where)\w*\([^\n]*\.(?:delete|destroy|remove)\w*\(|"
    r"\b(?:delete|remove|destroy)Many\s*\(\s*\{|\.Delete\(&"
)
"""A deletion with a condition on its line: a trigger."""
_TAKES = (
    r"(?i:\bdelete\s+from\b)|\b(?:session|db|tx|conn|em|prisma\.\w+|repo(?:sitory)?|queryset|qs|"
    r"query|client|api|request\.db)\.(?:delete|remove|destroy|hardDelete|Delete)\w*\s*\(|"
    r"\b(?:os\.remove|os\.unlink|shutil\.rmtree|os\.RemoveAll|fs\.rm(?:Sync)?|remove_dir_all|"
    r"unlinkSync)\s*\(|\.delete\(synchronize_session|\bDelete(?:Resource|Collection|All)\w*\s*\(|"
    r"\bfs::remove_file\s*\(|\b(?:delete|remove|destroy)Many\s*\("
)
"""What takes stored data away, one by one or many: weighed by what the title says of it."""
_ALL_ROWS = (
    r"(?i)\bdelete\s+from\s+[\w\"'`.{}$\[\]%-]+[\"'`]?\s*(?:;|[\"'`]{1,3}\s*[,);]|"
    r"[\"'`]{1,3}\s*$|[\"'`]{3}|\\n|where\s+(?:1\s*=\s*1|true)\b)"
)
_TABLE = r"(?i)\bdelete\s+from\s+[\"'`\[]?([\w.]+)"
_FILLS = (
    r"(?i)\b(?:insert\s+(?:or\s+\w+\s+)?into|"
    r"create\s+(?:temp\w*\s+)?table(?:\s+if\s+not\s+exists)?|"
    r"copy|replace\s+into)\s+[\"'`\[]?([\w.]+)"
)
"""What makes a table, or fills it anew."""
_WHOLESALE = (
    r"(?i)\b(?:nuk(?:e|es|ing)|wip(?:e|es|ing)(?:[\s-]?out)?|purg(?:e|es|ing)|obliterate|"
    r"hard[\s-]?delete|(?:delete|remove|clear|reset|drop|destroy|erase)\s+(?:all|every|"
    r"the\s+(?:database|db)|database|\w+\s+(?:database|db|tables?))|mass[\s-]?delet|"
    r"bulk[\s-]?(?:delet|purg|remov)|prun(?:e|ing)\s+(?:old|unused|stale|expired|inactive))\b"
)
_DENIED = (
    r"(?i)\b(?:don'?t|never|not|avoid|prevent|stop|fix(?:es|ed)?)\b[^\n]*"
    r"(?:wip|purg|nuk|delet|remov)"
)


_OF_PASSING_STORE = (
    r"^[ \t]*(?:await[ ])?[\w.]*drop_?(?:database|collection)[ \t]*\([ \t]*f?['\"]?"
    r"(?:te?mp|temporary|scratch)[_-]\w*['\"]?[ \t]*\);?[ \t]*$"
)
"""What is deleted is called temporary."""
_ONLY_NAMED = (
    r"^[ \t]*(?:(?:\w+\.)?patch\([ \t]*)?['\"][\w.]+\.drop_?database['\"][ \t]*[,)]*[ \t]*$"
)
"""The name of a function between quotes, and nothing else: a test puts a double in its place."""


def check(view: View) -> Iterator[Hit]:
    """Mark what is dropped; less, where the change also makes it, or only can go back."""
    title = view.subject.headline[:500].encode("utf-8", "replace")
    if expression(_WHOLESALE).search(title) and not expression(_DENIED).search(title):
        yield from _announced(view)
    for trigger, tells in ((_DROPS, _dropped), (_TAKES, _emptied)):
        for file in view.where(trigger, side=Side.NEW):
            if not file.labels.isdisjoint(_CODE) or is_named(file.path, _CHANGELOGS):
                yield from tells(file)
    for file in view.where(_DELETES, side=Side.OLD):
        if not (file.labels.isdisjoint(_CODE) or set_aside(file.labels)):
            yield from _less_held(file)


def _less_held(file: FileView) -> Iterator[Hit]:
    """Tell deletions that ask for less than before, and so take more away."""
    for pair in pairs_losing(file, _DELETES):
        if not finds(_DELETES)(pair.new):
            continue
        changed = changed_tokens(pair)
        asks = {b"=", b"==", b"and", b"AND", b"&&", b":", b"filter", b"where"}
        if not (changed.came or changed.swapped) and asks.intersection(changed.gone):
            yield exchanged(file, pair, "a deletion asks for less than before: it takes more away")


def _announced(view: View) -> Iterator[Hit]:
    """Tell which lines do what the title says: delete wholesale."""
    for file in view.where(_TAKES, side=Side.NEW):
        if not file.labels.isdisjoint(_CODE):
            for line in file.new(_TAKES):
                message = "the title speaks of deleting wholesale, and this takes data away"
                yield Hit.at(file, line, message, discountable=True)


def _emptied(file: FileView) -> Iterator[Hit]:
    """Tell deletions of all rows; less, where the file makes or fills the table, and in tests."""
    every = expression(_ALL_ROWS)
    lines = [line for line in file.new(_TAKES) if every.search(line.whole)]
    if not lines:
        return
    filled = {name.lower() for name in expression(_FILLS).findall(shown_after(file))}
    for line in lines:
        if is_sentence(file, line.whole) or expression(r"^\s*[A-Z][a-z]+ ``").search(line.whole):
            continue
        table = expression(_TABLE).search(line.whole)
        own = table is not None and table[1].lower() in filled
        mild = own or set_aside(file.labels)
        message = "deletes all rows: there is no condition on the line"
        severity = Severity.LOW if mild else Severity.MEDIUM
        yield Hit.at(file, line, message, severity=severity, discountable=True)


def _dropped(file: FileView) -> Iterator[Hit]:
    after = shown_after(file) if expression(_VIEW).search(file.added) else b""
    again = {name.lower() for name in expression(_VIEWED).findall(after)}
    lines = [line for line in file.new(_DROPS) if _loses(file, line, again)]
    if not lines:
        return
    goes_back = expression(_GOES_BACK).search(file.path.encode("utf-8", "replace")) is not None
    back_from = 0 if goes_back else _way_back(file)
    made = _made(file, lines) if expression(_MAKES).search(file.added) else {}
    remade, rolled_back = _written_down(file), _rolled_back(file)
    for line in lines:
        undoes = goes_back or (back_from and line.number and line.number > back_from)
        undoes = undoes or _is_made_again(line, remade) or line.number in rolled_back
        passing = expression(_PASSING).search(line.whole) is not None
        passing = passing or is_tested(file, line, _DROPS)
        last = line.number or 0
        mild = undoes or passing or Label.TEST in file.labels
        mild = mild or any(made.get(name, last) < last for name in _names(line))
        yield Hit.at(
            file,
            line,
            "drops a table, a column or more, and the data in it",
            severity=Severity.LOW if mild else Severity.MEDIUM,
            discountable=True,
        )


def _loses(file: FileView, line: Line, again: set[bytes]) -> bool:
    """Return whether a line takes data away: no mere constraint, no view that is made again."""
    text = line.whole
    if is_comment(text) or is_sentence(file, text):
        return False
    if expression(_OF_TABLE).search(text):
        return Label.MIGRATION in file.labels
    if expression(_REMOVES).search(text):
        return file.path.endswith(".exs")
    if expression(_VIEW).search(text):
        return again.isdisjoint(name.lower() for name in _names(line))
    return expression(_NO_DATA).search(text) is None


def _written_down(file: FileView) -> frozenset[bytes]:
    """Return what a new file makes in which a tool wrote a whole schema down; else nothing."""
    if file.status != "A" or Label.MIGRATION in file.labels:
        return frozenset()
    if not expression(_DUMPED).search(file.added):
        return frozenset()
    return frozenset(one or other for one, other in expression(_CREATES).findall(file.added))


def _is_made_again(line: Line, again: frozenset[bytes]) -> bool:
    dropped = expression(_DROPPED).search(line.whole.rstrip()) if again else None
    return dropped is not None and dropped[1] in again


def _rolled_back(file: FileView) -> frozenset[int | None]:
    """Return the lines of a new file's functions that take its migrations back."""
    back, forth = expression(_FUNCTION_BACK), expression(_FUNCTION_FORTH)
    if file.status != "A" or not back.search(file.added):
        return frozenset()
    found: set[int | None] = set()
    is_back = False
    for number, text in file.added_lines():
        is_back = bool(back.search(text)) or (is_back and not forth.search(text))
        if is_back:
            found.add(number)
    return frozenset(found)


def _way_back(file: FileView) -> int:
    """Return the line at which a migration's way back begins; 0 where it is not added."""
    back = expression(_WAY_BACK)
    if not back.search(file.added):
        return 0
    return next((number for number, text in file.added_lines() if back.search(text)), 0)


def _names(line: Line) -> set[bytes]:
    """Return what a line that drops can name."""
    return {name for name in _NAME.findall(line.whole) if name.lower() not in _WORDS}


def _made(file: FileView, lines: Sequence[Line]) -> dict[bytes, int]:
    """Return for each name that some lines drop the first added line that speaks of it.

    Lines that drop do not count: what stands above a drop, under its name, made it.
    """
    wanted = set().union(*map(_names, lines))
    drops = expression(_DROPS)
    found: dict[bytes, int] = {}
    for number, text in file.added_lines():
        here = wanted.intersection(_NAME.findall(text))
        if here and not drops.search(text) and not is_comment(text):
            found.update(dict.fromkeys(here, number))
            wanted -= here
    return found


RULE = Rule(
    id="data-dropped",
    pathway=Pathway.DESTRUCTION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="drops, empties or deletes stored data without a condition",
    patterns=(
        Pattern(
            r"\bTRUNCATE\s+(?:TABLE\s+)?[\w\"'`.\[{$]|(?i:\btruncate\s+table\b)|"
            r"\btruncate_(?:all|tables?)\b|\btruncate:\s*true|::truncate\(\)|DatabaseCleaner\.\w+|"
            r"\btruncateTables?\(",
            "empties a table",
            line=r"TRUNCATE\s+TABLE|(?i:truncate\s+table)|"
            r"TRUNCATE\s+[\w\"'`.\[{$]+\s*(?:[;,\"'`)]|CASCADE|"
            r"RESTART|$)|truncate_|truncate:|truncate\(\)|DatabaseCleaner|truncateTable",
            only=_CODE,
            slight=_TESTED,
        ),
        Pattern(
            r"(?i:\bdelete\s+from\s+[\w\"'`.\[\]]*(?:migration|schema_version|flyway|"
            r"alembic_version|audit|history|_log\b|_logs\b|journal|backup)\w*)",
            "deletes rows of a record that is kept to tell what happened",
            only=_CODE,
            never=frozenset({Label.TEST}),
        ),
        Pattern(
            r"\.objects(?:\.all\(\))?\.(?:all\(\)\.)?delete\s*\(|"
            r"\bdelete_many\s*\(\s*(?:\{\s*\}\s*)?\)|"
            r"\bdelete[Mm]any\s*\(\s*(?:\{\s*(?:where:\s*\{\s*\}\s*)?\}\s*)?\)|"
            r"\bdeleteMany\s*\(\s*\{\s*\}|\bDeleteMany\s*\([^\n]*bson\.[DM]\{\}|"
            r"\.(?:query|from)\([\w.]+\)\.delete\s*\(\s*\)|\b[A-Z]\w+\.(?:delete|destroy)_all\b|"
            r"\bdestroy\s*\(\s*\{\s*(?:where:\s*\{\s*\}|truncate)|::query\(\)->delete\(\)|"
            r"\.(?:ExecuteDelete(?:Async)?|RemoveRange)\s*\(\s*(?:_?\w*[cC]ontext\.\w+|"
            r"\w*[dD]b\.\w+)?\s*\)|\.deleteAll(?:InBatch)?\s*\(\s*\)|"
            r"\.remove\s*\(\s*\{\s*\}\s*[,)]|\.where\(\s*['\"]1\s*=\s*1['\"]\s*\)|"
            r"\bEnsureDeleted(?:Async)?\s*\(|Unscoped\(\)\.(?:Where\(\"1\s*=\s*1\"\)\.)?Delete\(|"
            r"AllowGlobalUpdate:\s*true",
            "deletes all rows or documents",
            only=_CODE,
            slight=_TESTED,
        ),
        Pattern(
            r"(?i:\bFLUSH(?:ALL|DB)\b)|\.flush_?(?:all|db)\s*\(|"
            r"\.drop_(?:database|collection)\s*\(|\bdropDatabase\s*\(|"
            r"\bdropCollection\s*\(|\.collection\([^\n]*\)\.drop\(|"
            r"\bMATCH\s*\(\w*\)\s*(?:OPTIONAL[^\n]*)?DETACH\s+DELETE|"
            r"\bdelete_by_query\b[^\n]*match_all|\.indices\.delete\s*\([^\n]*[*_]|"
            r"\bcurl\s[^\n]*-X\s*DELETE\s[^\n]*(?::9200|/_all\b|/\*|elastic|\$\{?ES|/collections/|"
            r"/indexes/)|\.delete_(?:bucket|table|dataset|collection|namespace|database|stack|"
            r"db_instance|db_cluster|snapshot|volume|cluster|topics?|index)\s*\(|"
            r"\.terminate_instances\s*\(|\.objects\.all\(\)\.delete\(|"
            r"\bobject_versions\.(?:all\(\)\.)?delete\(|\bnew\s+(?:DeleteBucket|DeleteTable|"
            r"DeleteDBInstance|DeleteStack|TerminateInstances)Command\b|\bDeleteCollection\s*\(|"
            r"\bdelete_collection_namespaced|\bpurge_?[qQ]ueue\s*\(|"
            r"\bkafka-topics\S*\s[^\n]*--delete\b|\bdeleteTopics\s*\(|"
            r"\bSkipFinalSnapshot\s*[=:]\s*[Tt]rue",
            "deletes a whole store: a database, bucket, index or queue",
            only=_CODE,
            slight=_TESTED,
            noted=_OF_PASSING_STORE,
        ),
        Pattern(
            r"\bdrop_?database\b",
            "deletes a whole store: a database, bucket, index or queue",
            only=_CODE,
            never=frozenset({Label.TEST}),
            noted=_OF_PASSING_STORE,
        ),
        Pattern(
            r"\bdrop_?database\b",
            "deletes a whole store: a database, bucket, index or queue",
            only=frozenset({Label.TEST}),
            never=frozenset({Label.DOCS, Label.DATA, Label.MEDIA, Label.LOCK}),
            noted=rf"{_OF_PASSING_STORE}|{_ONLY_NAMED}",
        ),
        Pattern(
            r"\bupdate_?[mM]any\s*\(\s*\{\s*\}\s*,[^\n]*\$unset",
            "takes a field out of all documents",
            only=_CODE,
        ),
        Pattern(
            r"\.drop_all\s*\(",
            "deletes a whole store: a database, bucket, index or queue",
            only=_CODE,
            never=frozenset({Label.TEST}),
        ),
        Pattern(
            r"(?i)\btask_id\s*=\s*f?['\"]\w*(?:delet|purg|clean|drop|prun|wip|remov|expir)",
            "a task that deletes newly runs by itself",
            only=frozenset({Label.PIPELINE}),
        ),
        Pattern(
            r"\bprisma\s+(?:migrate\s+reset|db\s+push\s[^\n]*--(?:accept-data-loss|force-reset))|"
            r"\bdb:(?:drop|reset|wipe|purge|nuke)\b|\bmigrate:(?:fresh|reset)\b|\bschema:drop\b|"
            r"\bmanage\.py\s+(?:flush|reset_db|sqlflush)\b|\bdropdb\b|"
            r"\bmysqladmin\s[^\n]*\bdrop\b|\bsupabase\s+db\s+reset\b|\bdrizzle-kit\s+drop\b|"
            r"\balembic\s+downgrade\s+base\b|\bflyway\s[^\n]*clean\b|"
            r"\bredis-cli\s[^\n]*(?i:flush)|\bsynchronize:\s*true,\s*dropSchema|"
            r"\bdropSchema:\s*true|\bsync\s*\(\s*\{\s*force:\s*true|"
            r"\bddl-auto\s*[:=]\s*create(?:-drop)?\b|\b(?:rails|rake)\s+db:(?:drop|reset)|"
            r"DISABLE_DATABASE_ENVIRONMENT_CHECK",
            "resets a database: everything in it is lost",
            only=_RUNS,
        ),
        Pattern(
            r"IrreversibleMigration\b|"
            r"\b(?:irreversible|not\s+reversible|cannot\s+be\s+(?:undone|reversed))\b|"
            r"\bdata\s+loss\b|\bdataloss\b",
            "a migration says of itself that it loses data or cannot be undone",
            only=frozenset({Label.MIGRATION}),
        ),
        Pattern(
            r"(?i:\b(?:wipe|nuke|erase|obliterate)_?\w*(?:database|_db|table|bucket|volume|"
            r"cluster|schema|all|data|everything|disk|storage|history)\w*\s*\()|(?i:\b(?:delete|"
            r"purge|destroy|drop|truncate)_?(?:all|every)(?:_?(?:[ac-eg-z]|b[a-xz]|"
            r"f[a-np-z])\w*)?\s*\()|"
            r"(?i:\b(?:reset|drop|destroy|purge|truncate)_?\w*(?:database|tables|schema)\s*\()",
            "a new function is named for deleting everything",
            line=r"(?:^|\s)(?:def|fn|func|function|fun|rpc|void|async|Task\S*|sub|"
            r"defp?)\s+(?:\([^)]*\)\s*)?\w*\s*\(|"
            r"(?:const|let)\s+\w+\s*=",
            severity=Severity.LOW,
            only=frozenset({Label.SOURCE, Label.SCRIPT}),
            never=frozenset({Label.TEST}),
        ),
    ),
    added_triggers=(_DROPS, _TAKES),
    removed_triggers=(_DELETES,),
    check=check,
    version=9,
)
