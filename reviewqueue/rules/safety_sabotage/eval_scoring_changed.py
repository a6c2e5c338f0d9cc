r"""How a result is scored, rewarded or counted, changed.

What it flags
    In files of evaluations, benchmarks, graders and rewards (by their path): a changed or
    removed line that computes, compares or returns a score, a reward, a grade or a
    metric; a function of that kind removed; fewer cases (a sample size, a slice, a filter
    on the instances); another way out put into a function that scores, or a result given
    where there was none; the model, seed or prompt that judges exchanged; which metric is the
    main one; how a tested patch gets into its tree, what a judge's settings tell it. Elsewhere:
    what is given as the evaluation's data or as the answer that is scored; a changed line of a
    reward, an accuracy or a pass rate, another index into scores or predictions, a judge that
    is no longer asked, another expression that finds the answer, another scorer.

Why it matters
    Whoever sets how success is counted sets what is called success: a training run learns
    it, a release is decided by it, and the old and the new figures no longer compare.

How to review it
    Score the same outputs before and after, and ask for the reason of each difference.
    Look for cases that are left out, and for errors that newly count as passed.

Not flagged
    New evaluations; wording, imports, logging and types; screens that show scores; the same
    expression spelt in another way. A set of data that is called by the same name, with an owner
    in front of it now, is a low finding.

Seen in
    METR (2025), "Recent frontier models are reward hacking": agents that change the code
    that scores them; DeepMind's list of examples of specification gaming.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.choices import Names, is_only_wrapped
from reviewqueue.scan.effects.measured import APPLIED, FED, JUDGES, applied, fed, told
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.pairs import Block, Numbered, Pair, blocks, paired
from reviewqueue.scan.structure.said import is_sentence

_SCORE = (
    r"(?:score|reward|grade[^r]|accurac|precision|recall\b|\bf1\b|bleu|rouge|pass_?(?:rate|at|"
    r"ed)|\bpass@|"
    r"correct|resolved|success(?:ful)?(?:_?rate)?\b|exact_?match|win_?rate|\bwin\b|"
    r"penalt|verdict|"
    r"is_pass|\bpass\b|loss_?weight|advantage|fitness|ground_?truth|expected_?(?:answer|output)|"
    r"judg(?:e|"
    r"ment)|"
    r"rubric|outcome|similarity|threshold|num_?(?:cases|samples|examples|instances|tasks|trials)|"
    r"eval_?(?:limit|n_limit|ids|split|set|subset)|n_?(?:samples|shots|trials)|max_?(?:samples|"
    r"instances|iterations|steps)|"
    r"\bstderr[ ]*=|\bgold(?:s|_\w+)?\b|perplexity|few_?shot|\bchoices\b|unanswerable|"
    r"['\"_]acc['\"_]|log_?likelihood|bits_per_|post_?process|stop(?:ping|_seq|_words)|fallback|"
    r"extract_?(?:answer|pred|score|result|final)|preds?\b|predictions?\b|predict\(|"
    r"num_return|aggregat|normali[sz]|\.match(?:ed|es)?\b|--(?:limit|tasks?|subset|num[_-]\w+)\b)"
)
_CASES = (
    r"(?:metrics?\b|dataset|\bsplit\s*=|instances?\b|seed\b|temperature|test_?cases?|dropna|"
    r"drop_duplicates|sample\(|\bcases\b|gen(?:eration)?_(?:size|kwargs|length)|max_gen)"
)
"""What is common in such programs, and decides only together with a choice."""
_CHOOSES = (
    r"\[[^\]\n]*:|\.(?:filter|sample|select|head|take|query|isin|dropna|drop_duplicates|shuffle|"
    r"slice)\(|\bselect\(|"
    r"^[ \t]*(?:\}?[ ]*else[ ]+)?(?:el)?if\b[^\n]*(?:[=!]=|\bin\b|\bnot\b|\bis\b|[!]|len\()|"
    r"[<>]=?|\blimit|\bskip|continue|\bseed\w*[ ]*[=(:]|"
    r"temperature\w*[ ]*[=:]|\bsplit[ ]*=|"
    r"=[ ]*['\"]?\d|load_dataset\("
)
_RESULT = f"(?:{_SCORE}|{_CASES})"
_COMPUTES = (
    r"=[^=]|\breturn\b|[<>]=?|==|[+*/-]=|\bif\b|\bassert\b|\.append\(|\.filter\(|\[:|=>|"
    r":\s*[\d.]+|['\"][\w @]+['\"][ ]*:|\.index\(|\.(?:map\w*|reduce|average|mean|sum|count|"
    r"find)\(|[ ]--[a-z]|\bselect\(|\b\w+:[ ]*\[|"
    r"^[ \t]*(?:\w+\.[\w.]+|\w+\([^()]*\)),[ \t]*$"
)
_DEFINES = (
    r"^[ \t]*(?:(?:async|export|pub|public|static|private)[ \t]+)*(?:def|func|fn|function|"
    r"const)[ \t]+\w*"
    r"(?i:score|reward|grade|judge|metric|evaluat|accura|verif)\w*[ \t]*[(=<]"
)
_REWARD = (
    r"(?i)\b(?:reward|pass_?rate|accuracy|win_?rate|pass_?at_?\w+|f1_score|exact_match|reward_fn|"
    r"compute_score|total_reward|is_correct|precision_score|recall_score|roc_auc\w*|"
    r"mean_(?:squared|absolute)_error|classification_report|compute_metrics|success_rate|"
    r"resolve[d_]*rate|error_rate|hit_rate|word_error\w*|corpus_bleu|eval_(?:loss|score|result))\w*"
    r"\s*(?:[-+*/]?=[^=]|\()|"
    r"\b(?:\w*correct|passed|resolved|solved|successes|hits|n_pass\w*)[ ]*/[ ]*(?:\(?max\()?[a-z]|"
    r"(?:scores|logits|preds|predictions|rewards)\[|argmax\(|\bjudge\w*\(|_judge\w*\(|"
    r"['\"](?:is_)?(?:correct|accuracy|resolved)['\"][ ]*:|"
    r"\b(?:scorers?|graders?|reward_func\w*|judge_(?:model|llm)|eval_metric)['\"]?\s*[:=]\s*[\[\w'\"]|"
    r"\b(?:re\.[a-z]+|match|matchall|exec|regexp|compile|mustcompile|regex::new)\([^\n]*"
    r"(?:answer|boxed|####|\[a-[dejz]\]|verdict)"
)
_SCORED_BY = r"\b(?:scorers?|graders?|judges?|reward_func\w*|eval_metric)['\"]?\s*[:=]\s*[\[\w'\"]"
"""What scores, by its name."""
_JUDGES = r"(?i)(?:^|[/_-])(?:llm_?)?(?:judge|grader|rubric|critic)\w*(?:[/_.-]|$)"
_GRADES = (
    r"(?i)\b(?:give|grade|rate|score|mark|award|deduct|answer is|pass|fail|correct|only if|"
    r"points?)\b[^\n]*\b(?:\d+|if|when|unless|(?:in)?correct|right|wrong|facts?|pass|fail|accept\w*|reject\w*)\b"
)
"""What a judge is told to go by."""
_TESTS = r"(?i)(?:^|/)test_[^/]*$|_test\.\w+$|[.](?:test|spec)\.\w+$|(?:^|/)tests?/unit|^tests/"
"""Tests of what scores, which score nothing."""
_SHOWN = (
    r"(?i)^[ \t]*(?:import\b|from\b|#|//|/?\*|\"\"\"|use\b|package\b|@)|\blog(?:ger|ging)?\.|"
    r"console\.|"
    r"\bprint(?:ln)?!?\(|className|<\w+[ />]|^[ \t]*(?:export[ ]+)?(?:type|interface)\b|"
    r"add_argument\(|help=|"
    r"description\b|\b(?:torch_)?dtype\b|\bTYPE_CHECKING\b|"
    r"^[ \t]*(?:(?:async|export|static|private)[ ]+)*(?:def|func|fn|function)[ ]+_*"
    r"(?:print|show|render|display|draw|plot|dump|format_?(?:report|table|result))|"
    r"^[ \t]*[rf]{1,2}['\"][^\n]*:[,+]?\d*(?:\.\d+)?[df%]\}|"
    r"^[ \t]*(?:if|elif)[ ](?:!|\[+|test)[ ]*(?:![ ]*)?-[znfed][ ]|"
    r"(?-i:^[ \t]*[A-Z][a-z]+(?:[ ,][\w,'-]+){3,}[.:]?[ \t]*$)"
)
_NO_JUDGE = frozenset(
    {Label.EVALUATION, Label.TEST, Label.LOCK, Label.GENERATED, Label.CI, Label.AGENT_INSTRUCTIONS}
)
"""What is judged otherwise, or asked elsewhere."""
_CODE = frozenset({Label.SOURCE, Label.SCRIPT})
_SCREENS = (
    r"(?i)\.(?:tsx|jsx|vue|svelte|css|scss|html|md)$|(?:^|/)(?:components?|ui|pages|web|frontend|"
    r"docs|hooks)/"
)
_SCORES = (
    r"(?i)(?:^|[/_-])(?:metrics?|scor(?:es?|ers?|ing)|grad(?:e|ers?|ing)|rewards?|judges?|"
    r"log_parsers?|ground_truth\w*|answer_?\w*|\w*_?pars(?:er|ers|ing)|extract\w*|normali[sz]\w*|"
    r"match(?:er|ers|"
    r"ing)|"
    r"assertions?)(?:\.\w+$|/)"
)
"""Files that do nothing else: every line that computes counts."""
_APART = (
    r"(?i)^(?:[^/]+/)*[a-z\d]+(?:eval|bench)s?/(?:[^/]+/)*(?:models?|logging|loggers?|cli|utils?|"
    r"api|server|"
    r"clients?|backends?|config\w*|data_?models?)/|"
    r"^(?:[^/]+/)?[a-z\d]+(?:eval|bench)s?/(?:pipeline|main\w*|cli|config\w*|utils?|constants?|"
    r"_*init_*|setup)\.\w+$"
)
"""Parts of a program about evaluation that do not evaluate."""
_WAY_OUT = (
    r"^[ \t]*(?:return\b|continue\b|break\b)|^[ \t]*(?:\}?[ ]*else[ ]+)?(?:if|elif|unless)\b|"
    r"^[ \t]*[\w.\[\]]+[ ]*(?:[-+*/]=|=[ ]*(?:max|min|round|abs|re\.sub|1(?:\.0)?$|True$|"
    r"0(?:\.0)?$|\w+\.(?:lower|strip|"
    r"replace|split|filter|dropna)\())|\|\|[ ]*true"
)
_BEGINS = (
    r"^[ \t]*(?:(?:async|export|pub|public|static|private)[ ]+)*(?:def|class|func|fn|function|"
    r"@\w|import|from)\b"
)
_INSERTED = 12
"""Lines of an insertion up to which it is part of what was there."""
_MOST, _KEPT = 24, 2
"""Likewise, where it gives a result, and what it may take the place of."""
_TASK = (
    r"(?i)^[ \t]*-?[ \t]*['\"]?(?:doc_to_(?:target|choice|text|decontamination\w*)|metrics?|"
    r"metric_list|aggregation|higher_is_better|weight_by_size|filter(?:_list)?|regex(?:_pattern)?|"
    r"gold|samples\w*|dataset\w*|\w*split|class|answers?|targets?|expected\w*|num_fewshot|"
    r"fewshot\w*|main_\w+|primary_\w+|default_(?:metric|score)\w*|"
    r"\w*metric\w*|scor\w+|weights?|threshold|graders?|rubric|judge\w*|"
    r"ignore_(?:case|punctuation)|regexes_to_ignore|repeats|until|test_split|"
    r"max_gen_toks|temperature|passing\w*|tolerance|grader\w*|evaluator\w*|"
    r"eval_model|choice_\w+)['\"]?[ \t]*:"
)
"""What the settings of an evaluation's task decide, by key."""
_SET_OF_DATA = r"^[ \t]*dataset(?:_path)?[ \t]*:[ \t]*['\"]?([\w.-]+)['\"]?[ \t]*$"
_OWNED = r"^[ \t]*dataset(?:_path)?[ \t]*:[ \t]*['\"]?[\w.-]+/([\w.-]+)['\"]?[ \t]*$"
"""A set of data by its bare name, and by that of its owner, too."""
_PROMPTS = (
    r"(?i)(?:judg|grad(?:e|ing)|rubric|scor|evaluat|critic|verif)\w*(?:[/_.-][\w.-]*)?\.(?:txt|"
    r"prompt)$|"
    r"(?:judg|grader|grading|rubric|scor|eval)[\w/.-]*prompt[\w.-]*\.(?:txt|prompt|md)$|"
    r"prompts?/[\w/.-]*(?:judg|grader|grading|rubric|scor)[\w.-]*\.(?:txt|prompt|md)$"
)
_OTHERWISE = (
    r"^[ \t]*\}?[ ]*(?:else|elif|else[ ]if|except|catch|rescue|default|case|otherwise|if)\b|=>|\|\|"
)
_LEFT_OUT = r"\b(?:dataset|docs|examples|samples|test_(?:set|data)|eval_\w+)\.filter\("
"""Cases that are left out: a trigger."""
_GIVEN = (
    r"(?i)['\"]?\w*(?:accuracy|scores?|correct|reward|passed|f1|resolved|rmse|"
    r"is_valid)\w*['\"]?\]?[ ]*"
    r"(?:[:=]|=>)[ ]*[^=\s]"
)
"""A result, and what it is."""


