r"""How a result is scored, rewarded or counted, changed.

What it flags
    In files of evaluations, benchmarks, graders and rewards (by their path): a changed or
    removed line that computes, compares or returns a score, a reward, a grade or a
    metric; a function of that kind removed; fewer cases (a sample size, a slice, a filter
    on the instances); the model, seed or prompt that judges exchanged. Elsewhere: a
    changed line of a reward, an accuracy or a pass rate.

Why it matters
    Whoever sets how success is counted sets what is called success: a training run learns
    it, a release is decided by it, and the old and the new figures no longer compare.

How to review it
    Score the same outputs before and after, and ask for the reason of each difference.
    Look for cases that are left out, and for errors that newly count as passed.

Not flagged
    New evaluations; wording, imports, logging and types; screens that show scores.

Seen in
    METR (2025), "Recent frontier models are reward hacking": agents that change the code
    that scores them; DeepMind's list of examples of specification gaming.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.pairs import Pair, blocks, changed_tokens, paired
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression

_RESULT = (
    r"(?:score|reward|grade[^r]|accurac|precision|recall\b|\bf1\b|bleu|rouge|pass_?(?:rate|at|"
    r"ed)|\bpass@|"
    r"correct|resolved|success(?:ful)?(?:_?rate)?\b|exact_?match|metrics?\b|win_?rate|\bwin\b|"
    r"penalt|verdict|"
    r"is_pass|loss_?weight|advantage|fitness|ground_?truth|expected_?(?:answer|output)|judg(?:e|"
    r"ment)|"
    r"rubric|outcome|similarity|threshold|num_?(?:cases|samples|examples|instances|tasks|trials)|"
    r"eval_?(?:limit|n_limit|ids|split|set|subset)|n_?(?:samples|shots|trials)|max_?(?:samples|"
    r"instances|iterations|steps)|"
    r"\bgold|perplexity|few_?shot|\bchoices\b|unanswerable|"
    r"dataset|\bsplit\s*=|instances?\b|seed\b|temperature|test_?cases?|dropna|drop_duplicates|sample\()"
)
_COMPUTES = (
    r"=[^=]|\breturn\b|[<>]=?|==|[+*/-]=|\bif\b|\bassert\b|\.append\(|\.filter\(|\[:|=>|"
    r":\s*[\d.]+|\.index\("
)
_DEFINES = (
    r"^[ \t]*(?:(?:async|export|pub|public|static|private)[ \t]+)*(?:def|func|fn|function|"
    r"const)[ \t]+\w*"
    r"(?i:score|reward|grade|judge|metric|evaluat|accura|verif)\w*[ \t]*[(=<]"
)
_REWARD = (
    r"(?i)\b(?:reward|pass_?rate|accuracy|win_?rate|pass_?at_?\w+|f1_score|exact_match|reward_fn|"
    r"compute_score|total_reward|is_correct)\w*\s*(?:[-+*/]?=[^=]|\()"
)
_SHOWN = (
    r"(?i)^[ \t]*(?:import\b|from\b|#|//|/?\*|\"\"\"|use\b|package\b|@)|\blog(?:ger|ging)?\.|"
    r"console\.|"
    r"\bprint(?:ln)?!?\(|className|<\w+[ />]|\btype\b|\binterface\b|add_argument\(|help=|"
    r"description"
)
_CODE = frozenset({Label.SOURCE, Label.SCRIPT})
_SCREENS = (
    r"(?i)\.(?:tsx|jsx|vue|svelte|css|scss|html|md)$|/(?:components?|ui|pages|web|frontend|docs)/"
)
_SCORES = (
    r"(?i)(?:^|[/_-])(?:metrics?|scor(?:es?|ers?|ing)|grad(?:ers?|ing)|rewards?|judges?)\.\w+$"
)
"""Files that do nothing else: every line that computes counts."""
_TASK = (
    r"(?i)^[ \t]*-?[ \t]*['\"]?(?:doc_to_(?:target|choice|text|decontamination\w*)|metrics?|"
    r"metric_list|aggregation|higher_is_better|weight_by_size|filter(?:_list)?|regex(?:_pattern)?|"
    r"gold|answers?|targets?|expected\w*|num_fewshot|fewshot\w*|scor\w+|weights?|threshold|graders?|"
    r"rubric|judge\w*|ignore_(?:case|punctuation)|regexes_to_ignore|repeats|until|test_split|"
    r"max_gen_toks|temperature|passing\w*|tolerance)['\"]?[ \t]*:"
)
"""What the settings of an evaluation's task decide, by key."""
_NOUNS = r"reward\w*|scor\w+|grad\w+|metrics?|evals?|evaluations?|benchmarks?|judges?|rubrics?"


