"""Nobody but Twilio gets in, and every delivery is answered once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from assistant.channels.webhook import CLAIM_LIFE, DuplicateGuard
from assistant.clock import FixedClock
from assistant.db import Database
from assistant.dialogue.models import InboundMessage
from assistant.settings import Settings
from tests.fake_conversation import FakeConversation

Sign = Callable[[str, dict[str, str]], dict[str, str]]
SMS = "/twilio/sms"
PATHS = [
    SMS,
    "/twilio/sms/fallback",
    "/twilio/voice",
    "/twilio/voice/step/1",
    "/twilio/voice/card/1",
    "/twilio/voice/transfer/1",
    "/twilio/voice/wait/1",
    "/twilio/voice/status",
    "/twilio/voice/code/code_1",
    "/twilio/voice/code/code_1/spoken",
    "/twilio/voice/fallback",
]


def text_form(number: int = 1, body: str = "hello") -> dict[str, str]:
    return {
        "MessageSid": f"SM{number:032x}",
        "From": "+17065550111",
        "To": "+17065550100",
        "Body": body,
        "NumMedia": "0",
    }


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("signature", [None, "", "x", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "é" * 9, "=" * 5000])
def test_a_wrong_or_missing_signature_is_403(path: str, signature: str | None, web: TestClient) -> None:
    headers = {} if signature is None else {"X-Twilio-Signature": signature.encode("latin-1")}
    assert web.post(path, data=text_form(), headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"\xff\xfe%%%", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(5000)), "application/x-www-form-urlencoded"),
        (b"a" * 200_000, "application/x-www-form-urlencoded"),
        (b'{"From": "+17065550111"}', "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"From=1", "multipart/form-data"),
    ],
)
def test_what_is_no_form_is_403_and_never_500(body: bytes, kind: str, web: TestClient, sign: Sign) -> None:
    headers = {"Content-Type": kind, **sign(SMS, text_form())}
    assert web.post(SMS, content=body, headers=headers).status_code == 403


def test_a_changed_field_breaks_the_signature(web: TestClient, sign: Sign) -> None:
    headers = sign(SMS, text_form())
    assert web.post(SMS, data=text_form(body="pay 500"), headers=headers).status_code == 403


def test_the_signature_is_checked_against_the_public_url_not_the_host(
    app: object, settings: Settings, sign: Sign
) -> None:
    elsewhere = TestClient(app, base_url="http://evil.example")  # type: ignore[arg-type]
    assert elsewhere.post(SMS, data=text_form(), headers=sign(SMS, text_form())).status_code == 200
    token = settings.twilio_auth_token.get_secret_value()
    for_host = RequestValidator(token).compute_signature("http://evil.example" + SMS, text_form(2))
    answer = elsewhere.post(SMS, data=text_form(2), headers={"X-Twilio-Signature": for_host})
    assert answer.status_code == 403


def test_the_query_and_repeated_fields_are_part_of_what_is_signed(
    web: TestClient, settings: Settings
) -> None:
    path = "/twilio/voice?resume=ses_1&x=%C3%A9"
    fields = {"CallSid": "CA" + "1" * 32, "From": "+17065550111", "Digits": ""}
    validator = RequestValidator(settings.twilio_auth_token.get_secret_value())
    signature = validator.compute_signature(settings.public_url + path, fields)
    headers = {"X-Twilio-Signature": signature}
    assert web.post(path, data=fields, headers=headers).status_code == 200
    assert web.post("/twilio/voice?resume=ses_2", data=fields, headers=headers).status_code == 403


def test_a_repeated_delivery_gets_the_stored_answer_and_no_second_turn(
    web: TestClient, sign: Sign, conversation: FakeConversation
) -> None:
    headers = sign(SMS, text_form())
    first, second = (web.post(SMS, data=text_form(), headers=headers) for _ in range(2))
    assert first.text == second.text
    assert "You said text: hello" in first.text
    assert len(conversation.heard) == 1


def test_concurrent_repeats_wait_for_the_first(
    web: TestClient, sign: Sign, conversation: FakeConversation, db: Database
) -> None:
    headers = sign(SMS, text_form())
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: web.post(SMS, data=text_form(), headers=headers).text, range(5)))
    assert len(set(answers)) == 1
    assert "hello" in answers[0]
    assert len(conversation.heard) == 1
    with db.read() as tx:
        assert tx.scalar(select(func.count()).select_from(InboundMessage)) == 1


def test_a_delivery_whose_process_died_is_taken_over(db: Database, clock: FixedClock) -> None:
    guard = DuplicateGuard(db, clock)
    assert guard.claim("SM1", "+17065550111")
    assert not guard.claim("SM1", "+17065550111")
    assert not guard.is_abandoned("SM1")
    clock.advance(CLAIM_LIFE)
    assert guard.is_abandoned("SM1")
    assert guard.claim("SM1", "+17065550111")
    assert not guard.claim("SM1", "+17065550111")


def test_the_first_answer_stays(db: Database, clock: FixedClock) -> None:
    guard = DuplicateGuard(db, clock)
    guard.claim("SM1", "+17065550111")
    guard.keep("SM1", "first")
    guard.keep("SM1", "second")
    clock.advance(timedelta(days=1))
    assert not guard.claim("SM1", "+17065550111")
    assert guard.wait("SM1", 0) == "first"
    assert guard.answer("SM2") is None