def check(view: View) -> Iterator[Hit]:
    """Mark scoring that changes where evaluations live, and rewards wherever they are."""
    screens = expression(_SCREENS)
    seen = set()
    for file in view.labelled(Label.EVALUATION):
        if _counts(file) and not screens.search(file.path.encode()):
            seen.add(file.path)
            scores = expression(_SCORES).search(file.path.encode())
            apart = not scores and expression(_APART).search(file.path.encode())
            wanted = "." if scores else _SCORE if apart else _RESULT
            yield from _changed(file, wanted, inserts=not apart)
        elif file.status == "M" and Label.TEST not in file.labels:
            yield from _set(file) if Label.CONFIG in file.labels else _asked(file)
    for file in view.where(_REWARD, side=Side.OLD):
        if file.path not in seen and _counts(file) and not screens.search(file.path.encode()):
            yield from _changed(file, _REWARD)
    for file in view.labelled(Label.CONFIG):
        is_plain = file.status == "M" and file.labels.isdisjoint(_NO_JUDGE)
        if is_plain and expression(JUDGES).search(file.path.encode()):
            yield from _told(file)
    yield from _measured(view)


def _fewer(file: FileView) -> Iterator[Hit]:
    """Tell the cases that are newly left out of what is measured."""
    for line in file.new(_LEFT_OUT) if _is_task(file) else ():
        yield Hit.at(file, line, "cases are left out of what is measured")


