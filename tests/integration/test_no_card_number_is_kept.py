"""Card numbers, in every writing, through every inbound route: no table, log, engine or tracker has one."""

from __future__ import annotations

import logging
import random
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from assistant.app import Application, build
from assistant.clock import FixedClock
from assistant.db import Base, Database
from assistant.dialogue.engine import DialogueEngine, EngineMessage, EngineReply, Reading
from assistant.redaction import find_card_numbers, mask_log_event
from assistant.serve import public_app
from assistant.settings import Settings
from tests.card_numbers import KINDS, complete, writings
from tests.conftest_rasa import RunningRasa
from tests.dialogs.conftest import internal_listener
from tests.factories import Factory
from tests.fake_gateway import FakeGateway
from tests.fake_sender import FakeSender

Sign = Callable[[str, dict[str, str]], dict[str, str]]
# Reproducible, and different from the published test numbers.
NUMBERS = [
    complete(
        prefix + "".join(random.Random(f"{prefix}{length}").choices("0123456789", k=length - len(prefix) - 1))
    )
    for prefix, length in KINDS
]
WRITTEN = [(number, writing) for number in NUMBERS for writing in writings(number)]
IDENTIFIER = re.compile(r"[a-z]{2,5}_[0-9a-f]{32}|[A-Z]{2}[0-9a-f]{32}")


# What Twilio sends beside the fields that we read, and those that we read at other times.
ODD_FIELDS = [
    *("Caller", "Called", "FromCity", "FromZip", "ProfileName", "Body", "SpeechResult", "Digits", "Result"),
    *("PaymentToken", "PaymentCardNumber", "PaymentCardType", "ExpirationDate", "SecurityCode", "ErrorUrl"),
    *("PaymentCardPostalCode", "PaymentConfirmationCode", "DialCallStatus", "CallStatus", "ErrorCode"),
    *("OptOutType", "NumMedia", "MediaUrl0", "Confidence", "FinishedOnKey", "StirVerstat", "Direction"),
]


class Parrot:
    """An engine that keeps what it gets and asks for anything."""

    def respond(self, message: EngineMessage) -> list[EngineReply]:
        return [EngineReply(f"You said {message.text or message.intent}. What else?")]

    def readings(self, texts: list[str]) -> list[Reading]:
        return [Reading("nlu_fallback", 0.0) for _ in texts]

    def is_ready(self) -> bool:
        return True


class Overhearing:
    """Passes messages on to an engine and keeps them: what reached it, its tracker may have."""

    def __init__(self, engine: DialogueEngine) -> None:
        self._engine = engine
        self.messages: list[EngineMessage] = []
        self.pause: Callable[[], object] = lambda: None

    def respond(self, message: EngineMessage) -> list[EngineReply]:
        self.messages.append(message)
        self.pause()
        return self._engine.respond(message)

    def readings(self, texts: list[str]) -> list[Reading]:
        self.messages += [EngineMessage("readings", "sms", text=text) for text in texts]
        return self._engine.readings(texts)

    def is_ready(self) -> bool:
        return self._engine.is_ready()


@dataclass
class Door:
    """The public port of the real application, and everything that could keep what comes in."""

    application: Application
    web: TestClient
    sign: Sign
    engine: Overhearing
    sender: FakeSender
    answers: list[str] = field(default_factory=list)
    count: int = 0

    def post(self, path: str, fields: dict[str, str]) -> str:
        answer = self.web.post(path, data=fields, headers=self.sign(path, fields))
        assert answer.status_code in (200, 204), answer.text
        self.answers.append(answer.text)
        return answer.text

    def new_text(self, body: str, **fields: str) -> str:
        """A text from a phone of its own, because the shield counts per phone."""
        self.count += 1
        form = {"MessageSid": f"SM{self.count:032x}", "From": f"+1706555{self.count:04d}", "Body": body}
        return self.post("/twilio/sms", {**form, **fields})

    def new_call(self, **fields: str) -> str:
        """A call that was greeted; returns its CallSid."""
        self.count += 1
        call_id = f"CA{self.count:032x}"
        self.step(call_id, "", **fields)
        return call_id

    def step(self, call_id: str, path: str, **fields: str) -> str:
        form = {"CallSid": call_id, "From": "+17065550111", "Direction": "inbound", **fields}
        return self.post(f"/twilio/voice{path}", form)

    def everything_kept(self) -> str:
        """Every cell of every table, and whatever the engine, the carrier and the callers got from us."""
        cells: list[str] = []
        with self.application.db.read() as tx:
            for table in Base.metadata.sorted_tables:
                cells += [str(cell) for row in tx.execute(select(table)) for cell in row]
        return "\n".join(
            [*cells, *map(str, self.engine.messages), *map(str, self.sender.texts), *self.answers]
        )


