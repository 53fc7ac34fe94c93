"""Cards on file: see them, add one, take one off, which is first, which is in reserve, and their names."""

from __future__ import annotations

import json

from actions.service.topic import ASKED, DONE, State, answer_of, chosen, heard, says, words_of_question
from actions.turn import Turn
from assistant.dialogue import phrasing
from assistant.errors import PaymentRefused
from assistant.payments.methods import Evidence
from assistant.payments.views import MethodView
from assistant.payments.wallet import KEEP_ONLY, Removal

_INTENT = "update_payment_method"
_MENU, _ADD, _KEEP, _REMOVE, _DEFAULT, _BACKUP, _NAME = (
    "menu",
    "add",
    "keep",
    "remove",
    "default",
    "backup",
    "name",
)
# What is done with one of the cards on file.
_OF_ONE = (_REMOVE, _DEFAULT, _BACKUP, _NAME)
_WORDS = {
    _REMOVE: "remov|delet|take .{0,30}\\boff|get rid|eras|forget|quit[ae]|elimin|borr|saca",
    _BACKUP: "back ?up|reserve|second card|respaldo|reserva",
    _NAME: "nickname|rename|name (it|my|the)|call (it|my card)|apodo|nombr",
    _DEFAULT: "default|main card|primary|first|prefer|predetermin|principal|primer",
    # "Which cards do you have saved" asks to see them: "saved" alone would add one.
    _MENU: "(what|which)\\b.{0,15}\\bcards?\\b|list\\b|show\\b|(que|cuales)\\b.{0,15}\\btarjetas?\\b|ver\\b",
    _ADD: "add|new|anoth|replac|updat|chang|switch|different|put (a|my)|sav|stor|expir|"
    "agreg|anad|nuev|otra|cambi|actualiz|pon(er|ga)|guard|venc",
}
_MOST_SHOWN = 4
_NAMES = {
    "name_home": {"en": "home card", "es": "tarjeta de casa"},
    "name_work": {"en": "work card", "es": "tarjeta del trabajo"},
    "name_family": {"en": "family card", "es": "tarjeta familiar"},
}


class Cards:
    """`step` is the aim; `method_id` the card it is about; `keep` asks for the mandate of a keyed card."""

    def begin(self, turn: Turn, words: str, option: str) -> State:
        wished = option or next((aim for aim, stems in _WORDS.items() if says(words, stems)), _MENU)
        is_empty = not turn.services.payments.wallet.methods(turn.session_id)
        if wished not in (*_OF_ONE, _ADD) or (wished in _OF_ONE and is_empty):
            wished = _MENU
        return {"topic": "cards", "step": wished}

    def ask(self, turn: Turn, state: State) -> State:
        saved = turn.services.payments.wallet.methods(turn.session_id)
        step = state["step"]
        if step in _OF_ONE:
            return self._ask_about_one(turn, state, saved)
        if step == _ADD:
            turn.services.payments.wallet.require_room(turn.session_id)
            turn.say("ask_card_to_keep", draft_id=KEEP_ONLY)
        elif step == _KEEP:
            turn.say("ask_keep_new_card", method=_of(saved, turn, str(state["method_id"])))
        else:
            turn.say("cards" if saved else "cards_none", cards=_listed(turn, saved))
        return state

    def take(self, turn: Turn, state: State) -> State | None:
        step, answer = state["step"], answer_of(turn)
        if turn.intent == "card_keyed":
            return _after_keying(turn, state)
        if step == _KEEP:
            return state if answer is None else _keep(turn, state, keeps=answer)
        if step == _NAME and state.get("method_id"):
            return _rename(turn, state)
        if step in (_REMOVE, _BACKUP) and state.get("method_id") and answer is not None:
            return _settle(turn, state) if answer else _leave_as_is(turn)
        if chosen(turn) == "pick":
            return _picked(turn, {**state, "method_id": str(turn.entity("method_id"))})
        if turn.intent == _INTENT:
            return self.begin(turn, heard(turn), chosen(turn))
        return _leave_as_is(turn) if answer is False else state

    def _ask_about_one(self, turn: Turn, state: State, saved: list[MethodView]) -> State:
        if not state.get("method_id"):
            if len(saved) > 1:
                _ask_which(turn, str(state["step"]), saved)
                return state
            state = {**state, "method_id": saved[0].id}
        method = _of(saved, turn, str(state["method_id"]))
        if state["step"] == _REMOVE:
            _ask_removal(turn, turn.services.payments.wallet.removal(turn.session_id, method.id))
        elif state["step"] == _BACKUP:
            turn.say("ask_backup", method=method)
        elif state["step"] == _NAME:
            turn.say("ask_card_name", method=method)
        else:
            # Nothing to choose among: say so, and ask again what to do with it.
            turn.say("only_card", method=method)
            return self.ask(turn, {"topic": "cards", "step": _MENU})
        return state