def _is_task(file: FileView) -> bool:
    """Return whether a file prepares the cases of an evaluation."""
    return Label.EVALUATION in file.labels or b"def process_docs" in b"\n".join(
        (*file.headings(), shown(file))
    )


def _measured(view: View) -> Iterator[Hit]:
    """Tell what is measured, and on what, and how a tested patch is put into its tree."""
    for file in view.where(_LEFT_OUT, side=Side.NEW):
        yield from _fewer(file) if file.status == "M" and _counts(file) else ()
    for file in view.where(FED, side=Side.OLD):
        is_set = Label.CONFIG in file.labels and file.labels.isdisjoint(_NO_JUDGE)
        for pair in fed(file) if is_set or _counts(file) else ():
            message = "something else is measured, or on other cases"
            yield Hit.on(file, pair.new_line, pair.new, message)
    for file in filter(_counts, view.where(APPLIED, side=Side.NEW)):
        if Label.EVALUATION in file.labels:
            for number, text in applied(file):
                message = "what is tested is put into its tree, or tried, in another way"
                yield Hit.on(file, number, text, message)


def _set(file: FileView) -> Iterator[Hit]:
    """Tell what a task's settings ask or judge otherwise, by its keys or by its sentences."""
    hits = list(_tasks(file))
    yield from hits
    yield from _told(file) if not hits else ()


