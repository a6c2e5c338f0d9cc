"""The payments team's code, in Go, SQL and YAML, and what is done to it week after week."""

import re
from random import Random

from reviewqueue.pipeline.demo.desk import Desk, Draft, Recipe, fill

ROOT = "services/payments"

_MODULE = """\
// Package @package@ keeps the @plural@ of the payments service.
package @package@

import (
	"context"
	"database/sql"
	"time"
)

const columns = "id, account_id, amount, currency, status, created_at"

// @Noun@ is one row of the @table@ table.
type @Noun@ struct {
	ID        string
	AccountID string
	Amount    int64 // minor units
	Currency  string
	Status    string
	CreatedAt time.Time
}

// Store reads and writes @plural@.
type Store struct {
	db *sql.DB
}

func (found *@Noun@) read(scan func(...any) error) error {
	return scan(
		&found.ID, &found.AccountID, &found.Amount,
		&found.Currency, &found.Status, &found.CreatedAt,
	)
}

// New returns a store on an open database.
func New(db *sql.DB) *Store {
	return &Store{db: db}
}

// Get returns one @noun@ by its id.
func (s *Store) Get(ctx context.Context, id string) (*@Noun@, error) {
	var found @Noun@
	row := s.db.QueryRowContext(ctx, "SELECT "+columns+" FROM @table@ WHERE id = $1", id)
	if err := found.read(row.Scan); err != nil {
		return nil, err
	}
	return &found, nil
}

// SetStatus moves a @noun@ to another status.
func (s *Store) SetStatus(ctx context.Context, id, status string) error {
	_, err := s.db.ExecContext(ctx, "UPDATE @table@ SET status = $2 WHERE id = $1", id, status)
	if err != nil {
		return err
	}
	return nil
}
"""

_TESTS = """\
package @package@

import "testing"

func TestNewKeepsTheDatabase(t *testing.T) {
	if New(nil) == nil {
		t.Fatal("want a store")
	}
}
"""

_QUERY = """
// @Method@ returns the @plural@ @sense@, newest first.
func (s *Store) @Method@(ctx context.Context, @arg@ @type@) ([]@Noun@, error) {
	const query = "SELECT " + columns + " FROM @table@ WHERE @where@"
	rows, err := s.db.QueryContext(ctx, query+" ORDER BY created_at DESC LIMIT 500", @arg@)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []@Noun@
	for rows.Next() {
		var one @Noun@
		if err := one.read(rows.Scan); err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, rows.Err()
}
"""

# Method, argument, type, condition, in words.
_QUERIES = (
    ("ListByAccount", "accountID", "string", "account_id = $1", "of one account"),
    ("ListByStatus", "status", "string", "status = $1", "in one status"),
    ("ListByCurrency", "currency", "string", "currency = $1", "in one currency"),
    ("ListSince", "since", "time.Time", "created_at >= $1", "made since a date"),
    ("ListBefore", "before", "time.Time", "created_at < $1", "made before a date"),
    ("ListAbove", "amount", "int64", "amount > $1", "above an amount"),
    ("ListByIDs", "ids", "[]string", "id = ANY($1)", "with the given ids"),
    ("ListStuck", "since", "time.Time", "status = 'pending' AND created_at < $1", "still pending"),
)

# Name, what it says of itself, the condition that must hold, the message.
_CHECKS = (
    ("positive amount", "HasAmount", "@v@.Amount > 0", "has an amount above zero"),
    ("known currency", "HasCurrency", "len(@v@.Currency) == 3", "names a three-letter currency"),
    ("owner", "HasAccount", '@v@.AccountID != ""', "belongs to an account"),
    ("open status", "IsOpen", '@v@.Status == "pending"', "is still pending"),
    ("final status", "IsFinal", '@v@.Status == "settled" || @v@.Status == "failed"', "is final"),
    ("zero date", "IsDated", "!@v@.CreatedAt.IsZero()", "carries the date it was made"),
)

# Column, Go field, SQL type, comment.
_COLUMNS = (
    ("external_id", "ExternalID", "TEXT", "the provider's own id"),
    ("reason", "Reason", "TEXT", "why it was made, for support"),
    ("batch_id", "BatchID", "TEXT", "the settlement batch it went out with"),
    ("updated_at", "UpdatedAt", "TIMESTAMPTZ", "when it last changed"),
    ("attempts", "Attempts", "INTEGER", "how often it was tried"),
    ("region", "Region", "TEXT", "where the account is kept"),
)
_GO_TYPES = {"TEXT": "string", "TIMESTAMPTZ": "time.Time", "INTEGER": "int"}

