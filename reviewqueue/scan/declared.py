"""What a change says of itself: that something is given up.

The words of a title are hostile text and prove nothing by their absence; but a title that
says that a check, a test or a monitor is switched off is the best reason to look for where.
"""

from functools import lru_cache

from reviewqueue.scan.rule import Subject, expression

_GIVEN_UP = (
    r"(?:disabl|skip|remov|delet|mut(?:e|ing)|silenc|suppress|ignor|bypass|quarantin|exclud|"
    r"stop|unschedul|relax|loosen|lower(?:s|ed|ing)?\b|reduc|weaken|xfail|omit|drop(?:s|ped|ping)?\b|"
    r"(?:turn|switch)(?:s|ed|ing)?[ ]off|comment(?:s|ed|ing)?[ ]out|opt(?:s|ed|ing)?[ ]out|"
    r"get(?:s|ting)?[ ]rid|no[ ]longer|don'?t[ ]run)\w*"
)
_TAKEN_BACK = (
    r"\b(?:re-?enabl|un-?skip|un-?mut|un-?ignor|restor|reinstat|revert|accidental|"
    r"(?:stop|no longer|don'?t|do not|not)[ ](?:skip|ignor|disabl|drop|remov|silenc|exclud)|"
    r"fix(?:e[sd]|ing)?[ ](?:a[ ]|the[ ])?(?:skipped|disabled|ignored|dropped))\w*"
)
"""What says the opposite, though the same words are in it."""
_OTHERWISE = (
    r"\b(?:from|in|into|inside|within|during|after|before|by|via|with|without|to|for|"
    r"duplicated?|temporary|unused|unneeded|unnecess?ary|unneccessary|unneccesary|redundant|obsolete|stale|dead|noisy|verbose|only)\b"
)
"""What, between the two, makes the noun a place or the loss no loss."""
_OTHER_NOUN = (
    r"^[ ](?:helpers?|fixtures?|utils?|output|data|env\w*|db|users?|banner|buckets?|code|vars?|"
    r"variables?|messages?|names?|folders?|director\w+|harness|logs?|noise|warnings?|errors?|"
    r"setup|deps?|dependenc\w+|config\w*|prefix|suffix|duplicat\w+|imports?)\b"
)
"""What, after the noun, is what really goes."""
_CI_WORDS = r"\[(?:skip ci|ci skip|no ci)\]"
"""An order to CI about this commit alone."""


def gives_up(subject: Subject, what: str) -> bool:
    """Return whether the headline says that something is taken away, or done less.

    ``what`` is an RE2 alternation of the nouns, in lower case, without flags or groups.
    """
    said = _said(subject.headline)
    if not said:
        return False
    after = rf"\b(?:{what})\b[^:;.]{{0,12}}\b(?:off|disabled|skipped|removed|muted)\b"
    if expression(after).search(said):
        return True
    otherwise, other = expression(_OTHERWISE), expression(_OTHER_NOUN)
    return any(
        not otherwise.search(between[1]) and not other.search(said[between.end() :])
        for between in expression(
            rf"\b{_GIVEN_UP}((?:[^:;.]|\.\w){{0,60}}?)\b(?:{what})\b"
        ).finditer(said)
    )


@lru_cache(maxsize=256)
def _said(headline: str) -> bytes:
    """Return the headline in lower case; empty where it gives nothing up, or takes it back."""
    said = expression(_CI_WORDS).sub(b"", headline[:500].lower().encode("utf-8", "replace"))
    gives = expression(rf"\b(?:{_GIVEN_UP}|off|disabled|skipped|removed|muted)").search(said)
    return bytes(said) if gives and not expression(_TAKEN_BACK).search(said) else b""