def _told(file: FileView) -> Iterator[Hit]:
    """Tell the first sentence, or choice, that a judge's settings no longer tell it."""
    for entry, side in told(file):
        yield Hit.on(file, entry.number, entry.line, "what a judge is told is changed", side=side)


def _tasks(file: FileView) -> Iterator[Hit]:
    """Tell keys of a task's settings that have another value, or are gone."""
    told = "how a result is asked for or judged is changed"
    gone, new = file.gone(_TASK), file.new(_TASK)
    values = [_value(line) for line in new]
    if gone and sorted(map(_value, gone)) == sorted(values):
        return
    owned = _owned(new)
    for line in gone:
        bare = expression(_SET_OF_DATA).search(line.whole)
        severity = Severity.LOW if bare and bare[1] in owned else None
        yield Hit.at(file, line, told, side=Side.OLD, severity=severity)
    for line in new if not gone else ():
        yield Hit.at(file, line, told)


def _owned(new: Sequence[Line]) -> frozenset[bytes]:
    """Return the names of sets of data that stand behind their owners' now."""
    found = (expression(_OWNED).search(line.whole) for line in new)
    return frozenset(one[1] for one in found if one)


def _asked(file: FileView) -> Iterator[Hit]:
    """Tell the first line of a judge's prompt that is another one, or gone."""
    if Label.DOCS in file.labels and expression(_PROMPTS).search(file.path.encode()):
        for number, text in file.removed_lines():
            if text.strip():
                yield Hit.on(file, number, text, "what a judge is asked is changed", side=Side.OLD)
                return


