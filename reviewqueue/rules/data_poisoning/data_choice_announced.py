r"""A title that says that data are chosen, filtered, labelled or mixed otherwise.

What it flags
    A change whose own title takes in, leaves out, filters, deduplicates, samples, mixes, weighs,
    labels, splits or cleans data, and that touches a file of such data or of what prepares them.
    It marks the changed line that shares most with the title.

Why it matters
    What a model learns from is decided here, in conditions that look like any others. A filter
    that lets a little more through poisons everything after it.

How to review it
    How many rows does it let through or drop, and which? Has somebody looked at some of them?

Not flagged
    Filters of pages, tables and tests; documentation.

Seen in
    Poisoning web-scale training sets is practical (Carlini and others, 2023). MITRE ATLAS
    AML.T0020 (poison training data).
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.effects.announced import Announcement, announcing
from reviewqueue.scan.rule import Rule, Stability

_CHOOSES = Announcement(
    r"\b(?:filter(?:s|ed|ing)?|de-?dup\w*|(?:sub|down|over|up)-?sampl\w*|sampl(?:e|es|ed|ing)|"
    r"mix(?:es|ed|ing|ture)?|re-?weight\w*|weights?|re-?label\w*|labell?ing|shuffl\w+|augment(?:s|"
    r"ed|ing|ation)?|tokeni[sz]\w*|(?:de)?contaminat\w*|bad ?words?|stop ?words?|(?:exclud|includ|"
    r"drop|add|remov|replac|swap|limit|blacklist)(?:e|es|s|ed|ing|"
    r"ping)?\b[^:;]{0,40}\b(?:data ?sets?|corpus|corpora|training (?:data|sets?|examples)|samples|"
    r"examples|\w+ data)|clean(?:s|ed|ing) (?:the )?(?:data|text|corpus)|(?:train|test|validation|"
    r"data) split\w*)\b",
    "the title says that data are chosen, filtered or labelled otherwise",
)
_TAKES = Announcement(
    r"\bsynthetic (?:data\w*|examples|samples)\b|\b(?:us|switch|mov|updat|chang|bump|add|new|"
    r"replac|"
    r"point|config)\w*\b[^:;/]{0,40}\b(?:v\d+ of|data ?sets?|corpus|corpora|training data|"
    r"data mix\w*|mixture|splits?|sft data|preference data)\b|\b(?:drop|remov|"
    r"filter)\w* (?:near[- ])?"
    r"(?:duplicates|duplicate (?:rows|samples|examples|documents|entries)|outliers|nans?|empty "
    r"(?:rows|samples|examples))\b|\bloss mask\w*|\bmask\w*\b[^:;]{0,20}\b(?:prompts?|loss|tokens|"
    r"labels)\b",
    "the title says that data are chosen, filtered or labelled otherwise",
)
_PLACES = (
    r"(?:^|[/_.-])(?:data_?sets?|data_?(?:load\w*|prep\w*|pipe\w*|process\w*|mix\w*|modules?)|"
    r"corpus|corpora|dedup\w*|tokeni[sz]\w*|train(?:ing|er|ers)?|fine_?tun\w*|pretrain\w*|"
    r"annotator\w*|labell?ing|collat(?:e|or|ors)|etl|dags|sft|dpo|rlhf|"
    r"(?:data|data_?sets?|data[_-]\w+|pipeline|text|corpus|nlp|opus\w*)/(?:.*/)?(?:filters?|"
    r"filtering|sampl\w*|clean\w*|"
    r"preprocess\w*))(?:[/_.-]|$)"
)


RULE = Rule(
    id="data-choice-announced",
    pathway=Pathway.DATA_POISONING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="says that data are chosen or labelled otherwise",
    version=5,
    check=announcing(_CHOOSES, _TAKES, paths=_PLACES),
)
