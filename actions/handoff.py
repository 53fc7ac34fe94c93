"""A person: asked for, promised for what the office does, told of a scam, or reached by our call."""

from __future__ import annotations

from actions.base import Aside, PorchlightAction, back_to_form, leave_form, slots
from actions.service.topic import heard
from actions.turn import Event, Turn
from assistant.handoff.service import HandoffAnswer

# The new name, address, phone or e-mail is in the words, and nowhere else.
_IN_OWN_WORDS = frozenset({"update_contact"})


def ask_person(turn: Turn, topic: str) -> HandoffAnswer:
    """Write the request down for the office, with what the clerk needs to see and no secret."""
    current = turn.services.identity.current(turn.session_id)
    ask = turn.services.handoff.report_scam if topic == "scam_report" else turn.services.handoff.ask
    return ask(
        session_id=turn.session_id,
        account_id=current.account_id if current else None,
        phone=turn.phone,
        topic=topic,
        summary=f"{_where(turn)}{_asked(turn, topic)}",
        channel=turn.channel,
    )


def _where(turn: Turn) -> str:
    return f"{turn.channel}, {turn.language}, while: {turn.slot('goal') or 'nothing yet'}"


def _asked(turn: Turn, topic: str) -> str:
    """What the clerk has to do, in the member's own words; they hold no secret, those are masked before."""
    words = heard(turn) if topic in _IN_OWN_WORDS else ""
    return f"; asked: {words}" if words else ""


class HumanAgent(PorchlightAction):
    """In office hours a call is put through; else a call back is promised."""

    action_name = "action_human_agent"

    def act(self, turn: Turn) -> list[Event]:
        answer = ask_person(turn, "human_agent")
        is_put_through = turn.channel == "voice" and answer.is_open
        turn.say("transfer" if is_put_through else "call_promised", promised_by=answer.promised_by_at)
        return []


class HandOff(Aside):
    """What the office does today: told honestly, with a call promised by a time."""

    action_name = "action_hand_off"

    def act(self, turn: Turn) -> list[Event]:
        answer = ask_person(turn, turn.intent)
        turn.say(turn.intent, promised_by=answer.promised_by_at)
        return []


class ReportScam(PorchlightAction):
    """Somebody asked for money or secrets in our name."""

    action_name = "action_report_scam"

    def act(self, turn: Turn) -> list[Event]:
        answer = ask_person(turn, "scam_report")
        turn.say("report_fraud", promised_by=answer.promised_by_at)
        return []


class CallMe(PorchlightAction):
    """We ring the texting member, so that a card is keyed and never texted; `step` is `asked` then."""

    action_name = "action_call_me"

    def act(self, turn: Turn) -> list[Event]:
        if turn.channel == "voice":
            turn.say("already_on_phone")
            return [*slots(step="done"), *back_to_form(turn)]
        turn.services.conversation_control.request_call(turn.session_id)
        turn.say("ringing_you")
        return [*slots(step="asked"), *leave_form()]
