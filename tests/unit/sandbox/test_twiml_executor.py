"""The executor obeys TwiML as Twilio does: order, keys, speech, silence, trouble, and the end."""

from __future__ import annotations

from datetime import date

import pytest
from twilio.request_validator import RequestValidator

from assistant.sandbox.carrier_wire import Answer, SignedWebhooks
from assistant.sandbox.pay_desk import PayDesk
from assistant.sandbox.phone_models import CallInput
from assistant.sandbox.twiml import DOCUMENTS_LIMIT, TROUBLE, Call, Route, messages_in

BASE = "http://coop.test"
SAY = "<Say>{}</Say>"


class Coop:
    """Answers webhooks from a table of path -> TwiML; keeps what was posted."""

    def __init__(self, pages: dict[str, str]) -> None:
        self.pages = pages
        self.posted: list[tuple[str, dict[str, str]]] = []
        self.signatures: list[str] = []

    def __call__(self, url: str, form: dict[str, str], headers: dict[str, str]) -> Answer:
        path = url.removeprefix(BASE)
        self.posted.append((path, form))
        self.signatures.append(headers["X-Twilio-Signature"])
        page = self.pages.get(path, "")
        if page.startswith("status "):
            return Answer(int(page.removeprefix("status ")), "trouble")
        return Answer(200, f"<Response>{page}</Response>") if path in self.pages else Answer(404, "")

    def form_of(self, path: str) -> dict[str, str]:
        return next(form for posted, form in reversed(self.posted) if posted == path)


def call_to(
    coop: Coop, *, office: bool = True, paused: list[float] | None = None, fallback: str = ""
) -> Call:
    route = Route(
        call_id="CA" + "1" * 32,
        account_id="AC1",
        from_phone="+17065550111",
        to_phone="+17065550100",
        direction="inbound",
        voice_url=f"{BASE}/voice",
        fallback_url=fallback,
        status_url=f"{BASE}/status",
    )
    webhooks = SignedWebhooks(auth_token="t", base_url=BASE, post=coop)
    desk = PayDesk(lambda _card: "pm_1", today=lambda: date(2026, 11, 23))
    waits = paused if paused is not None else []
    return Call(route, webhooks, desk, office_picks_up=lambda: office, sleep=waits.append)


def started(pages: dict[str, str], **options: object) -> tuple[Coop, Call]:
    coop = Coop(pages)
    call = call_to(coop, **options)  # type: ignore[arg-type]
    call.start()
    return coop, call


def kinds(call: Call) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in call.lines]


def test_verbs_are_obeyed_in_order_and_the_end_is_told() -> None:
    paused: list[float] = []
    page = "<Say>One</Say><Pause length='3'/><Pause/><Play>/a.mp3</Play><Hangup/><Say>Never</Say>"
    coop, call = started({"/voice": page}, paused=paused)
    assert kinds(call) == [("said", "One"), ("paused", "3 s"), ("paused", "1 s"), ("played", "/a.mp3")]
    assert paused == [3, 1]
    assert call.ended_because == "the co-op hung up"
    assert coop.form_of("/status")["CallStatus"] == "completed"


def test_every_webhook_is_signed_for_its_own_address_and_fields() -> None:
    coop, _call = started({"/voice": "<Redirect>/next?a=1</Redirect>", "/next?a=1": "<Hangup/>"})
    validator = RequestValidator("t")
    for (path, form), signature in zip(coop.posted, coop.signatures, strict=True):
        assert validator.validate(BASE + path, form, signature)
    assert [path for path, _ in coop.posted] == ["/voice", "/next?a=1", "/status"]
    assert coop.posted[0][1]["CallStatus"] == "ringing"
    assert coop.posted[1][1]["CallStatus"] == "in-progress"


def test_addresses_hang_on_the_document_they_stand_in() -> None:
    coop, _ = started(
        {"/voice": "<Redirect>/a/b</Redirect>", "/a/b": "<Redirect>c</Redirect>", "/a/c": "<Hangup/>"}
    )
    assert [path for path, _ in coop.posted][:3] == ["/voice", "/a/b", "/a/c"]


def test_a_gather_takes_keys_up_to_its_length_and_hands_the_rest_on() -> None:
    page = "<Gather numDigits='4' action='/two'><Say>PIN</Say></Gather>"
    following = "<Gather numDigits='1' finishOnKey='' action='/three'><Say>Menu</Say></Gather>"
    coop, call = started({"/voice": page, "/two": following, "/three": "<Hangup/>"})
    call.give(CallInput(keys="4821#"))
    assert coop.form_of("/two")["Digits"] == "4821"
    assert coop.form_of("/three")["Digits"] == "#"
    assert ("said", "Menu") not in kinds(call)  # the early key broke in


def test_keys_pressed_ahead_are_lost_while_something_is_said_outside_of_a_gather() -> None:
    page = "<Gather numDigits='1' action='/two'/>"
    terms = "<Say>The terms.</Say><Gather numDigits='1' action='/three'/>"
    coop, call = started({"/voice": page, "/two": terms, "/three": "<Hangup/>"})
    call.give(CallInput(keys="211"))
    assert coop.form_of("/two")["Digits"] == "2"
    assert [path for path, _ in coop.posted] == ["/voice", "/two"], "the terms wait for a key of their own"