@pytest.fixture
def open_door(
    db: Database, clock: FixedClock, settings: Settings, factory: Factory, sign: Sign
) -> Iterator[Callable[[DialogueEngine], Door]]:
    def make(engine: DialogueEngine) -> Door:
        factory.account()
        overhearing, sender = Overhearing(engine), FakeSender(clock)
        application = build(
            settings, clock=clock, db=db, engine=overhearing, gateway=FakeGateway(clock), sender=sender
        )
        app: FastAPI = public_app(application)
        web = TestClient(app, base_url=settings.public_url, raise_server_exceptions=False)
        return Door(application, web, sign, overhearing, sender)

    return make


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """All that was logged, by structlog through our processor and by the standard library."""
    caplog.set_level(logging.DEBUG)
    processors = [structlog.contextvars.merge_contextvars, mask_log_event]
    with structlog.testing.capture_logs(processors=processors) as events:
        yield lambda: "\n".join([*map(str, events), *_logged_by_us(caplog)])


def _logged_by_us(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the standard library's loggers got, but for the test's own client, which names every address."""
    ours = [record for record in caplog.records if not record.name.startswith(("httpx2", "httpcore2"))]
    return [f"{record.name} {record.getMessage()} {record.exc_text}" for record in ours]


def assert_clean(kept: str, numbers: list[str], written: list[str]) -> None:
    """No number, no writing of one, and nothing that the finder takes for one, but for random ids."""
    assert [number for number in numbers if number in kept] == []
    assert [writing for writing in written if writing in kept] == []
    squeezed = re.sub(r"[^\d\n]", "", IDENTIFIER.sub("", kept))
    assert [number for number in numbers if number in squeezed] == []
    for line in IDENTIFIER.sub("", kept).splitlines():
        assert find_card_numbers(line) == [], line


def test_texts_in_every_writing(open_door: Callable[[DialogueEngine], Door], logs: Callable[[], str]) -> None:
    door = open_door(Parrot())
    for _, writing in WRITTEN:
        assert "never text a card number" in door.new_text(f"pay my bill with {writing}")
    assert len(door.sender.redacted) == len(WRITTEN)
    assert door.engine.messages == []
    assert_clean(door.everything_kept() + logs(), NUMBERS, [writing for _, writing in WRITTEN])


def test_speech_in_every_writing(
    open_door: Callable[[DialogueEngine], Door], logs: Callable[[], str]
) -> None:
    door = open_door(Parrot())
    for number in NUMBERS:
        call_id = door.new_call()
        for step, writing in enumerate(writings(number), start=1):
            door.step(call_id, f"/step/{step}", SpeechResult=f"my card is {writing}", Confidence="0.9")
    assert_clean(door.everything_kept() + logs(), NUMBERS, [writing for _, writing in WRITTEN])


def test_keys_at_any_question(open_door: Callable[[DialogueEngine], Door], logs: Callable[[], str]) -> None:
    door = open_door(Parrot())
    for number in NUMBERS:
        call_id = door.new_call()
        door.step(call_id, "/step/1", Digits=number)
        door.step(call_id, "/step/2", Digits=f"{number}#", FinishedOnKey="#")
        door.step(call_id, "/step/3", Digits=number[:8])
        door.step(call_id, "/step/4", Digits=number[8:])
    assert_clean(door.everything_kept() + logs(), NUMBERS, [])


def test_texts_in_pieces(open_door: Callable[[DialogueEngine], Door], logs: Callable[[], str]) -> None:
    door = open_door(Parrot())
    for number in NUMBERS:
        phone = f"+1706555{1000 + door.count:04d}"
        for piece in (f"my card is {number[:4]}", number[4:8], number[8:12], number[12:] + " exp 1227"):
            door.new_text(piece, From=phone)
        assert "never text a card number" in door.answers[-1]
    assert_no_piece_is_kept(door, logs())


def test_two_halves_in_two_texts_at_once_in_either_order(
    open_door: Callable[[DialogueEngine], Door], logs: Callable[[], str]
) -> None:
    door = open_door(Parrot())
    for number in NUMBERS:
        half = len(number) // 2
        for halves in ((number[:half], number[half:]), (number[half:], f"it is {number[:half]}")):
            phone = f"+1706555{1000 + door.count:04d}"
            door.new_text("hello there", From=phone)
            engine_is_asked, may_answer = threading.Event(), threading.Event()
            door.engine.pause = lambda asked=engine_is_asked, may=may_answer: asked.set() or may.wait(10)
            first = threading.Thread(target=door.new_text, args=(halves[0],), kwargs={"From": phone})
            first.start()
            # The first half is with the engine, and in no table yet, when the second comes.
            assert engine_is_asked.wait(10)
            door.engine.pause = lambda: None
            answer = door.new_text(halves[1], From=phone)
            may_answer.set()
            first.join()
            assert "never text a card number" in answer
    assert_no_piece_is_kept(door, logs())


def assert_no_piece_is_kept(door: Door, logged: str) -> None:
    with door.application.db.read() as tx:
        heard = [str(row) for row in tx.execute(select(Base.metadata.tables["turns"].c.heard)).scalars()]
    assert heard
    assert not any(sign.isdigit() for words in heard for sign in words)
    told = [
        f"{message.text} {message.entities} {message.metadata['facts']}" for message in door.engine.messages
    ]
    assert told
    assert not any(sign.isdigit() for words in told for sign in words)
    assert [number for number in NUMBERS if number in logged] == []


@pytest.mark.parametrize("number", NUMBERS)
def test_every_other_field_of_every_route(
    number: str, open_door: Callable[[DialogueEngine], Door], logs: Callable[[], str]
) -> None:
    door = open_door(Parrot())
    odd = dict.fromkeys(ODD_FIELDS, number)
    door.new_text(number, **odd)
    door.new_text("hello", From=f"+{number}")
    door.new_text("hello", MessageSid=f"SM{number}")
    for path in ("", "/step/1", "/card/2", "/transfer/3", "/wait/3", "/status", "/fallback"):
        door.step("CA" + "a" * 32, path, **odd)
    call_id = door.new_call(From=f"+{number}")
    door.step(call_id, "/card/1", Result="success", PaymentToken=number, PaymentCardNumber=number)
    door.step(call_id, "/card/2", Result="success", PaymentToken=f"pm_{number}", PaymentCardNumber=number)
    for path in (f"/step/{number}", f"/wait/{number}", f"/code/{number}", f"/code/{number}/spoken"):
        door.step(call_id, path, **odd)
    door.step("CA" + "b" * 32, f"?resume={quote(number)}", Direction="outbound-api", To="+17065550111")
    for path in ("/twilio/sms", "/twilio/voice"):
        assert door.web.post(path, data=odd).status_code == 403
    assert_clean(door.everything_kept() + logs(), [number], [])


def test_with_the_trained_engine_and_its_log(
    rasa: RunningRasa, open_door: Callable[[DialogueEngine], Door], logs: Callable[[], str]
) -> None:
    engine = rasa.engine()
    door = open_door(engine)
    with internal_listener(door.application) as answer:
        rasa.answer_raw_with(answer)
        door.new_text("pay my bill", From="+17065550111")
        for number, writing in WRITTEN[:: len(WRITTEN) // 12]:
            door.new_text(f"use {writing}", From="+17065550111")
            call_id = door.new_call()
            door.step(call_id, "/step/1", Digits=number)
            door.step(call_id, "/step/2", SpeechResult=f"it is {writing}")
        assert "You owe" in door.new_text("what do I owe", From="+17065550111")
    engine.close()
    log = rasa.process.log_path.read_text(errors="replace")
    kept = door.everything_kept() + logs() + log
    assert_clean_of_numbers(kept, WRITTEN)


def assert_clean_of_numbers(kept: str, written: list[tuple[str, str]]) -> None:
    """For logs that are not ours: their own digits may look like anything, but no number may be there."""
    assert [pair for pair in written if pair[0] in kept or pair[1] in kept] == []


def test_the_search_finds_what_was_planted(
    open_door: Callable[[DialogueEngine], Door], monkeypatch: pytest.MonkeyPatch
) -> None:
    door = open_door(Parrot())
    monkeypatch.setattr("assistant.channels.split_cards.redact_inbound", _let_pass)
    monkeypatch.setattr("assistant.dialogue.asking.words_for_engine", lambda text, *_: text)
    door.new_text(f"pay with {NUMBERS[0]}")
    assert len(door.engine.messages) == 1
    with pytest.raises(AssertionError):
        assert_clean(door.everything_kept(), NUMBERS, [])


def _let_pass(text: str, _earlier: str = "") -> Any:
    @dataclass
    class Passed:
        text: str
        had_card_number: bool = False
        completed_earlier_text: bool = False

    return Passed(text)
