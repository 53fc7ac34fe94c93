"""One turn: read what was heard, check secrets, record consent, ask the engine, keep the transcript."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from assistant.clock import Clock
from assistant.db import Database
from assistant.dialogue.asking import Asking
from assistant.dialogue.calls import Calls
from assistant.dialogue.earlier_news import EarlierNews, News
from assistant.dialogue.engine import DialogueEngine
from assistant.dialogue.expecting import joined_expectation, to_json
from assistant.dialogue.hearing import Hearing
from assistant.dialogue.keeping import kept_words
from assistant.dialogue.language import language_of
from assistant.dialogue.meaning import (
    Command,
    Consent,
    Manner,
    Meaning,
    Means,
    Miss,
    Says,
    Secret,
    meaning_of,
)
from assistant.dialogue.models import DialogueSession, TurnRecord
from assistant.dialogue.naming import Naming
from assistant.dialogue.own_replies import OwnReplies
from assistant.dialogue.running import RunningTurn
from assistant.dialogue.secrets import Secrets
from assistant.dialogue.sessions import HeldTurn, Sessions
from assistant.dialogue.several_wishes import ALSO_WANTED, SeveralWishes
from assistant.dialogue.turn import Expectation, Heard, Language, Reply, SessionView
from assistant.errors import EngineUnavailable, Refusal
from assistant.handoff.service import Handoff
from assistant.ids import new_id
from assistant.notifications.words import Words
from assistant.observability import place_of
from assistant.payments.service import Payments
from assistant.payments.wallet import KEEP_ONLY
from assistant.settings import Settings

_LOG = structlog.get_logger(__name__)
# After these the open question stays what it was.
_QUESTION_STAYS = ("repeated", "missed", "aside")
# A spoken receipt with its number twice takes about this long.
_HEARD_AFTER = timedelta(seconds=25)


class Conversation:
    """Takes turns. Never raises for a vendor or the engine: the member always gets words."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: Settings,
        *,
        engine: DialogueEngine,
        sessions: Sessions,
        secrets: Secrets,
        naming: Naming,
        calls: Calls,
        payments: Payments,
        handoff: Handoff,
        words: Words,
        on_turn: Callable[[str, str, float, float], None] = lambda *_: None,
    ) -> None:
        """`on_turn(channel, outcome, seconds, engine_seconds)` is told of every finished turn."""
        self._db = db
        self._clock = clock
        self._settings = settings
        self._sessions = sessions
        self._secrets = secrets
        self._naming = naming
        self._calls = calls
        self._payments = payments
        self._handoff = handoff
        self._asking = Asking(engine, sessions, words, settings)
        self._own = OwnReplies(self._asking, sessions, settings)
        self._hearing = Hearing(settings.speech_confidence_min, settings.spoken_yes_confidence_min)
        self._on_turn = on_turn
        self._several = SeveralWishes(engine, settings.pin_length)
        self._earlier_news = EarlierNews(payments, words)

    def open_text_session(self, phone: str) -> SessionView:
        """The running session of a texting phone, or a new one."""
        return self._sessions.open_text(phone)

    def open_call(self, call_id: str, phone: str, resume: str = "") -> SessionView:
        """The session of a call. `resume` names the text session that a call of ours continues."""
        view = self._sessions.open_call(call_id, phone)
        if view.is_new and resume:
            self._calls.continue_text(resume, view)
        return view

    def find_call(self, call_id: str) -> SessionView | None:
        """The session of a call that was opened before."""
        return self._sessions.find_call(call_id)

    def end(self, session_id: str, reason: str) -> None:
        """The line is gone, the thread is closed, or (`transferred`) a person has taken over."""
        _LOG.info("session_ended", session_id=session_id, reason=reason)
        if reason == "transferred":
            self._handoff.transferred(session_id)
        last = self._last_turn(session_id)
        if (
            reason == "completed"
            and last is not None
            and self._clock.now() - last.finished_at >= _HEARD_AFTER
        ):
            # Who stayed on the line this long has heard the last reply, and hung up content.
            self.told(session_id)
        self._sessions.end(session_id)

    def told(self, session_id: str) -> None:
        """The reply of the last turn has left: nobody needs to send its outcome again."""
        last = self._last_turn(session_id)
        # An apology may stand where a receipt would have: it told nothing.
        if last is not None and last.outcome == "answered":
            self._payments.told_in_reply(last.id)

    def _last_turn(self, session_id: str) -> TurnRecord | None:
        with self._db.read() as tx:
            return tx.scalar(
                select(TurnRecord)
                .where(TurnRecord.session_id == session_id)
                .order_by(TurnRecord.number.desc())
                .limit(1)
            )

    def take(self, session_id: str, heard: Heard) -> list[Reply]:
        """Take one turn and return one or more replies. Raises SessionBusy, LookupError (no session)."""
        started = time.monotonic()
        came_at = self._clock.now()
        with self._sessions.turn(session_id, self._settings.rasa_timeout_seconds) as held:
            also_wanted = held.session.expectation.also_wanted
            turn = RunningTurn(new_id("turn"), held.session, heard, came_at, also_wanted=also_wanted)
            started_at = self._clock.now()
            if held.session.channel == "voice" and heard.kind != "event":
                # Who speaks or keys again has heard the reply before.
                self.told(session_id)
            with structlog.contextvars.bound_contextvars(session_id=session_id, turn_id=turn.id):
                replies = self._several.lead_on(turn, self._answer(turn))
                expectation = self._expectation_after(turn, replies)
                news = self._earlier_news.for_turn(turn, replies)
                replies = replies if news is None else news.before(replies)
                held.at_end(lambda tx: self._keep(tx, turn, replies, expectation, started_at, news))
                self._note(held, turn, time.monotonic() - started)
        return replies

    def _answer(self, turn: RunningTurn) -> list[Reply]:
        try:
            return self._act(turn, self._meaning(turn))
        except (EngineUnavailable, ValueError) as trouble:
            _LOG.error("turn_failed", error=type(trouble).__name__)
        except Exception as unexpected:  # noqa: BLE001  a member never gets a traceback
            _LOG.error("turn_crashed", error=type(unexpected).__name__, where=place_of(unexpected))
        return self._asking.apologise(turn)

    def _meaning(self, turn: RunningTurn) -> Meaning:
        session, heard = turn.session, turn.heard
        if heard.kind == "card":
            return self._card_meaning(turn)
        if heard == Heard("event", "call_opened") and self._calls.was_rung(session.id):
            return Means("resume")
        if self._hearing.is_too_faint(heard, session.expectation):
            return Miss()
        if heard.kind in ("text", "speech"):
            guessed = language_of(heard.text)
            if guessed is not None and guessed != session.language:
                self._switch_language(turn, guessed)
        meaning = self._read(turn, heard)
        if isinstance(meaning, Means) and meaning.intent == ALSO_WANTED:
            meaning = self._read(turn, replace(heard, kind="text", text=meaning.entities["words"]))
        elif isinstance(meaning, Says):
            first = self._several.words_of_first(turn, meaning.text)
            meaning = meaning if first == meaning.text else self._read(turn, replace(heard, text=first))
        if session.expectation.kind == "confirm" and _came_before_the_question(turn):
            # Two texts at once: a yes that was sent before this read-back was made is no yes to it.
            return Means("affirm") if isinstance(meaning, Consent | Secret) else meaning
        return meaning

    def _read(self, turn: RunningTurn, heard: Heard) -> Meaning:
        meaning = meaning_of(heard, turn.expect, turn.session.language)
        return self._without_chance_number(self._naming.read(turn.session, heard, meaning))

    def _without_chance_number(self, meaning: Meaning) -> Meaning:
        """Eight digits go on as a confirmation number only when they are one: half a card has as many."""
        if not isinstance(meaning, Says) or "confirmation_number" not in meaning.facts:
            return meaning
        if self._payments.is_confirmation_number(meaning.facts["confirmation_number"]):
            return meaning
        return replace(meaning, facts={**meaning.facts, "confirmation_number": ""})

    def _act(self, turn: RunningTurn, meaning: Meaning) -> list[Reply]:
        match meaning:
            case Command():
                return self._obey(turn, meaning)
            case Miss():
                return self._own.ask_again(turn)
            case Secret(digits=digits):
                return self._own.answer_or_ask_otherwise(turn, self._checked(turn, digits))
            case Consent(how=how):
                return self._asking.ask(turn, self._consented(turn, how))
            case Manner():
                return self._own.mind(turn, meaning)
            case Says() | Means():
                doubt = self._own.doubt(turn, meaning)
                if doubt is None:
                    return self._own.answer_or_ask_otherwise(turn, meaning)
                # "Fifteen or fifty?" is no answer: who is not understood before and after it gets a person.
                turn.misses = turn.expect.misses
                return [doubt]

    def _checked(self, turn: RunningTurn, digits: str) -> Means:
        """Check a secret here; the engine hears only how it went. A right PIN may also be the consent."""
        expect = turn.expect
        check = self._secrets.check(turn.session, expect, digits)
        if check.is_right and expect.kind == "confirm":
            return self._consented(turn, "pin")
        return Means("secret_checked", {"secret": expect.secret, "outcome": check.outcome}, check.facts)

    def _consented(self, turn: RunningTurn, how: str) -> Means:
        draft_id = turn.expect.draft_id
        is_recorded = self._payments.record_consent(
            session_id=turn.session.id,
            draft_id=draft_id,
            turn_id=turn.id,
            how=how,  # type: ignore[arg-type]
        )
        # A draft that is gone is told by the action, which finds no consent to act on.
        _LOG.info("consent", how=how, is_recorded=is_recorded)
        # What was read to the member, as it was sent, is the evidence that a mandate keeps.
        words = {"words": turn.expect.words}
        return Means(f"confirm_{self._payments.kind_of_draft(draft_id)}", {}, words)

    def _card_meaning(self, turn: RunningTurn) -> Means:
        card = turn.heard.card
        result = card.get("result", "internal-error")
        if result != "success":
            return Means("card_keyed", {"result": result})
        if turn.expect.draft_id == KEEP_ONLY:
            return self._card_to_keep(turn.session.id, turn.heard.card.get("token", ""))
        try:
            self._payments.attach_card(turn.session.id, turn.expect.draft_id, card.get("token", ""))
        except Refusal as refusal:
            return Means("card_keyed", {"result": "refused"}, {"code": refusal.code})
        return Means("card_keyed", {"result": "success"})

    def _card_to_keep(self, session_id: str, token: str) -> Means:
        """A card that was keyed to be kept and not to be charged."""
        try:
            keyed = self._payments.wallet.take_keyed(session_id, token)
        except Refusal as refusal:
            return Means("card_keyed", {"result": "refused"}, {"code": refusal.code})
        return Means("card_keyed", {"result": "success", "method_id": keyed.id})

    def _obey(self, turn: RunningTurn, command: Command) -> list[Reply]:
        match command.name:
            case "repeat":
                return self._own.say_again(turn)
            case "slower":
                return self._own.slower(turn)
            case "faster":
                return self._own.faster(turn)
            case "more_time":
                return self._own.wait(turn, "take_your_time")
            case "relay":
                return self._own.wait(turn, "relay")
            case "reset":
                self._secrets.forget(turn.session.id)
                turn.also_wanted = ()
                fresh = self._sessions.start_engine_afresh(turn.session.id)
                turn.session = replace(
                    turn.session, engine_conversation=fresh, expectation=Expectation(), turn_count=1
                )
                return self._asking.ask(turn, Means("menu"))
            case "english" | "spanish":
                wanted: Language = "es" if command.name == "spanish" else "en"
                self._switch_language(turn, wanted)
                return self._asking.ask(turn, Means("change_language", {"language": wanted}))

    def _switch_language(self, turn: RunningTurn, language: Language) -> None:
        self._sessions.set_language(turn.session.id, language)
        turn.session = replace(turn.session, language=language)

    def _expectation_after(self, turn: RunningTurn, replies: list[Reply]) -> Expectation:
        before = turn.expect
        if not replies:
            expectation = before
        elif turn.outcome in _QUESTION_STAYS:
            # The words to fall back on stay those of the question, not of the reprompt.
            expectation = replace(replies[-1].expect, words=before.words)
        else:
            expectation = replace(joined_expectation(replies), misses=turn.misses)
        # An event of the channel, such as a transfer that nobody took, is no sign of life.
        is_still_lost = turn.misses > 0 or turn.outcome in _QUESTION_STAYS or turn.heard.kind == "event"
        return replace(
            expectation,
            also_wanted=turn.also_wanted,
            is_patient=before.is_patient or turn.is_patient,
            is_person_offered=turn.is_person_offered or (before.is_person_offered and is_still_lost),
        )

    def _keep(
        self,
        tx: Session,
        turn: RunningTurn,
        replies: list[Reply],
        expectation: Expectation,
        started_at: Any,
        news: News | None,
    ) -> None:
        """The transcript, redacted, and what is expected next: in the commit that ends the turn."""
        number = tx.scalar(
            select(func.coalesce(func.max(TurnRecord.number), 0)).where(
                TurnRecord.session_id == turn.session.id
            )
        )
        tx.add(
            TurnRecord(
                id=turn.id,
                session_id=turn.session.id,
                number=int(number or 0) + 1,
                heard_kind=turn.heard.kind,
                heard=_kept_words(turn, self._settings.pin_length),
                replies=[reply.text for reply in replies],
                outcome=turn.outcome,
                started_at=started_at,
                finished_at=self._clock.now(),
                engine_ms=turn.engine_ms,
            )
        )
        if news is not None:
            self._payments.untold.opened_with(tx, news.payment_id)
        tx.execute(
            update(DialogueSession)
            .where(DialogueSession.id == turn.session.id)
            .values(expectation=to_json(replace(expectation, asked_at=self._clock.now().isoformat())))
        )

    def _note(self, held: HeldTurn, turn: RunningTurn, seconds: float) -> None:
        _LOG.info(
            "turn",
            channel=held.session.channel,
            heard=turn.heard.kind,
            outcome=turn.outcome,
            ms=round(seconds * 1000),
            engine_ms=turn.engine_ms,
        )
        self._on_turn(held.session.channel, turn.outcome, seconds, turn.engine_ms / 1000)


def _came_before_the_question(turn: RunningTurn) -> bool:
    asked_at = turn.expect.asked_at
    return bool(asked_at) and turn.came_at < datetime.fromisoformat(asked_at)


def _kept_words(turn: RunningTurn, pin_length: int) -> str:
    """What the transcript keeps: no secret, asked for or volunteered, and no token."""
    if turn.heard.kind == "card":
        return str(turn.heard.card.get("result", ""))
    return kept_words(turn.heard, turn.expect, turn.session.language, pin_length)
