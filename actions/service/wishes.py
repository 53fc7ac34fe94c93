"""How we write: reminders and how early, receipts, and the hours in which we stay quiet."""

from __future__ import annotations

from datetime import time

from actions.service.topic import DONE, State, answer_of, chosen, heard, says
from actions.turn import Turn
from assistant.dialogue import phrasing

_MENU, _REMINDER, _RECEIPTS, _QUIET = "menu", "reminder", "receipts", "quiet"
# Everything that members settle for themselves, to be reached by keys from the main menu.
_ALL = "all"
_WORDS = {
    _QUIET: "quiet|night|(so|too) (late|early)|hours|before \\d|after \\d|day ?time|during the day|"
    "silenci|noche|horas|tan (tarde|temprano)|despues de|de dia",
    _RECEIPTS: "receipt|confirmation text|recibo de pago|comprobante",
    _REMINDER: "remind|heads up|warn|due date text|recordator|recuerd|avis",
}
# Choices of quiet hours: from, until.
_HOURS = {
    "quiet_usual": (time(20), time(9)),
    "quiet_long": (time(18), time(10)),
    "quiet_short": (time(22), time(8)),
}
_DAYS = {"days_1": 1, "days_3": 3, "days_5": 5, "days_7": 7, "days_none": 0}


class Wishes:
    """`step` is what is being set."""

    def begin(self, turn: Turn, words: str, option: str) -> State:
        wished = option or next((what for what, stems in _WORDS.items() if says(words, stems)), _MENU)
        return {"topic": "wishes", "step": wished if wished in (*_WORDS, _ALL) else _MENU}

    def ask(self, turn: Turn, state: State) -> State:
        now = turn.services.preferences.of(turn.session_id)
        step = state["step"]
        if step == _REMINDER:
            turn.say("ask_reminder" if now.reminder_days else "ask_reminder_none", days=now.reminder_days)
        elif step == _RECEIPTS:
            turn.say("ask_receipts_off" if now.has_receipts else "ask_receipts_on")
        elif step == _QUIET:
            turn.say(
                "ask_quiet", hours=phrasing.hours_between(now.quiet_from, now.quiet_until, turn.language)
            )
        else:
            turn.say("ask_settings" if step == _ALL else "ask_wishes")
        return state

    def take(self, turn: Turn, state: State) -> State | None:
        preferences, option, answer = turn.services.preferences, chosen(turn), answer_of(turn)
        if option in _DAYS:
            set_now = preferences.set_reminder(turn.session_id, _DAYS[option])
            turn.say("reminder_set" if set_now.reminder_days else "reminder_off", days=set_now.reminder_days)
            return DONE
        if option in _HOURS:
            set_now = preferences.set_quiet_hours(turn.session_id, *_HOURS[option])
            between = phrasing.hours_between(set_now.quiet_from, set_now.quiet_until, turn.language)
            turn.say("quiet_set", hours=between)
            return DONE
        if option in (*_WORDS, _MENU):
            return {**state, "step": option}
        if state["step"] == _RECEIPTS and answer:
            wants = not preferences.of(turn.session_id).has_receipts
            preferences.set_receipts(turn.session_id, has_receipts=wants)
            turn.say("receipts_on" if wants else "receipts_off")
            return DONE
        if answer is False:
            turn.say("nothing_changed")
            return DONE
        return self.begin(turn, heard(turn), "") if turn.intent == "notification_settings" else state
