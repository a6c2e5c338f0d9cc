"""Values that were text on a page, and that a changed line takes as markup."""

import pytest

from reviewqueue.scan.structure.markup import now_markup
from reviewqueue.scan.structure.pairs import Block, paired


def raw(old: str, new: str, path: str = "page.html") -> list[int]:
    """Return the new lines on which a value is markup that was text."""
    sides = [tuple(enumerate(text.encode().split(b"\n"), 1)) for text in (old, new)]
    block = Block(*sides)
    numbers = frozenset(number for number, _ in block.new)
    return [number for number, _ in now_markup(block, list(paired(block)), path, numbers)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<p>{{ post.body }}</p>", "<p>{{ post.body|safe }}</p>"),
        ("<p>{{ $post->body }}</p>", "<p>{!! $post->body !!}</p>"),
        ('<p th:text="${post.body}">', '<p th:utext="${post.body}">'),
        ("<p>{{.Post.Body}}</p>", "<p>{{.Post.Body | safeHTML}}</p>"),
        ("<p>{post.body}</p>", "<p>{@html post.body}</p>"),
        ('data["Body"] = post.Body', 'data["Body"] = template.HTML(post.Body)'),
        ('import "html/template"', 'import "text/template"'),
        ("node.textContent = post.body", "node.innerHTML = post.body"),
    ],
)
def test_text_became_markup(old: str, new: str) -> None:
    assert raw(old, new) == [1]
    assert not raw(new, old)


def test_the_same_value_may_stand_on_other_lines() -> None:
    new = '<div>\n  <p v-html="post.body" />\n</div>'
    assert raw("<div>{{ post.body }}</div>", new) == [2]
    assert raw("<div>{{ post.title }}</div>", new) == []


def test_a_value_in_brackets_of_its_own_needs_no_dot() -> None:
    new = "<p\n  dangerouslySetInnerHTML={{ __html: motto }}\n/>"
    assert raw('<p class="x" id="motto-of-the-day">{motto}</p>', new) == [2]


def test_a_cleaned_value_is_no_markup_of_its_writer() -> None:
    assert not raw("<p>{post.body}</p>", "<p>{@html DOMPurify.sanitize(post.body)}</p>")


def test_a_mark_means_what_its_engine_says() -> None:
    assert raw("  %h1= @name", "  %h1!= @name", "a.haml")
    assert not raw("if (a.name = b)", "if (a.name!= b)", "a.c")
    assert raw("<p><%= user.name %></p>", "<p><%- user.name %></p>", "a.ejs")
    assert raw("t('<p><%- name %></p>')", "t('<p><%= name %></p>')", "a.js")