def _value(line: Line) -> bytes:
    """Return what stands after a key."""
    return line.whole.partition(b":")[2].strip().rstrip(b",")


def _counts(file: FileView) -> bool:
    if Label.TEST in file.labels and (
        Label.EVALUATION not in file.labels or expression(_TESTS).search(file.path.encode())
    ):
        return False
    return file.status in {"M", "R", "D"} and not file.labels.isdisjoint(_CODE)


def _changed(file: FileView, wanted: str, *, inserts: bool = False) -> Iterator[Hit]:
    """Tell changed lines that compute a result, and removed functions that did."""
    result, defines, names = expression(f"(?i){wanted}"), expression(_DEFINES), Names(file)
    for block in blocks(file):
        for number, line in _inserted(block, result) if inserts else ():
            yield Hit.on(file, number, line, "a result is given another way than before")
        text = b"\n".join([text for _, text in (*block.old, *block.new)])
        if block.old and (result.search(text) or defines.search(text)):
            yield from _compared(file, block, result, names)


def _compared(
    file: FileView,
    block: Block,
    result: Any,  # noqa: ANN401 -- re2
    names: Names,
) -> Iterator[Hit]:
    """Tell what of a block counts otherwise than before, unless it only stands in other lines."""
    computes, shown, defines = expression(_COMPUTES), expression(_SHOWN), expression(_DEFINES)
    if is_only_wrapped(block):
        return
    kept = set()
    for pair in paired(block):
        kept.add(pair.old_line)
        old, new = pair.old, pair.new
        if _is_told_a_judge(file, old, new):
            yield Hit.on(file, pair.new_line, new, "what a judge is asked is changed")
        elif shown.search(old) or not (_decides(old, result) or _decides(new, result)):
            continue
        elif computes.search(old) and (names.matters(pair) or _is_given_to(pair)):
            yield Hit.on(file, pair.new_line, new, "how a result is computed is changed")
    for number, text in block.old:
        if number in kept or (shown.search(text) and not _is_told_a_judge(file, text)):
            continue
        if _is_told_a_judge(file, text) and block.new:
            yield Hit.on(file, number, text, "what a judge is asked is changed", side=Side.OLD)
        elif defines.search(text) or (_decides(text, result) and computes.search(text)):
            yield Hit.on(file, number, text, "what computed a result is removed", side=Side.OLD)


def _is_told_a_judge(file: FileView, *texts: bytes) -> bool:
    """Return whether lines are sentences of what a judge goes by, in a judging program."""
    if not expression(_JUDGES).search(file.path.encode()):
        return False
    asks = expression(_GRADES)
    return any(map(asks.search, texts)) and all(is_sentence(file, text) for text in texts)


def _is_given_to(pair: Pair) -> bool:
    """Return whether what scores is named, and is another one."""
    given = expression(_SCORED_BY)
    return bool(given.search(pair.old) and given.search(pair.new))


def _decides(text: bytes, result: Any) -> bool:  # noqa: ANN401 -- re2 ships no types
    """Return whether a line speaks of a result, or chooses the cases it is got from."""
    if not result.search(text):
        return False
    if expression(f"(?i){_SCORE}").search(text) or not expression(f"(?i){_CASES}").search(text):
        return True
    return expression(_CHOOSES).search(text) is not None


def _inserted(block: Block, result: Any) -> Iterator[Numbered]:  # noqa: ANN401 -- as above
    """Yield what is put into a function that scores: another way out, another condition."""
    ways, shown = expression(_WAY_OUT), expression(_SHOWN)
    if len(block.new) - len(block.old) > _MOST or len(block.old) > _KEPT:
        return
    if any(expression(_BEGINS).search(text) for _, text in block.new):
        return
    there = {text.strip() for _, text in block.old}
    new = [(number, text) for number, text in block.new if text.strip() not in there]
    if any(expression(_OTHERWISE).search(text) for _, text in new):
        for number, text in new:
            if expression(_GIVEN).search(text) and not shown.search(text):
                yield number, text
                return
    if block.old or len(new) > _INSERTED:
        return
    for number, text in new:
        if ways.search(text) and not shown.search(text) and result.search(text):
            yield number, text
            return


RULE = Rule(
    id="eval-scoring-changed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="changes how a result is scored, rewarded or counted",
    version=8,
    triggers=(_REWARD,),
    added_triggers=(APPLIED, _LEFT_OUT),
    removed_triggers=(FED, APPLIED),
    wakes=frozenset({Label.EVALUATION, Label.CONFIG}),
    check=check,
)
