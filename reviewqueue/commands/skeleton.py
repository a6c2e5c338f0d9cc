"""A new rule to begin with: one file and its four diffs, which hold until they are edited."""

from pathlib import Path

from reviewqueue.domain.finding import Pathway

_RULE = '''"""One line: what this rule is about.

What it flags
    Added calls of `placeholder_call`. Say which text, in which files, in which languages.

Why it matters
    Say what somebody could do with it, and to whom.

How to review it
    Say what to open, what to ask, what an honest change of this kind looks like.

Not flagged
    Definitions of `placeholder_call`. Say what looks alike and is left alone.

Seen in
    Name the incident, the CVE or the technique. Without one the rule stays a preview.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.rule import Pattern, Rule, Stability

RULE = Rule(
    id="{id}",
    pathway=Pathway.{PATHWAY},
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.PREVIEW,
    summary="calls what this skeleton was not yet told",
    patterns=(
        Pattern(
            r"\\bplaceholder_call\\(",
            "calls placeholder_call, which is to be replaced",
            line=r"^[ \\t]*(?:\\w+[ \\t]*=[ \\t]*)?placeholder_call\\(",
        ),
    ),
)
'''
_NEW_FILE = """Expect: low app/report.py:5
diff --git a/app/report.py b/app/report.py
new file mode 100644
index 0000000..1111111
--- /dev/null
+++ b/app/report.py
@@ -0,0 +1,5 @@
+import placeholder
+
+
+def report(rows):
+    placeholder_call(rows)
"""
_ONE_LINE = """Expect: low app/tasks.py:3
diff --git a/app/tasks.py b/app/tasks.py
index 1111111..2222222 100644
--- a/app/tasks.py
+++ b/app/tasks.py
@@ -1,3 +1,4 @@
 def run(task):
     prepare(task)
+    done = placeholder_call(task.name)
     finish(task)
"""
_DEFINITION = """diff --git a/app/placeholder.py b/app/placeholder.py
new file mode 100644
index 0000000..1111111
--- /dev/null
+++ b/app/placeholder.py
@@ -0,0 +1,2 @@
+def placeholder_call(rows):
+    return rows
"""
_REMOVED = """diff --git a/app/tasks.py b/app/tasks.py
index 1111111..2222222 100644
--- a/app/tasks.py
+++ b/app/tasks.py
@@ -1,4 +1,3 @@
 def run(task):
     prepare(task)
-    done = placeholder_call(task.name)
     finish(task)
"""
_DIFFS = {
    "flagged-1.diff": _NEW_FILE,
    "flagged-2.diff": _ONE_LINE,
    "clean-1.diff": _DEFINITION,
    "clean-2.diff": _REMOVED,
}


def files(pathway: Pathway, rule_id: str) -> dict[Path, str]:
    """Return what to write, by path in a checkout."""
    rule = Path("reviewqueue/rules", pathway, f"{rule_id.replace('-', '_')}.py")
    samples = Path("tests/rules", pathway, rule_id)
    text = _RULE.replace("{id}", rule_id).replace("{PATHWAY}", pathway.name)
    return {rule: text, **{samples / name: diff for name, diff in _DIFFS.items()}}