def test_pound_ends_a_gather_and_is_not_part_of_it() -> None:
    coop, call = started({"/voice": "<Gather action='/two'/>", "/two": "<Hangup/>"})
    call.give(CallInput(keys="84"))
    call.give(CallInput(keys="*20#"))
    assert coop.form_of("/two")["Digits"] == "84*20"
    assert coop.form_of("/two")["FinishedOnKey"] == "#"


@pytest.mark.parametrize("last", [CallInput(silence=True), CallInput(keys="0", is_done=True)])
def test_a_pause_hands_over_what_was_keyed(last: CallInput) -> None:
    coop, call = started({"/voice": "<Gather action='/two'/>", "/two": "<Hangup/>"})
    call.give(CallInput(keys="5"))
    assert call.listening is not None
    assert call.listening.keyed == 1
    call.give(last)
    assert coop.form_of("/two")["Digits"] == "5" + last.keys


def test_silence_goes_on_behind_the_gather_unless_it_is_wanted() -> None:
    coop, call = started({"/voice": "<Gather action='/two'/><Say>Bye</Say>"})
    call.give(CallInput(silence=True))
    assert kinds(call)[-1] == ("said", "Bye")
    assert call.ended_because == "there was nothing more to say"
    coop, call = started(
        {"/voice": "<Gather action='/two' actionOnEmptyResult='true'/>", "/two": "<Hangup/>"}
    )
    call.give(CallInput(silence=True))
    assert coop.form_of("/two")["Digits"] == ""


def test_speech_is_heard_only_where_it_is_listened_for() -> None:
    first = "<Gather input='dtmf speech' action='/two'/>"
    second = "<Gather action='/three' actionOnEmptyResult='true'/>"
    coop, call = started({"/voice": first, "/two": second, "/three": "<Hangup/>"})
    call.give(CallInput(speech="pay my bill", confidence=0.8))
    assert coop.form_of("/two")["SpeechResult"] == "pay my bill"
    assert coop.form_of("/two")["Confidence"] == "0.8"
    call.give(CallInput(speech="four eight two one"))
    assert "SpeechResult" not in coop.form_of("/three")


def test_a_gather_without_an_action_asks_its_own_document_again() -> None:
    coop, call = started({"/voice": "<Gather numDigits='1'/>"})
    call.give(CallInput(keys="1"))
    assert [path for path, _ in coop.posted] == ["/voice", "/voice"]
    assert call.listening is not None


@pytest.mark.parametrize(("office", "status"), [(True, "completed"), (False, "no-answer")])
def test_a_dial_tells_whether_somebody_answered(office: bool, status: str) -> None:
    page = "<Dial action='/after'><Number>+17065550101</Number></Dial>"
    coop, call = started({"/voice": page, "/after": "<Hangup/>"}, office=office)
    assert coop.form_of("/after")["DialCallStatus"] == status
    assert ("dialed", "+17065550101") in kinds(call)


def test_a_rejected_call_is_over() -> None:
    _, call = started({"/voice": "<Reject reason='busy'/>"})
    assert call.ended_because == "the co-op rejected the call (busy)"


@pytest.mark.parametrize("page", ["status 500", "status 403", "<Sing/>", "<Say>"])
def test_trouble_ends_the_call_in_words(page: str) -> None:
    _, call = started({"/voice": page})
    assert call.ended_because == "an application error"


def test_trouble_goes_to_the_fallback_address_first() -> None:
    pages = {"/voice": "status 500", "/fallback": "<Say>Please call the office.</Say><Hangup/>"}
    coop, call = started(pages, fallback=f"{BASE}/fallback")
    assert kinds(call) == [("said", "Please call the office.")]
    assert coop.form_of("/fallback")["ErrorCode"] == "11200"
    _, call = started({"/voice": "status 500", "/fallback": "status 500"}, fallback=f"{BASE}/fallback")
    assert kinds(call) == [("said", TROUBLE)]


def test_a_call_that_goes_round_in_circles_is_stopped() -> None:
    coop, call = started({"/voice": "<Redirect>/voice</Redirect>"})
    assert call.ended_because == "the call went round in circles"
    assert len(coop.posted) == DOCUMENTS_LIMIT + 1


def test_hanging_up_while_listening_and_afterwards() -> None:
    coop, call = started({"/voice": "<Gather action='/two'/>"})
    call.hang_up()
    call.hang_up()
    assert kinds(call) == [("hung_up", "")]
    assert [path for path, _ in coop.posted] == ["/voice", "/status"]
    with pytest.raises(ValueError, match="not listening"):
        call.give(CallInput(keys="1"))


def test_messages_are_read_from_an_answer() -> None:
    assert messages_in(Answer(200, "<Response><Message>A</Message></Response>")) == ["A"]
    assert messages_in(Answer(200, "<Response><Message><Body>A</Body></Message></Response>")) == ["A"]
    assert messages_in(Answer(200, "<Response/>")) == []
    assert messages_in(Answer(500, "")) is None
    assert messages_in(Answer(200, "<Response><Say>A</Say></Response>")) is None
    assert messages_in(Answer(200, "sorry")) is None
