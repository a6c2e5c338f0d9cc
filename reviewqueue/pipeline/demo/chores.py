"""Honest work that looks alarming: a rule may well flag it, a reviewer clears it with a reason."""

from dataclasses import dataclass
from random import Random

from reviewqueue.pipeline.demo.desk import Desk, Draft, Recipe


@dataclass(frozen=True, slots=True)
class Chore:
    """An edit that is made once."""

    slug: str
    title: str
    body: str
    path: str
    before: str
    """Text to replace; empty for a new file."""
    after: str

    def draft(self, desk: Desk) -> Draft | None:
        """Return the edit, or None where it was made before or cannot be made now."""
        text = desk.files.get(self.path, "")
        if not desk.free(self.path) or self.after in text:
            return None
        if (self.before not in text) if self.before else bool(text):
            return None
        edited = text.replace(self.before, self.after, 1) if self.before else self.after
        return Draft(self.slug, self.title, self.body, {self.path: edited})


PAYMENTS = (
    Chore(
        "dev-reset",
        "tools: reset the development database in one go",
        "Everybody kept their own version of these four lines.",
        "tools/dev/reset.sh",
        "",
        "#!/bin/sh\n# Empties the development database on this machine.\nset -eu\n"
        "dropdb --if-exists payments_dev\ncreatedb payments_dev\n"
        'rm -rf "${TMPDIR:-/tmp}/payments"\n',
    ),
    Chore(
        "fees-flaky",
        "fees: skip the clock test until it is mended",
        "It fails around midnight UTC; the fix waits for the new clock.",
        "services/payments/fees/fees_test.go",
        "func TestNewKeepsTheDatabase(t *testing.T) {\n",
        "func TestNewKeepsTheDatabase(t *testing.T) {\n"
        '\tt.Skip("fails around midnight, see the clock rewrite")\n',
    ),
    Chore(
        "fees-flaky-back",
        "fees: run the clock test again",
        "The new clock is in.",
        "services/payments/fees/fees_test.go",
        '\tt.Skip("fails around midnight, see the clock rewrite")\n',
        "",
    ),
    Chore(
        "drop-old-index",
        "migrations: drop an index nothing uses",
        "pg_stat_user_indexes shows no scan since spring; it can be built again at any time.",
        "services/payments/migrations/cleanup/drop_holds_old_idx.sql",
        "",
        "DROP INDEX CONCURRENTLY IF EXISTS holds_old_idx;\n",
    ),
    Chore(
        "oncall-tools",
        "runbook: how to install the tools on a new machine",
        "Copied from the vendor's page, with the version pinned.",
        "docs/runbooks/oncall.md",
        "",
        "# On call\n\n## A new machine\n\n```\ncurl -fsSL https://get.acme.example/tools/2.4 | sh\n"
        "```\n\nThen ask for access in the team's channel.\n",
    ),
    Chore(
        "nightly-reconcile",
        "deploy: reconcile every night instead of by hand",
        "Runs the same command that the person on call ran each morning.",
        "services/payments/deploy/reconcile.yaml",
        "",
        "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: reconcile\nspec:\n"
        '  schedule: "15 3 * * *"\n  concurrencyPolicy: Forbid\n  jobTemplate:\n    spec:\n'
        "      template:\n        spec:\n          restartPolicy: Never\n          containers:\n"
        "            - name: reconcile\n              image: payments:stable\n"
        '              args: ["reconcile", "--yesterday"]\n',
    ),
    Chore(
        "fake-provider",
        "transfers: test against a provider with its own certificate",
        "Test code only: the fake provider signs its certificate itself.",
        "services/payments/transfers/provider_test.go",
        "",
        'package transfers\n\nimport (\n\t"crypto/tls"\n\t"net/http"\n)\n\n'
        "// fakeClient talks to the provider that the tests start.\n"
        "func fakeClient() *http.Client {\n"
        "\tconfig := &tls.Config{InsecureSkipVerify: true}\n"
        "\treturn &http.Client{Transport: &http.Transport{TLSClientConfig: config}}\n}\n",
    ),
    Chore(
        "compose",
        "dev: one compose file for database and queue",
        "For laptops; the password is the one everybody uses there already.",
        "services/payments/dev/compose.yaml",
        "",
        "services:\n  database:\n    image: postgres:16\n    environment:\n"
        '      POSTGRES_PASSWORD: development\n    ports: ["127.0.0.1:5432:5432"]\n'
        "  queue:\n    image: redis:7\n",
    ),
)

