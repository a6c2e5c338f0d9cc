import pytest
from markupsafe import Markup

from reviewqueue.web.visible import shown, visible, visible_html


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("plain, with ünïcode and 漢字", "plain, with ünïcode and 漢字"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("pay\u200bload", "pay⟨U+200B⟩load"),
        ("\x1b[31mred", "⟨U+001B⟩[31mred"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("byte \udcff", "byte ⟨xFF⟩"),
        ("blank\u3164name", "blank⟨U+3164⟩name"),
        ("line\u2028end", "line⟨U+2028⟩end"),
        ("tabs\tand\nlines stay", "tabs\tand\nlines stay"),
        ("return\r", "return⟨U+000D⟩"),
        ("smuggled x\ufe01", "smuggled x⟨U+FE01⟩"),
    ],
)
def test_it_spells_out_what_text_hides(text: str, spelt: str) -> None:
    assert visible(text) == spelt


def test_it_leaves_emoji_alone() -> None:
    assert visible("⚠\ufe0f done") == "⚠\ufe0f done"
    assert visible("👩\u200d💻") == "👩\u200d💻"


def test_it_does_not_take_letters_joined_for_emoji() -> None:
    assert visible("ad\u200dmin") == "ad⟨U+200D⟩min"


def test_it_names_the_character_and_escapes_the_rest() -> None:
    html = visible_html("<b>\u202e</b>")

    assert "&lt;b&gt;" in html
    assert 'title="U+202E RIGHT-TO-LEFT OVERRIDE"' in html
    assert "\u202e" not in html


def test_it_guards_whatever_a_template_prints() -> None:
    assert shown("a\u202e") == "a⟨U+202E⟩"
    assert shown(Markup("<i>a</i>")) == Markup("<i>a</i>")
    assert shown(7) == 7
