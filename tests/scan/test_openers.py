"""What a changed line stands in: by indentation, or by its section."""

from reviewqueue.domain.finding import Side
from reviewqueue.scan.parser import parse
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.view import ChangedFile

YAML = b"""diff --git a/f.yml b/f.yml
--- a/f.yml
+++ b/f.yml
@@ -4,5 +4,5 @@
 auth:
   other: 1
   limits:
-    enabled: true
+    enabled: false
     rate: 3
"""
INI = b"""diff --git a/f.ini b/f.ini
--- a/f.ini
+++ b/f.ini
@@ -1,4 +1,4 @@
 [ui]
 theme = dark
 [auth]
-enabled = true
+enabled = false
"""


def test_it_tells_the_keys_that_a_line_stands_under() -> None:
    assert Openers(ChangedFile(parse(YAML)[0])).above(7) == b"  limits:\nauth:"


def test_it_tells_the_nearest_section() -> None:
    assert Openers(ChangedFile(parse(INI)[0])).above(4) == b"[auth]"
    assert Openers(ChangedFile(parse(INI)[0]), Side.OLD).above(4) == b"[auth]"


def test_it_tells_nothing_of_what_is_not_shown() -> None:
    openers = Openers(ChangedFile(parse(YAML)[0]))
    assert openers.above(1) == b""
    assert openers.above(4) == b""
