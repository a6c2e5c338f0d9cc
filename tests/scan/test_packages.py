"""What a manifest's line names, and what is widely used in which ecosystem."""

import pytest

from reviewqueue.scan.parser import parse
from reviewqueue.scan.structure.packages import is_known, named, popular, version
from reviewqueue.scan.view import ChangedFile

_DIFF = """diff --git a/{path} b/{path}
index 1111111..2222222 100644
--- a/{path}
+++ b/{path}
@@ -1 +1,2 @@
 first
+second
"""


def _file(path: str) -> ChangedFile:
    return ChangedFile(parse(_DIFF.format(path=path).encode())[0])


@pytest.mark.parametrize(
    ("path", "line", "name"),
    [
        ("package.json", '    "pipe-flattener": "^0.1.0",', "pipe-flattener"),
        ("package.json", '    "@oak/table": "8.0.0",', "@oak/table"),
        ("composer.json", '    "oaklabs/request-signer": "^0.1",', "oaklabs/request-signer"),
        ("requirements.txt", "Flask==3.0.0", "flask"),
        ("requirements.txt", "flask", "flask"),
        ("Requirements.TXT", "flask", "flask"),
        ("pyproject.toml", '  "column-signer>=2.4",', "column-signer"),
        ("Cargo.toml", 'decimal_fast = { version = "0.1" }', "decimal_fast"),
        ("go.mod", "\tgithub.com/oaklabs/lathe v1.2.0", "github.com/oaklabs/lathe"),
        ("Gemfile", "gem 'strong_check'", "strong_check"),
        ("pom.xml", "    <artifactId>lathe-core</artifactId>", "lathe-core"),
        ("App.csproj", '<PackageReference Include="Birch.Sponsor" />', "birch.sponsor"),
        ("package.json", '  "version": "1.0.0",', ""),
        ("pyproject.toml", "flask", ""),
    ],
)
def test_it_reads_what_a_line_names(path: str, line: str, name: str) -> None:
    assert named(_file(path), line.encode()) == name


def test_it_reads_a_version() -> None:
    assert version(b'"pipe-flattener": "^0.1.2",') == "0.1.2"
    assert version(b"flask") == ""


@pytest.mark.parametrize(
    ("path", "name", "known"),
    [
        ("web/package.json", "zod", True),
        ("requirements-dev.txt", "zod", False),
        ("requirements-dev.txt", "python-dotenv", True),
        ("Cargo.toml", "serde", True),
        ("Gemfile", "rails", True),
        ("lathe.gemspec", "rails", True),
        ("go.mod", "golang.org/x/net", True),
        ("go.mod", "github.com/oaklabs/lathe", False),
        ("pom.xml", "org.apache.commons", True),
    ],
)
def test_it_knows_what_is_widely_used_where(path: str, name: str, known: bool) -> None:  # noqa: FBT001 -- a case
    assert is_known(path, name) is known


def test_it_keeps_the_ecosystems_apart() -> None:
    assert "dotenv" in popular("package.json")
    assert "dotenv" not in popular("requirements.txt")
