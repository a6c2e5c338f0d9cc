"""Whether a composed service goes as a whole, with what watched it."""

import pytest

from reviewqueue.scan.effects.whole_services import goes_whole
from reviewqueue.scan.parser import parse
from reviewqueue.scan.view import ChangedFile


def changed(body: str, path: str) -> ChangedFile:
    lines = body.splitlines()
    old = sum(line[0] in " -" for line in lines)
    new = sum(line[0] in " +" for line in lines)
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n"
    (patch,) = parse((head + "\n".join(lines) + "\n").encode())
    return ChangedFile(patch)


GONE = "-  photos:\n-    image: shop/photos\n-    healthcheck:\n-      test: ok\n"


def goes(body: str, path: str = "docker-compose.yml") -> bool:
    file = changed(" services:\n" + body, path)
    (number,) = (number for number, text in file.removed_lines() if b"healthcheck:" in text)
    return goes_whole(file, number)


def test_a_service_goes_with_its_health_check() -> None:
    assert goes(GONE)


@pytest.mark.parametrize(
    "body",
    [
        "   photos:\n-    image: shop/photos\n-    healthcheck:\n-      test: ok\n",
        "   photos:\n     image: shop/photos\n-    healthcheck:\n-      test: ok\n",
        GONE + "+  pictures:\n+    image: shop/photos\n",
        GONE.replace("photos:", "alertmanager:"),
        GONE.replace("shop/photos", "falcosecurity/falco"),
        "-  photos:\n-    healthcheck:\n-      test: ok\n",
    ],
)
def test_what_may_go_on_unwatched_does_not(body: str) -> None:
    assert not goes(body)


def test_other_files_compose_nothing() -> None:
    assert not goes(GONE, "deploy/values.yml")