def check(view: View) -> Iterator[Hit]:
    """Mark scoring that changes where evaluations live, and rewards wherever they are."""
    screens = expression(_SCREENS)
    seen = set()
    for file in view.labelled(Label.EVALUATION):
        if _counts(file) and not screens.search(file.path.encode()):
            seen.add(file.path)
            scores = expression(_SCORES).search(file.path.encode())
            yield from _changed(file, "." if scores else _RESULT)
        elif file.status == "M" and Label.CONFIG in file.labels and Label.TEST not in file.labels:
            yield from _tasks(file)
    for file in view.where(_REWARD, side=Side.OLD):
        if file.path not in seen and _counts(file) and not screens.search(file.path.encode()):
            yield from _changed(file, _REWARD)


def _tasks(file: FileView) -> Iterator[Hit]:
    """Tell keys of a task's settings that have another value, or are gone."""
    told = "how a result is asked for or judged is changed"
    gone = file.gone(_TASK)
    for line in gone:
        yield Hit.at(file, line, told, side=Side.OLD)
    for line in file.new(_TASK) if not gone else ():
        yield Hit.at(file, line, told)


def _counts(file: FileView) -> bool:
    if Label.TEST in file.labels and Label.EVALUATION not in file.labels:
        return False
    return file.status in {"M", "R", "D"} and not file.labels.isdisjoint(_CODE)


def _changed(file: FileView, wanted: str) -> Iterator[Hit]:
    """Tell changed lines that compute a result, and removed functions that did."""
    result = expression(f"(?i){wanted}")
    computes, shown, defines = expression(_COMPUTES), expression(_SHOWN), expression(_DEFINES)
    for block in blocks(file):
        text = b"\n".join([text for _, text in (*block.old, *block.new)])
        if not block.old or not (result.search(text) or defines.search(text)):
            continue
        kept = set()
        for pair in paired(block):
            kept.add(pair.old_line)
            old, new = pair.old, pair.new
            if shown.search(old) or not (result.search(old) or result.search(new)):
                continue
            if computes.search(old) and _matters(pair):
                yield _hit(file, new, pair.new_line, "how a result is computed is changed")
        for number, text in block.old:
            if number in kept or shown.search(text):
                continue
            if defines.search(text) or (result.search(text) and computes.search(text)):
                yield _hit(file, text, number, "what computed a result is removed", side=Side.OLD)


def _matters(pair: Pair) -> bool:
    """Return whether more than names changes: a figure, an operator, a call, a condition."""
    changed = changed_tokens(pair)
    if changed.numbers or changed.switches:
        return True
    words = expression(r"^[A-Za-z_]")
    odd = [token for token in (*changed.gone, *changed.came) if not words.search(token)]
    return bool(odd) or len(changed.swapped) + len(changed.came) + len(changed.gone) > 1


def _hit(file: FileView, text: bytes, line: int, told: str, side: Side = Side.NEW) -> Hit:
    return Hit.on(file, line, text, told, side=side)


RULE = Rule(
    id="eval-scoring-changed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="changes how a result is scored, rewarded or counted",
    triggers=(_REWARD,),
    wakes=frozenset({Label.EVALUATION}),
    check=check,
)
