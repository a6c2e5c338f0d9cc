"""What a change says of itself: that something is given up.

The words of a title are hostile text and prove nothing by their absence; but a title that
says that a check, a test or a monitor is switched off is the best reason to look for where.
"""

from reviewqueue.scan.rule import Subject, expression

_GIVEN_UP = (
    r"(?:disabl|skip|remov|delet|drop|mut(?:e|ing)|silenc|suppress|ignor|bypass|quarantin|"
    r"exclud|stop|unschedul|relax|loosen|lower|reduc|weaken|xfail|omit|"
    r"(?:turn|switch)(?:s|ed|ing)?[ ]off|comment(?:s|ed|ing)?[ ]out|opt(?:s|ed|ing)?[ ]out|"
    r"get(?:s|ting)?[ ]rid|no[ ]longer|don'?t[ ]run|temporar)\w*"
)
_TAKEN_BACK = (
    r"(?i)\b(?:re-?enabl|un-?skip|un-?mut|un-?ignor|restor|reinstat|revert|accidentally|"
    r"(?:stop|no longer|don'?t|do not|not)[ ](?:skip|ignor|disabl|drop|remov|silenc|exclud)|"
    r"fix(?:e[sd]|ing)?[ ](?:a[ ]|the[ ])?(?:skipped|disabled|ignored|dropped))\w*"
)
"""What says the opposite, though the same words are in it."""
_CI_WORDS = r"\[(?:skip ci|ci skip|no ci)\]"
"""An order to CI about this commit alone."""


def gives_up(subject: Subject, what: str) -> bool:
    """Return whether the headline says that something is taken away, or done less.

    ``what`` is an RE2 alternation of the nouns, in lower case, without flags.
    """
    said = expression(_CI_WORDS).sub(b"", subject.headline.lower().encode()[:500])
    before = rf"\b{_GIVEN_UP}\b[^:;.]{{0,60}}\b(?:{what})\b"
    after = rf"\b(?:{what})\b[^:;.]{{0,20}}\b(?:off|disabled|skipped|removed|muted)\b"
    if expression(_TAKEN_BACK).search(said):
        return False
    return expression(f"{before}|{after}").search(said) is not None