_NOUNS = (
    ("refunds", "Refund"),
    ("payouts", "Payout"),
    ("invoices", "Invoice"),
    ("disputes", "Dispute"),
    ("settlements", "Settlement"),
    ("transfers", "Transfer"),
    ("mandates", "Mandate"),
    ("charges", "Charge"),
    ("credits", "Credit"),
    ("holds", "Hold"),
    ("fees", "Fee"),
    ("receipts", "Receipt"),
)

_SETTINGS = {
    "request_timeout_seconds": (5, 8, 10, 12, 15),
    "database_pool_size": (10, 16, 20, 24, 32),
    "retry_attempts": (2, 3, 4, 5),
    "webhook_batch": (50, 100, 200, 250),
    "idempotency_hours": (24, 48, 72),
    "cache_seconds": (30, 60, 120, 300),
}
_MODULES = {
    "github.com/jackc/pgx/v5": "v5.5.{}",
    "github.com/google/uuid": "v1.6.{}",
    "github.com/prometheus/client_golang": "v1.19.{}",
    "github.com/stretchr/testify": "v1.9.{}",
    "golang.org/x/sync": "v0.{}.0",
    "go.opentelemetry.io/otel": "v1.{}.0",
}
_SECTIONS = (
    ("Replaying a day", "Stop the worker, run the replay for one day, then compare the totals."),
    (
        "When the provider is down",
        "The queue keeps what came in; nothing needs to be done by hand.",
    ),
    ("Totals do not match", "Compare the ledger with the provider's file, account by account."),
    ("Who to ask", "The team's channel in working hours; the person on call otherwise."),
    ("Backfilling a column", "Run it in batches of 10,000 rows, and watch the replica's lag."),
    ("Reading the dashboards", "The first row is what customers see; the rest explains it."),
)


def _words(package: str, noun: str) -> dict[str, str]:
    return {
        "package": package,
        "table": package,
        "plural": package,
        "Noun": noun,
        "noun": noun.lower(),
        "v": noun[0].lower(),
    }


def ground() -> dict[str, str]:
    """Return the payments team's files before the story starts."""
    files = {f"{ROOT}/go.mod": _go_mod(), f"{ROOT}/config/production.yaml": _config()}
    files[f"{ROOT}/README.md"] = (
        "# Payments\n\nTakes, keeps and pays out money. One package a noun, one table a package.\n"
    )
    for number, (package, noun) in enumerate(_NOUNS, start=1):
        words = _words(package, noun)
        files[f"{ROOT}/{package}/{package}.go"] = fill(_MODULE, words)
        files[f"{ROOT}/{package}/{package}_test.go"] = fill(_TESTS, words)
        files[f"{ROOT}/migrations/{number:04}_{package}.sql"] = (
            f"CREATE TABLE {package} (\n    id TEXT PRIMARY KEY,\n    account_id TEXT NOT NULL,\n"
            "    amount BIGINT NOT NULL,\n    currency CHAR(3) NOT NULL,\n"
            "    status TEXT NOT NULL DEFAULT 'pending',\n"
            "    created_at TIMESTAMPTZ NOT NULL DEFAULT now()\n);\n"
        )
        files[f"docs/runbooks/{package}.md"] = (
            f"# Runbook: {package}\n\nWhat to do when {package} need a hand.\n"
        )
    return files


def _go_mod() -> str:
    needs = "".join(f"\t{name} {version.format(1)}\n" for name, version in _MODULES.items())
    return f"module acme.example/platform/payments\n\ngo 1.23\n\nrequire (\n{needs})\n"


def _config() -> str:
    lines = "".join(f"{name}: {values[0]}\n" for name, values in _SETTINGS.items())
    return f"# Read at start; a change needs a restart.\n{lines}"


def _package(desk: Desk, rng: Random, *suffixes: str) -> dict[str, str] | None:
    """Return the words of a package whose files nobody holds."""
    candidates = list(_NOUNS)
    rng.shuffle(candidates)
    for package, noun in candidates:
        if desk.free(*(f"{ROOT}/{package}/{package}{suffix}" for suffix in suffixes)):
            return _words(package, noun)
    return None