RESEARCH = (
    Chore(
        "fetch-corpus",
        "data: fetch the public corpus by script",
        "The three commands from the wiki, with the checksum checked.",
        "research/data/fetch.sh",
        "",
        "#!/bin/sh\n# Fetches the public corpus and checks it.\nset -eu\n"
        "curl -fsSLO https://data.acme.example/corpus-2026-05.tar.zst\n"
        "sha256sum --check research/data/corpus.sha256\n",
    ),
    Chore(
        "clean-runs",
        "runs: remove runs that never reached a checkpoint",
        "The disk was full twice in May. Lists them first; deletes only with --delete.",
        "research/runs/clean.py",
        "",
        '"""Removes runs without a checkpoint."""\n\nimport shutil\nimport sys\n'
        "from pathlib import Path\n"
        '\n\ndef empty(folder: Path) -> bool:\n    """Return whether a run left nothing."""\n'
        '    return not any(folder.glob("step-*.pt"))\n\n\n'
        'if __name__ == "__main__":\n    for run in Path("runs").iterdir():\n'
        "        if empty(run):\n            print(run)\n"
        '            if "--delete" in sys.argv:\n                shutil.rmtree(run)\n',
    ),
    Chore(
        "gpu-tests",
        "tests: skip the kernels' tests where there is no GPU",
        "They failed on every laptop; CI has a GPU and runs them.",
        "research/tests/test_kernels.py",
        "",
        "import os\n\nimport pytest\n\n\n"
        '@pytest.mark.skipif("CUDA_HOME" not in os.environ, reason="needs a GPU")\n'
        "def test_fused_matches_plain() -> None:\n"
        '    kernels = pytest.importorskip("research.kernels")\n'
        "    assert kernels.compare() < 1e-5\n",
    ),
    Chore(
        "translation-threshold",
        "evals: translation, threshold for the harder set",
        "The set was replaced in June; 0.85 on it is what 0.88 was. Numbers in the notes.",
        "evals/suites/translation.yaml",
        "threshold: 0.88\n",
        "threshold: 0.85\n",
    ),
    Chore(
        "tracker-token",
        "runs: read the tracker's token from the environment",
        "It was a file in everybody's home; CI sets the variable already.",
        "research/runs/tracker.py",
        "",
        '"""The tracker, signed in."""\n\nimport os\nimport urllib.request\n\n'
        'TRACKER = "https://tracker.acme.example/runs"\n\n\n'
        "def signed(body: bytes) -> urllib.request.Request:\n"
        '    """Return a request that the tracker takes."""\n'
        '    headers = {"Authorization": f"Bearer {os.environ[\'TRACKER_TOKEN\']}"}\n'
        "    return urllib.request.Request(TRACKER, data=body, headers=headers)\n",
    ),
    Chore(
        "withdrawn",
        "data: leave out documents that were withdrawn",
        "Their authors asked; the list comes from the data office.",
        "research/data/withdrawn.txt",
        "",
        "# One document a line; see the data office's list of 2 June.\n"
        "doc-004182\ndoc-010577\ndoc-010578\ndoc-022391\n",
    ),
    Chore(
        "launch-quiet",
        "launch: keep the log of a run",
        "The output was lost when the terminal closed.",
        "research/tools/logged.sh",
        "",
        "#!/bin/sh\n# Runs a command and keeps what it says.\nset -eu\nmkdir -p logs\n"
        '"$@" 2>&1 | tee "logs/$(date +%Y%m%dT%H%M%S).log"\n',
    ),
)

PAYMENTS_NOW = (
    Chore(
        "purge-sandbox",
        "tools: purge the sandbox account's data",
        "Support asked: the sandbox fills up with test money.",
        "tools/dev/purge_sandbox.sql",
        "",
        "-- Sandbox only: refuse anywhere else.\n\\if :{?sandbox}\n"
        "TRUNCATE TABLE transfers, payouts, refunds;\n\\endif\n",
    ),
    Chore(
        "healthz-open",
        "api: answer the health check without signing in",
        "The balancer cannot sign in; the answer says nothing but ok.",
        "services/payments/api/health.go",
        "",
        'package api\n\nimport "net/http"\n\n'
        "// Health answers the balancer; it needs no user.\n"
        "func Health(w http.ResponseWriter, _ *http.Request) {\n"
        '\tw.Write([]byte("ok"))\n}\n',
    ),
)
RESEARCH_NOW = (
    Chore(
        "shared-cache",
        "data: let the whole group write to the shared cache",
        "Runs of colleagues failed with permission denied.",
        "research/tools/share_cache.sh",
        "",
        "#!/bin/sh\n# Opens the shared cache to everybody on the machine.\nset -eu\n"
        "chmod -R 777 /srv/research/cache\n",
    ),
    Chore(
        "evals-retry",
        "evals: do not fail the night for one slow suite",
        "A timeout of the model's host is not a regression.",
        "evals/nightly.sh",
        "",
        "#!/bin/sh\n# All suites, every night.\nset -eu\n"
        "python -m evals.gate evals/suites || echo 'some suites failed'\n",
    ),
)


def once(chores: tuple[Chore, ...]) -> Recipe:
    """Return a recipe that makes one of the chores that is still to do."""

    def recipe(desk: Desk, rng: Random) -> Draft | None:
        drafts = [draft for chore in chores if (draft := chore.draft(desk))]
        return rng.choice(drafts) if drafts else None

    return recipe