def _after_keying(turn: Turn, state: State) -> State:
    result = turn.entity("result")
    if result == "success" and isinstance(turn.entity("method_id"), str):
        return {**state, "step": _KEEP, "method_id": turn.entity("method_id")}
    if result == "refused":
        raise PaymentRefused(str(turn.facts.get("code") or "method_not_usable"))
    turn.say("card_not_taken")
    return {"topic": "cards", "step": _MENU}


def _keep(turn: Turn, state: State, *, keeps: bool) -> State | None:
    if not keeps:
        return _leave_as_is(turn)
    kept = turn.services.payments.wallet.keep(
        turn.session_id, str(state["method_id"]), _evidence(turn, "ask_keep_new_card")
    )
    turn.say("card_is_kept", method=kept)
    return ASKED


def _rename(turn: Turn, state: State) -> State | None:
    preset = _NAMES.get(chosen(turn))
    name = preset[turn.language] if preset else heard(turn)
    named = turn.services.payments.wallet.rename(turn.session_id, str(state["method_id"]), name)
    turn.say("card_is_named", method=named, card_name=named.nickname)
    return DONE


def _picked(turn: Turn, state: State) -> State | None:
    if state["step"] != _DEFAULT:
        return state
    method = turn.services.payments.wallet.make_default(turn.session_id, str(state["method_id"]))
    turn.say("card_is_first", method=method)
    return DONE


def _settle(turn: Turn, state: State) -> State | None:
    wallet, method_id = turn.services.payments.wallet, str(state["method_id"])
    if state["step"] == _BACKUP:
        method = wallet.make_backup(turn.session_id, method_id, _evidence(turn, "ask_backup"))
        turn.say("card_is_backup", method=method)
        return DONE
    effect = wallet.remove(turn.session_id, method_id, channel=turn.channel)
    turn.say("card_removed_autopay" if effect.ends_autopay else "card_removed", method=effect.method)
    return DONE


def _leave_as_is(turn: Turn) -> State | None:
    turn.say("nothing_changed")
    return DONE


def _ask_removal(turn: Turn, effect: Removal) -> None:
    if effect.ends_autopay:
        turn.say("ask_remove_with_autopay", method=effect.method, later_count=effect.scheduled_count)
    elif effect.scheduled_count:
        turn.say("ask_remove_with_later", method=effect.method, later_count=effect.scheduled_count)
    else:
        turn.say("ask_remove_backup" if effect.ends_backup else "ask_remove", method=effect.method)


def _ask_which(turn: Turn, step: str, saved: list[MethodView]) -> None:
    buttons = [
        {
            "title": _title(turn, each),
            "payload": f"/{_INTENT}" + json.dumps({"option": "pick", "method_id": each.id}),
        }
        for each in saved[:_MOST_SHOWN]
    ]
    turn.say(f"ask_which_card_{step}", buttons)


def _title(turn: Turn, method: MethodView) -> str:
    name = phrasing.method(method.brand, method.last_four, turn.language, turn.channel, kind=method.kind)
    return f"{method.nickname} ({name})" if method.nickname else name


def _of(saved: list[MethodView], turn: Turn, method_id: str) -> MethodView:
    """The card of the state; a keyed one is not on file yet."""
    found = next((each for each in saved if each.id == method_id), None)
    return found or turn.services.payments.wallet.keyed(turn.session_id, method_id)


def _listed(turn: Turn, saved: list[MethodView]) -> str:
    """`Visa 4242 (used first, ends December 2026), Mastercard 5100`."""
    today = turn.services.clock.today()
    words = phrasing.CARD_NOTES[turn.language]
    parts = []
    for each in saved[:_MOST_SHOWN]:
        notes = [words["first"]] * each.is_default + [words["backup"]] * each.is_backup
        if each.is_expired:
            notes.append(words["expired"])
        elif each.is_expiring(today):
            notes.append(words["ends_soon"])
        name = _title(turn, each)
        parts.append(f"{name}: {', '.join(notes)}" if notes else name)
    return ". ".join(parts)


def _evidence(turn: Turn, response: str) -> Evidence:
    return Evidence(
        words_of_question(turn, response),
        turn.language,
        "key" if turn.channel == "voice" else "word",
        turn.session_id,
        turn.id,
    )
