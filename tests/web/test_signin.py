# ruff: noqa: ANN401, ARG001 -- a fixture's type lives in conftest; some only set the scene
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from reviewqueue.domain.people import Person
from reviewqueue.settings import Settings
from reviewqueue.store import Store
from reviewqueue.web import create_app

ADA = Person("Ada Lovelace", "ada@harbour.example")
LOCAL = "http://127.0.0.1:8000"


def ask(client: FlaskClient, base: str = LOCAL, **options: Any) -> Any:
    return client.get("/sign-in", base_url=base, **options)


def test_it_offers_the_people_of_the_database(seeded: Any, visitor: Any) -> None:
    text = visitor.get("/sign-in").text

    assert [name in text for name in ("Ada Lovelace", "Grace Hopper", "Katherine Johnson")] == [
        True
    ] * 3
    assert "Linus Operator" not in text


def test_it_acts_as_the_person_chosen(seeded: Any, visitor: Any) -> None:
    visitor.act_as(ADA)

    assert "You act as" in visitor.get("/").text


def test_it_acts_as_nobody_after_leaving(seeded: Any, visitor: Any) -> None:
    visitor.act_as(ADA)
    visitor.post("/sign-out")

    assert "You act as" not in visitor.get("/").text


def test_it_acts_as_nobody_who_is_not_offered(seeded: Any, visitor: Any) -> None:
    answer = visitor.post("/sign-in", page="/sign-in", person="mallory@elsewhere.example")

    assert answer.status_code == 400


def test_it_keeps_its_cookie_from_scripts_and_other_sites(seeded: Any, visitor: Any) -> None:
    answer = visitor.post("/sign-in", page="/sign-in", person=ADA.handle)

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    "base",
    ["http://127.0.0.1:8000", "http://localhost:8000", "http://localhost", "http://[::1]:8000"],
)
def test_it_is_open_to_a_loopback_host(app: Flask, store: Store, base: str) -> None:
    assert ask(app.test_client(), base).status_code == 200


@pytest.mark.parametrize(
    "base",
    [
        "http://queue.example",
        "http://192.168.1.7:8000",
        "http://0.0.0.0:8000",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://evil.localhost:8000",
        "http://2130706433:8000",
    ],
)
def test_it_is_closed_to_any_other_host(app: Flask, store: Store, base: str) -> None:
    answer = ask(app.test_client(), base)

    assert answer.status_code == 403
    assert "works only on the machine that runs reviewqueue" in answer.text


@pytest.mark.parametrize(
    "host", ["localhost:8000@evil.example", "localhost evil", "localhost:x", "", "[::1"]
)
def test_it_is_closed_to_a_malformed_host(app: Flask, store: Store, host: str) -> None:
    assert ask(app.test_client(), headers={"Host": host}).status_code in {400, 403}


@pytest.mark.parametrize(
    "header",
    [
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded",
        "X-Real-IP",
        "Via",
        "X-Client-IP",
        "CF-Connecting-IP",
        "True-Client-IP",
    ],
)
def test_it_is_closed_to_a_forwarded_request(app: Flask, store: Store, header: str) -> None:
    answer = ask(app.test_client(), headers={header: "127.0.0.1"})

    assert answer.status_code == 403
    assert "forwarded" in answer.text


@pytest.mark.parametrize("peer", ["192.168.1.7", "10.0.0.1", "2001:db8::1", "", "localhosts"])
def test_it_is_closed_to_another_machine(app: Flask, store: Store, peer: str) -> None:
    assert ask(app.test_client(), environ_overrides={"REMOTE_ADDR": peer}).status_code == 403


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_it_is_open_to_this_machine(app: Flask, store: Store, peer: str) -> None:
    assert ask(app.test_client(), environ_overrides={"REMOTE_ADDR": peer}).status_code == 200


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.168.1.7", "queue.example"])  # noqa: S104 -- what it must refuse
def test_it_is_closed_where_others_can_reach_the_bind(
    settings: Settings,
    store: Store,
    bind: str,
) -> None:
    app = create_app(settings.model_copy(update={"host": bind}), dev=True)

    answer = ask(app.test_client())

    assert answer.status_code == 403
    assert "which others can reach" in answer.text


def test_it_is_closed_without_dev(make_app: Callable[..., Flask]) -> None:
    answer = ask(make_app().test_client())

    assert answer.status_code == 403
    assert "has no sign-in" in answer.text


def test_it_forgets_who_acts_as_soon_as_a_request_is_forwarded(
    seeded: Any,
    visitor: Any,
) -> None:
    visitor.act_as(ADA)

    answer = visitor.get("/", headers={"X-Forwarded-For": "127.0.0.1"})

    assert "You act as" not in answer.text


def test_it_believes_no_session_of_another_key(
    seeded: Any,
    visitor: Any,
    settings: Settings,
    visit: Any,
) -> None:
    visitor.act_as(ADA)
    other = create_app(settings.model_copy(update={"data_dir": settings.data_dir}), dev=True)
    other.secret_key = b"another"
    stranger = visit(other.test_client())
    cookie = visitor.client.get_cookie("reviewqueue")
    stranger.client.set_cookie("reviewqueue", cookie.value)

    assert "You act as" not in stranger.get("/").text


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\tx"],
)
def test_it_goes_back_to_this_site_only(seeded: Any, visitor: Any, target: str) -> None:
    answer = visitor.post("/sign-in", page="/sign-in", person=ADA.handle, next=target)

    assert answer.location == "/"


def test_it_goes_back_to_where_one_was(seeded: Any, visitor: Any) -> None:
    path = f"/changes/{seeded.plain.id}?view=split"

    answer = visitor.post("/sign-in", page="/sign-in", person=ADA.handle, next=path)

    assert answer.location == path


def test_it_takes_somebody_who_was_never_asked(visitor: Any) -> None:
    answer = visitor.post(
        "/sign-in",
        page="/sign-in",
        person="somebody else",
        name="  Grace   Hopper ",
        email="Grace@Example.org",
    )
    assert answer.status_code == 303
    assert "Grace Hopper" in visitor.get("/").text


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("", "grace@example.org"),
        ("x" * 101, "grace@example.org"),
        ("Grace", "nobody"),
        ("Grace", "a b@example.org"),
        ("Gr\u202eace", "grace@example.org"),
        ("Grace", "a@" + "b" * 100),
    ],
)
def test_it_takes_nobody_without_a_name_and_an_address(visitor: Any, name: str, email: str) -> None:
    answer = visitor.post(
        "/sign-in", page="/sign-in", person="somebody else", name=name, email=email
    )
    assert answer.status_code == 400
    assert "Act as …" in visitor.get("/").text