def _source(words: dict[str, str]) -> str:
    return fill(f"{ROOT}/@package@/@package@.go", words)


def _test_file(words: dict[str, str]) -> str:
    return fill(f"{ROOT}/@package@/@package@_test.go", words)


def _import(text: str, name: str) -> str:
    """Add an import to a Go file, in order."""
    if f'\t"{name}"\n' in text:
        return text
    block = re.search(r"import \(\n((?:\t\".*\"\n)+)\)", text)
    if block is None:
        return text.replace('import "testing"\n', f'import (\n\t"testing"\n\t"{name}"\n)\n')
    names = sorted([*block[1].splitlines(keepends=True), f'\t"{name}"\n'])
    return text.replace(block[1], "".join(names))


def add_query(desk: Desk, rng: Random) -> Draft | None:
    """Add one more way to list a noun."""
    words = _package(desk, rng, ".go")
    if words is None:
        return None
    text = desk.files[_source(words)]
    method, arg, kind, where, sense = rng.choice(_QUERIES)
    if f") {method}(" in text:
        return None
    words |= {"Method": method, "arg": arg, "type": kind, "where": where, "sense": sense}
    return Draft(
        fill(f"@package@-{method.lower()}", words),
        fill(f"@package@: list {sense}", words),
        fill("Support asked for it; @Method@ caps at 500 rows like the other lists.", words),
        {_source(words): text + fill(_QUERY, words)},
    )


def add_check(desk: Desk, rng: Random) -> Draft | None:
    """Add a small predicate and its test."""
    words = _package(desk, rng, ".go", "_test.go")
    if words is None:
        return None
    text, tests = desk.files[_source(words)], desk.files[_test_file(words)]
    name, method, condition, sense = rng.choice(_CHECKS)
    if f") {method}(" in text:
        return None
    code = f"\n// {method} says whether the @noun@ {sense}.\n"
    code += f"func (@v@ @Noun@) {method}() bool {{\n\treturn {condition}\n}}\n"
    test = f"\nfunc Test{method}OnEmpty@Noun@(t *testing.T) {{\n\tif (@Noun@{{}}).{method}()"
    test += f' {{\n\t\tt.Error("an empty @noun@ {sense}")\n\t}}\n}}\n'
    return Draft(
        fill(f"@package@-{method.lower()}", words),
        fill(f"@package@: check the {name} in one place", words),
        f"Three callers repeated `{fill(condition, words)}`; they can use {method} now.",
        {
            _source(words): text + fill(code, words),
            _test_file(words): tests + fill(test, words),
        },
    )


def wrap_error(desk: Desk, rng: Random) -> Draft | None:
    """Say what failed where an error was passed on bare."""
    words = _package(desk, rng, ".go")
    if words is None:
        return None
    text = desk.files[_source(words)]
    bare = re.search(
        r"func \(s \*Store\) (\w+)\((?:(?!\nfunc ).)*?\n(\t+return (?:nil, )?)err\n",
        text,
        re.DOTALL,
    )
    if bare is None:
        return None
    verb = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare[1]).lower()
    start, end = bare.span(2)
    wrapped = f'{text[start:end]}fmt.Errorf("{words["package"]}: {verb}: %w", err)\n'
    return Draft(
        f"{words['package']}-wrap-{bare[1].lower()}",
        f"{words['package']}: say which query failed in {bare[1]}",
        "The log only said `sql: no rows in result set`; errors.Is still works.",
        {_source(words): _import(text[:start] + wrapped + text[bare.end() :], "fmt")},
    )


def add_timeout(desk: Desk, rng: Random) -> Draft | None:
    """Bound a method's time."""
    words = _package(desk, rng, ".go")
    if words is None:
        return None
    text = desk.files[_source(words)]
    heads = re.findall(r"func \(s \*Store\) \w+\(ctx .*\{\n(?!\tctx, cancel)", text)
    if not heads:
        return None
    head = rng.choice(heads)
    seconds = rng.choice((2, 3, 5))
    bound = f"\tctx, cancel := context.WithTimeout(ctx, {seconds}*time.Second)\n\tdefer cancel()\n"
    method = re.findall(r"\) (\w+)\(ctx", head)[0]
    return Draft(
        f"{words['package']}-timeout-{method.lower()}",
        f"{words['package']}: give {method} {seconds} seconds at most",
        "A slow replica held the request open until the balancer cut it.",
        {_source(words): text.replace(head, head + bound, 1)},
    )


