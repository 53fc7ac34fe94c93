"""Helpers: whom a member lets ask what is owed and pay; named by their phone, listed and taken away."""

from __future__ import annotations

import json

from actions.service.topic import DONE, State, answer_of, chosen, heard, says
from actions.turn import Turn
from assistant.dialogue import phrasing
from assistant.identity.helpers import as_phone

_MENU, _NAME, _CONFIRM, _TAKE = "menu", "name", "confirm", "take"
_WORDS = {
    _TAKE: "remov|take (away|off|him|her|them)|delet|revok|no longer|stop letting|quit[ae]|elimin|ya no|borr",
    _MENU: "who|list|which|show|quien|cuales|lista",
}


class Helpers:
    """`phone` is the number to be named; `helper_id` the one to be taken away."""

    def begin(self, turn: Turn, words: str, option: str) -> State:
        # Whoever only presses the key of the menu wants to see who helps.
        unsaid = _NAME if words else _MENU
        step = option or next((aim for aim, stems in _WORDS.items() if says(words, stems)), unsaid)
        if not turn.services.identity.helpers(turn.session_id):
            step = _NAME
        return {"topic": "helpers", "step": step if step in (_NAME, _TAKE) else _MENU}

    def ask(self, turn: Turn, state: State) -> State:
        named = turn.services.identity.helpers(turn.session_id)
        step = state["step"]
        if step == _NAME:
            turn.say("ask_helper_phone")
        elif step == _CONFIRM:
            turn.say("ask_helper_confirm", helper_phone=phrasing.phone_number(state["phone"], turn.channel))
        elif step == _TAKE and state.get("helper_id"):
            turn.say("ask_take_helper_away", last_four=phrasing.digits(state["last_four"], turn.channel))
        elif step == _TAKE and len(named) == 1:
            state = {**state, "helper_id": named[0].access_id, "last_four": named[0].last_four}
            turn.say("ask_take_helper_away", last_four=phrasing.digits(named[0].last_four, turn.channel))
        elif step == _TAKE:
            turn.say("ask_which_helper", _buttons(turn))
        else:
            listed = ", ".join(phrasing.digits(each.last_four, turn.channel) for each in named)
            turn.say("helpers_are", helpers=listed)
        return state

    def take(self, turn: Turn, state: State) -> State | None:
        step, answer = state["step"], answer_of(turn)
        if chosen(turn) in (_NAME, _TAKE):
            return {"topic": "helpers", "step": chosen(turn)}
        if chosen(turn) == "pick":
            return _picked(turn, state)
        if turn.intent == "inform_digits" and step in (_NAME, _CONFIRM):
            return {**state, "step": _CONFIRM, "phone": as_phone(str(turn.entity("digits")))}
        if answer is None:
            return self.begin(turn, heard(turn), "") if turn.intent == "helper_access" else state
        if answer and step == _CONFIRM:
            turn.services.identity.name_helper(turn.session_id, str(state["phone"]))
            turn.say("helper_named", helper_phone=phrasing.phone_number(str(state["phone"]), turn.channel))
            return DONE
        if answer and step == _TAKE and state.get("helper_id"):
            gone = turn.services.identity.take_helper_away(turn.session_id, int(state["helper_id"]))
            turn.say("helper_taken_away", last_four=phrasing.digits(gone.last_four, turn.channel))
            return DONE
        if answer:
            return state
        if step == _CONFIRM:
            # The number was wrong, perhaps heard wrongly: it is asked again.
            return {"topic": "helpers", "step": _NAME}
        turn.say("nothing_changed")
        return DONE


def _picked(turn: Turn, state: State) -> State:
    access_id = turn.entity("helper_id")
    named = turn.services.identity.helpers(turn.session_id)
    found = next((each for each in named if each.access_id == access_id), None)
    if found is None:
        return state
    return {**state, "helper_id": found.access_id, "last_four": found.last_four}


def _buttons(turn: Turn) -> list[dict[str, str]]:
    return [
        {
            "title": phrasing.phone_ending(each.last_four, turn.language, turn.channel),
            "payload": "/helper_access" + json.dumps({"option": "pick", "helper_id": each.access_id}),
        }
        for each in turn.services.identity.helpers(turn.session_id)
    ]
