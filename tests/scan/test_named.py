"""What guards by its name alone."""

import pytest

from reviewqueue.scan.effects.named import BOUNDING, FIELD, bare_forms
from reviewqueue.scan.parser import parse
from reviewqueue.scan.structure.pairs import finds
from reviewqueue.scan.view import ChangedFile


def changed(old: list[str], new: list[str]) -> ChangedFile:
    """Return a page that has one line in common before and after."""
    head = "diff --git a/edit.cshtml b/edit.cshtml\nindex 1111111..2222222 100644\n"
    head += "--- a/edit.cshtml\n+++ b/edit.cshtml\n"
    head += f"@@ -1,{len(old) + 1} +1,{len(new) + 1} @@\n <p>\n"
    body = "".join(f"-{line}\n" for line in old) + "".join(f"+{line}\n" for line in new)
    (patch,) = parse((head + body).encode())
    return ChangedFile(patch)


TOKEN = "  @Html.AntiForgeryToken()"


@pytest.mark.parametrize(
    "line",
    [
        "jwt.WithValidMethods(methods)",
        ".withIssuer(name)",
        'require=["exp", "aud"]',
        "app.use(csurf({ cookie: true }))",
        "dialer.Control = stayOutside",
        "if ip.IsLoopback() {",
        "curl_setopt($ch, CURLOPT_PROTOCOLS, $https);",
    ],
)
def test_a_library_s_name_is_a_bound(line: str) -> None:
    assert finds(BOUNDING)(line.encode())
    assert not finds(BOUNDING)(b"dialer.KeepAlive = 5")


def test_a_form_that_stays_and_loses_its_token_is_bare() -> None:
    (line,) = bare_forms(changed([TOKEN], []))
    assert line.whole.decode() == TOKEN


def test_a_form_that_goes_with_its_token_is_not() -> None:
    assert not list(bare_forms(changed(["<form>", TOKEN, "</form>"], [])))
    assert not list(bare_forms(changed([TOKEN], ["  @csrf"])))
    assert not changed(["<h1>"], []).gone(FIELD)