def add_column(desk: Desk, rng: Random) -> Draft | None:
    """Add a column, in SQL and in Go."""
    words = _package(desk, rng, ".go")
    if words is None:
        return None
    text = desk.files[_source(words)]
    column, field, kind, sense = rng.choice(_COLUMNS)
    if f"\t{field} " in text:
        return None
    name = f"{column.replace('_', '-')}"
    migration = _next_migration(desk, f"{words['package']}_{column}")
    last = "\tCreatedAt time.Time\n"
    line = f"\t{field:<9} {_GO_TYPES[kind]} // {sense}\n"
    return Draft(
        f"{words['package']}-{name}",
        f"{words['package']}: keep {sense}",
        f"Adds `{column}`, nullable, so old rows need no backfill.",
        {
            migration: f"ALTER TABLE {words['table']} ADD COLUMN {column} {kind};\n",
            _source(words): text.replace(last, last + line, 1),
        },
    )


def add_index(desk: Desk, rng: Random) -> Draft | None:
    """Add an index for a list that became slow."""
    package, _ = rng.choice(_NOUNS)
    column = rng.choice(("account_id", "status", "created_at", "currency"))
    name = f"{package}_{column}_idx"
    if any(name in path for path in [*desk.files, *desk.held]):
        return None
    return Draft(
        f"index-{package}-{column.replace('_', '-')}",
        f"migrations: index {package} by {column}",
        f"The list by {column} read the whole table. Built concurrently, so writes go on.",
        {
            _next_migration(desk, name): (
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {package} ({column});\n"
            )
        },
    )


def _next_migration(desk: Desk, name: str) -> str:
    numbered = re.compile(rf"{ROOT}/migrations/(\d+)_")
    taken = [int(found[1]) for path in [*desk.files, *desk.held] if (found := numbered.match(path))]
    return f"{ROOT}/migrations/{max(taken) + 1:04}_{name}.sql"


def tune(desk: Desk, rng: Random) -> Draft | None:
    """Turn one knob of the configuration."""
    path = f"{ROOT}/config/production.yaml"
    name, values = rng.choice(list(_SETTINGS.items()))
    text = desk.files[path]
    now = int(re.findall(rf"^{name}: (\d+)", text, re.MULTILINE)[0])
    wanted = rng.choice([value for value in values if value != now])
    if not desk.free(path):
        return None
    spoken = name.replace("_", " ")
    return Draft(
        f"tune-{name.replace('_', '-')}",
        f"config: {spoken} from {now} to {wanted}",
        "Measured on staging over two days; p99 and error rate did not move.",
        {path: text.replace(f"{name}: {now}\n", f"{name}: {wanted}\n")},
    )


def bump(desk: Desk, rng: Random) -> Draft | None:
    """Take a newer version of a dependency."""
    path = f"{ROOT}/go.mod"
    if not desk.free(path):
        return None
    name, form = rng.choice(list(_MODULES.items()))
    text = desk.files[path]
    before, after = form.split("{}")
    found = re.search(re.escape(f"{name} {before}") + r"(\d+)" + re.escape(after), text)
    if found is None:
        return None
    now, new = int(found[1]), int(found[1]) + 1
    short = name.rsplit("/", 1)[1] if not name.endswith("/v5") else "pgx"
    return Draft(
        f"bump-{short}",
        f"deps: {short} {form.format(now)} to {form.format(new)}",
        "Bug fixes only, by its changelog. `go test ./...` passes.",
        {path: text.replace(found[0], f"{name} {form.format(new)}")},
    )


def write_runbook(desk: Desk, rng: Random) -> Draft | None:
    """Add a section to a runbook."""
    package, _ = rng.choice(_NOUNS)
    path = f"docs/runbooks/{package}.md"
    heading, text = rng.choice(_SECTIONS)
    if heading in desk.files[path] or not desk.free(path):
        return None
    return Draft(
        f"runbook-{package}",
        f"runbook: {package}, {heading.lower()}",
        "Written down after last week's handover.",
        {path: f"{desk.files[path]}\n## {heading}\n\n{text}\n"},
    )


RECIPES: list[tuple[int, Recipe]] = [
    (5, add_query),
    (4, add_check),
    (5, wrap_error),
    (3, add_timeout),
    (3, add_column),
    (2, add_index),
    (2, tune),
    (2, bump),
    (2, write_runbook),
]
