# ruff: noqa: ANN401, ARG001 -- a fixture's type lives in conftest; some only set the scene
import hashlib
import hmac
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

from reviewqueue.settings import Settings
from reviewqueue.store import Store
from reviewqueue.web import create_app
from reviewqueue.web.webhooks import LARGEST, verified

SECRET = "It's a Secret to Everybody"
BODY = b'{"action":"opened","number":7}'


def sign(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
def client(settings: Settings, store: Store) -> FlaskClient:
    known = settings.model_copy(update={"github_webhook_secret": SecretStr(SECRET)})
    return create_app(known).test_client()


def deliver(client: FlaskClient, body: bytes = BODY, **changed: str | None) -> Any:
    headers = {
        "X-Hub-Signature-256": sign(body),
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-GitHub-Event": "pull_request",
        "Content-Type": "application/json",
    }
    for name, value in changed.items():
        header = name.replace("_", "-")
        if value is None:
            del headers[header]
        else:
            headers[header] = value
    return client.post("/webhooks/github", data=body, headers=headers)


def test_it_knows_the_signature_that_github_documents() -> None:
    documented = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    assert verified(SECRET.encode(), b"Hello, World!", documented)
    assert not verified(SECRET.encode(), b"Hello, World?", documented)


def test_it_stores_a_delivery_and_answers_202(client: FlaskClient, store: Store) -> None:
    answer = deliver(client)

    assert (answer.status_code, answer.json["stored"]) == (202, True)
    (kept,) = store.pending()
    assert (kept.id, kept.event, kept.body) == (
        "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "pull_request",
        BODY,
    )


def test_it_answers_202_to_a_duplicate_and_keeps_the_first(
    client: FlaskClient, store: Store
) -> None:
    deliver(client)

    again = deliver(client, b'{"action":"closed"}')

    assert (again.status_code, again.json["duplicate"]) == (202, True)
    assert [kept.body for kept in store.pending()] == [BODY]


def test_it_keeps_the_bytes_as_they_came(client: FlaskClient, store: Store) -> None:
    odd = b'{ "title" : "\\u202e\xff" }\r\n'

    assert deliver(client, odd).status_code == 202
    assert store.pending()[0].body == odd


def test_it_refuses_a_form_which_nobody_could_read_later(client: FlaskClient, store: Store) -> None:
    answer = deliver(client, b"payload=%7B%7D", Content_Type="application/x-www-form-urlencoded")

    assert answer.status_code == 415
    assert "application/json" in answer.json["error"]
    assert store.pending() == ()


def test_it_answers_503_without_a_secret(settings: Settings, store: Store) -> None:
    answer = deliver(create_app(settings).test_client())

    assert answer.status_code == 503
    assert store.pending() == ()


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        "sha1=" + "0" * 40,
        "sha256=" + "0" * 64,
        sign(BODY, "another secret"),
        sign(b"another body"),
        sign(BODY).upper(),
        "sha256=é" + "0" * 63,
    ],
)
def test_it_answers_401_to_a_missing_or_wrong_signature(
    client: FlaskClient, store: Store, signature: str | None
) -> None:
    assert deliver(client, X_Hub_Signature_256=signature).status_code == 401
    assert store.pending() == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"X_GitHub_Delivery": None},
        {"X_GitHub_Delivery": ""},
        {"X_GitHub_Delivery": "../../etc/passwd"},
        {"X_GitHub_Delivery": "x" * 101},
        {"X_GitHub_Event": None},
        {"X_GitHub_Event": "pull request"},
    ],
)
def test_it_answers_400_without_an_id_or_an_event(
    client: FlaskClient, store: Store, changed: dict[str, str | None]
) -> None:
    assert deliver(client, **changed).status_code == 400
    assert store.pending() == ()


def test_it_refuses_a_large_body_before_reading_it(client: FlaskClient, store: Store) -> None:
    answer = client.post(
        "/webhooks/github",
        data=b"short",
        headers={"X-Hub-Signature-256": sign(b"short")},
        environ_overrides={"CONTENT_LENGTH": str(LARGEST + 1)},
    )

    assert answer.status_code == 413
    assert store.pending() == ()


def test_it_stops_reading_a_body_of_unknown_length_at_the_cap(
    client: FlaskClient, store: Store
) -> None:
    body = b"x" * (LARGEST + 1)

    answer = client.post(
        "/webhooks/github",
        data=body,
        headers={"X-Hub-Signature-256": sign(body)},
        environ_overrides={"CONTENT_LENGTH": "", "wsgi.input_terminated": True},
    )

    assert answer.status_code == 413
    assert store.pending() == ()


def test_it_takes_a_body_larger_than_any_form(client: FlaskClient) -> None:
    body = json.dumps({"text": "x" * 3_000_000}).encode()

    assert deliver(client, body).status_code == 202


def test_it_needs_no_form_token_and_gives_no_cookie(client: FlaskClient) -> None:
    assert "Set-Cookie" not in deliver(client).headers


def test_it_takes_posts_only(client: FlaskClient) -> None:
    assert client.get("/webhooks/github").status_code == 405
