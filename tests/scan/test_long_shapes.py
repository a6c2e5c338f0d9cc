"""Many lines of one shape, each asked about what its whole file says: twice as many cost twice."""

import time
from collections.abc import Callable, Sequence

import pytest

from reviewqueue.forge.fast import searches
from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Subject

SCANNER = Scanner(catalogue(), b"long", searches(make=False))
_LEAST = 0.3
_MANY = 200


def changed(path: str, added: Sequence[str] = (), removed: Sequence[str] = ()) -> bytes:
    head = (
        f"diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\n--- a/{path}\n+++ b/{path}\n"
    )
    counts = f"@@ -{bool(removed):d},{len(removed)} +{bool(added):d},{len(added)} @@\n"
    lines = [*(f"-{line}" for line in removed), *(f"+{line}" for line in added), ""]
    return (head + counts + "\n".join(lines)).encode()


def each(count: int, *lines: str) -> list[str]:
    return [line.replace("#", str(at)) for at in range(count) for line in lines]


SHAPES: dict[str, Callable[[int], bytes]] = {
    "fetched as before": lambda n: changed(
        "install.sh",
        each(n, "curl -L https://github.com/a/b#/x.tar.gz -o x && chmod +x x#"),
        each(n, "curl -L https://github.com/a/b#/y.tar.gz -o x && chmod +x x#"),
    ),
    "drawn at random": lambda n: changed(
        "a.go", each(5 * n, "\tif _, err := rand.Read(nonce#); err != nil {")
    ),
    "other names in a lock": lambda n: changed(
        "package-lock.json",
        each(
            5 * n,
            '    "p#": {',
            '      "version": "npm:@a/p#@1.0.0",',
            '      "resolved": "https://r.acme.dev/@a/p#/-/p-1.0.0.tgz",',
            "    },",
        ),
    ),
    "events of a list": lambda n: changed(
        "src/Audit.ts", (), ["  AUDIT_EVENTS = [", *each(n, '    "documents.create#",')]
    ),
    "defaults that turn": lambda n: changed(
        "src/s.ts",
        each(n, "    default: false, // redact #"),
        each(n, "    default: true, // redact #"),
    ),
    "steps that may fail": lambda n: changed(
        ".github/workflows/ci.yml",
        each(n, "      - name: a#", "        run: make a#", "        continue-on-error: true"),
    ),
    "checks that may fail": lambda n: changed(
        ".github/workflows/ci.yml", each(n, "      - run: make test# || true")
    ),
    "scripts that go on": lambda n: changed("ci/check.sh", each(n, "set +e", "make a#")),
    "methods that go": lambda n: changed(
        "src/a.py", (), each(n, "    def check_permission_#(self):", "        return self.ok(#)")
    ),
    "calls given less": lambda n: changed(
        "src/a.py", (), each(n, "def verify_#(", "    key#,", "):", "    verify_#(key#, token)")
    ),
    "guards used at once": lambda n: changed(
        "src/a.ts",
        (),
        each(
            n,
            "  async (a) => {",
            "    const v# = await validatePath(a.p#);",
            "    return r(v#);",
            "  }",
        ),
    ),
    "jobs of one repository": lambda n: changed(
        ".github/workflows/a.yml",
        each(
            n,
            "  j#:",
            "    if: github.repository == 'a/b'",
            "    steps:",
            "    - uses: a/b/c#@main",
        ),
    ),
    "blocks of a folder": lambda n: changed(
        "a/x.tf", each(n, 'resource "aws_iam_role" "r#" {', "  policy = #", "}")
    ),
    "services and their checks": lambda n: changed(
        "docker-compose.yml",
        (),
        each(n, "  s#:", "    image: x#", "    healthcheck:", "      test: #"),
    ),
}


def seconds(patch: bytes) -> float:
    start = time.process_time()
    SCANNER.scan(Diff(patch), Subject(title="Say what"))
    return time.process_time() - start


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_as_many_lines_cost_twice(shape: str) -> None:
    for _ in range(3):
        four = seconds(SHAPES[shape](4 * _MANY))
        one = max(seconds(SHAPES[shape](_MANY)), _LEAST / 4)
        if four <= max(_LEAST, 8 * one):
            return
    pytest.fail("four times as many lines cost more than eight times as much")
