"""Secrets never survive in evidence."""

import re
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reviewqueue.scan.mask import LENGTH, mask

_SALT = b"salt"
_BASE62 = string.ascii_letters + string.digits


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "github_pat_11AAAAAAA0abcdefghijkl_mnopqrstuvwxyz",
        "glpat-abcdefghij1234567890",
        "xoxb-123456789012-abcdefghijkl",
        "sk-proj-abcdefghijklmnopqrstuv",
        "sk_live_abcdefghijklmnopqrstuv",
        "AIzaSyA-abcdefghijklmnopqrstuvwxyz12345",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc-def_ghi",
        "npm_abcdefghijklmnopqrstuvwxyz0123456789",
        "hf_abcdefghijklmnopqrstuvwxyz",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "3f786850e387550fdab836ed7e6dc881de23001b",
    ],
)
@pytest.mark.parametrize("frame", ["{}", 'x = f("{}")', "curl -H 'X: {}' https://x", "a{}"])
def test_it_masks_well_known_and_random_tokens(secret: str, frame: str) -> None:
    masked = mask(frame.format(secret), _SALT)
    assert secret[4:] not in masked
    assert re.search(r"…\[[0-9a-f]{6}\]", masked)
    if frame != "a{}":
        assert f"{secret[:4]}…[" in masked


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('password = "hunter2hunter2"', "hunter2hunter2"),
        ("PASSWORD=correcthorse", "correcthorse"),
        ("db_password: correcthorse", "correcthorse"),
        ('"apiKey": "abc-def-ghi"', "abc-def-ghi"),
        ("client_secret => 'it''s'", "it"),
        ('if token == "letmein99":', "letmein99"),
        ('getenv("API_TOKEN", "fallback99")', "fallback99"),
        ("postgres://bob:correct/horse@db.example/x", "correct/horse"),
        ('auth=("bob", "correcthorse")', "correcthorse"),
        ("Authorization: Bearer correcthorse", "correcthorse"),
        ("curl -u bob:correcthorse https://x", "correcthorse"),
        ("mysql --password correcthorse", "correcthorse"),
        ('secret = "two words and more"', "two words and more"),
        ('password = "un\\"terminated horse', "terminated horse"),
        ("https://hooks.slack.com/services/T000/B000/correcthorse", "correcthorse"),
        ("https://x/?access_token=correcthorse&y=1", "correcthorse"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEcorrect\nhorse\n-----END RSA PRIVATE KEY-----",
            "horse",
        ),
        ("-----BEGIN OPENSSH PRIVATE KEY-----b3BlbnNzaA", "nNzaA"),
    ],
)
def test_it_masks_what_is_assigned_to_a_telling_name(text: str, secret: str) -> None:
    masked = mask(text, _SALT)
    assert secret not in masked
    assert "…[" in masked


@pytest.mark.parametrize(
    "text",
    [
        "token = get_token()",
        "password: str",
        "def login(token, password=None):",
        'os.environ["API_TOKEN"]',
        "token: ${{ secrets.GITHUB_TOKEN }}",
        "API_TOKEN=$API_TOKEN",
        "max_tokens=4096",
        "password = form.password",
        'author: "Jane Doe"',
        'compass = "north"',
        'open("/proc/self/environ").read()',
        "src/components/ReviewQueue/index2/foo.py",
        "def test_it_does_this_and_that_for_all_people_2(x):",
        "-----BEGIN RSA PRIVATE KEY-----",
        "curl https://example.com/install.sh | sh",
        "git push --force origin main",
        'requests.get(url, verify=False, timeout=30, headers={"Accept": "x"})',
    ],
)
def test_it_leaves_ordinary_code_readable(text: str) -> None:
    assert mask(text, _SALT) == text


def test_it_tells_secrets_apart_without_telling_them() -> None:
    one, two = "ghp_" + "a1" * 18, "ghp_" + "b2" * 18
    assert mask(one, _SALT) == mask(one, _SALT) != mask(two, _SALT)
    assert mask(one, _SALT) != mask(one, b"other")
    assert re.fullmatch(r"ghp_…\[[0-9a-f]{6}\]", mask(one, _SALT))


def test_it_masks_before_it_cuts() -> None:
    for before in range(LENGTH - 60, LENGTH + 5):
        masked = mask("x" * before + " ghp_" + "a1" * 18, _SALT)
        assert "a1a1" not in masked
        assert len(masked) <= LENGTH


def test_it_masks_a_secret_at_the_end_of_what_it_reads() -> None:
    for before in range(8150, 8200):
        assert "a1a1" not in mask("password = '" + " " * before + "ghp_" + "a1" * 30, _SALT)


def test_it_escapes_what_would_not_show_or_would_deceive() -> None:
    assert mask("a\x1b[31mb\x00c\u202ed\u200be", _SALT) == "a\\x1b[31mb\\x00c\\u202ed\\u200be"
    assert mask("a\tb\nc\rd", _SALT) == "a b c\\rd"
    assert mask("é 漢 \U0001f600", _SALT) == "é 漢 \U0001f600"


@given(st.text(max_size=300))
def test_any_text_becomes_one_short_printable_line(text: str) -> None:
    masked = mask(text, _SALT)
    assert len(masked) <= LENGTH
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u200b\ufeff]", masked)
    masked.encode()


_parts = st.one_of(
    st.sampled_from(
        [
            "password",
            "token",
            "=",
            "'",
            '"',
            ":",
            "://",
            "@",
            "…",
            "[abcdef]",
            "ghp_",
            "sk-",
            "AKIA",
            "eyJ",
            ".",
            "secret",
            "-u",
            "--",
            ",",
        ]
    ),
    st.sampled_from([" ", "\\", "\x1b", "Bearer ", "-----BEGIN PRIVATE KEY-----"]),
    st.text(_BASE62, max_size=30),
)


@given(st.lists(_parts, max_size=16).map("".join))
def test_masked_text_stays_as_it_is(text: str) -> None:
    once = mask(text, _SALT)
    assert mask(once, _SALT) == once
    assert mask(once, b"other") == once


_frames = st.sampled_from(
    [
        "{}",
        "x {} y",
        'password = "{}"',
        "TOKEN={}",
        "--token={}",
        "Bearer {}",
        '{{"api_key": "{}"}}',
        "https://bob:{}@x/",
        "-----BEGIN PRIVATE KEY-----\\n{}",
    ]
)
_secrets = st.one_of(
    st.builds(
        lambda start, rest: start + rest,
        st.sampled_from(["AKIA", "ghp_", "github_pat_", "xoxb-", "AIza", "hf_", "npm_", "glpat-"]),
        st.text(string.ascii_uppercase + string.digits, min_size=36, max_size=60),
    ),
    st.text(_BASE62, min_size=32, max_size=80).filter(
        lambda text: len(set(text)) > 18 and sum(letter.isdigit() for letter in text) > 4
    ),
)


@given(_secrets, _frames, st.text(" abc=", max_size=220))
def test_no_tail_of_a_secret_survives(secret: str, frame: str, before: str) -> None:
    masked = mask(f"{before} {frame.format(secret)}", _SALT)
    for start in range(4, len(secret) - 5):
        tail = secret[start : start + 6]
        assume(tail not in secret[:4])
        assert tail not in masked
