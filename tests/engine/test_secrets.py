"""No password is written down, and what is written down can be read again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.events import ErrorReported
from plan_tui.engine.secrets import HIDDEN, Secrets


def knowing(**settings: object) -> Secrets:
    secrets = Secrets()
    secrets.learn([{"connection": settings, "state": {"nested": [{"api_key": "key-in-a-list"}]}}])
    return secrets


def test_values_of_secret_settings_are_hidden_wherever_they_stand() -> None:
    secrets = knowing(password="tr0ub4dor", private_key_passphrase="deep", host="warehouse")
    text = secrets.hide("tr0ub4dor at warehouse with key-in-a-list, deep")
    assert text == f"{HIDDEN} at warehouse with {HIDDEN}, {HIDDEN}"


def test_a_key_of_several_lines_is_hidden_line_by_line() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcw\n-----END-----\n"
    secrets = knowing(private_key=key)
    assert secrets.hide(f"key: {key}") == f"key: {HIDDEN}"
    assert secrets.hide("MIIEvQIBADANBgkqhkiG9w0B") == HIDDEN
    assert secrets.hide("-----BEGIN PRIVATE KEY-----") == "-----BEGIN PRIVATE KEY-----"


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ann:hunter2@host:5432/db",
        "connection failed: password=hunter2 user=ann",
        "PWD: 'hunter2';",
        'Password = "hunter2"',
        "CREATE USER ann PASSWORD 'hunter2'",
        "CREATE SECRET s (TYPE s3, SECRET 'it''s hunter2', KEY_ID 'k')",
        "SET api_token 'hunter2'",
        "cut off: token 'hunter2",
        "input_value={'type': 'postgres', 'password': 'hunter2'}",
    ],
)
def test_what_looks_like_a_password_is_hidden(text: str) -> None:
    assert "hunter2" not in Secrets().hide(text)


def test_what_a_config_lacks_is_no_secret() -> None:
    secrets = Secrets()
    secrets.learn([{"password": "None", "token": None}])
    for text in ('host name "None" to address', "password: Field required"):
        assert secrets.hide(text) == text


def test_ordinary_text_is_left_alone() -> None:
    text = "SELECT password_hash, 'https://example.org:8080/path' FROM users WHERE id = 1"
    assert Secrets().hide(text) == text
    parser = "expected token 'end of print statement', got ':'"
    assert Secrets().hide(parser) == parser


def test_texts_lose_it_and_names_stay() -> None:
    secrets = knowing(password="shop/1")
    failure = Problem(
        code=ProblemCode.FAILED_BATCH,
        title="no answer with 'shop/1'",
        message="postgresql://ann:shop%2F1@lake nor postgresql://bob:other@lake",
        model="shop/1",
        sql="SELECT 'shop/1'",
    )
    told = secrets.hide_in_texts(ErrorReported(problem=failure)).problem
    assert told.model == "shop/1"
    assert told.title == f"no answer with '{HIDDEN}'"
    assert told.message == f"postgresql://ann:{HIDDEN}@lake nor postgresql://bob:{HIDDEN}@lake"
    assert told.sql == f"SELECT '{HIDDEN}'"


def test_names_and_keys_of_a_record_are_left_alone() -> None:
    document = {"models": {"models": {"name": "models", "message": "models"}}, "sql": ["models"]}
    hidden = knowing(password="models").hide_in_record(json.dumps(document))
    document["models"]["models"]["message"] = HIDDEN  # type: ignore[call-overload]
    assert json.loads(hidden) == {**document, "sql": [HIDDEN]}


texts = st.text(alphabet="ab\":,{}[]\\/@= '\n\u00e9password", max_size=30)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(documents, st.text(alphabet="ab\":\\'\u00e9,", min_size=4, max_size=8))
def test_a_document_stays_one_and_loses_the_secret(document: object, secret: str) -> None:
    secrets = knowing(password=secret)
    told = json.dumps({"sql": document}, ensure_ascii=False)
    found = json.loads(secrets.hide_in_record(told))["sql"]

    def check(before: object, after: object) -> None:
        match before:
            case dict():
                assert isinstance(after, dict)
                assert before.keys() == after.keys()
                for key in before:
                    check(before[key], after[key])
            case list():
                assert isinstance(after, list)
                for old, new in zip(before, after, strict=True):
                    check(old, new)
            case str():
                assert secret not in str(after)
            case _:
                assert before == after

    check(document, found)
