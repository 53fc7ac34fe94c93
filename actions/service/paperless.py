"""Bills by text instead of on paper, or on paper again."""

from __future__ import annotations

from actions.service.topic import DONE, State, answer_of, chosen, heard, says
from actions.turn import Turn

# "Paper bill" said with these wants paper back.
_PAPER_AGAIN = (
    "back to paper|paper (bill|statement|copy)s? (again|back)|want (a |my )?paper|mail me|by mail|"
    "in the mail|(stop|no|off|cancel) paperless|turn off|undo|send me (a |my )?paper|mail(ing)? my bill|"
    "en papel|por correo|papel otra vez|quiero (el |la |mi )?(papel|recibo de papel)|desactiv"
)
_NO_PAPER = (
    "stop (the |sending |mailing )|quit|(don ?t|do not) want|no more paper|without paper|go paperless|"
    "instead of|no (quiero|mande)|sin papel|ya no"
)


class Paperless:
    """`wants` is `on` or `off`."""

    def begin(self, turn: Turn, words: str, option: str) -> State:
        wanted = option
        if wanted not in ("on", "off"):
            wants_paper = says(words, _PAPER_AGAIN) and not says(words, _NO_PAPER)
            wanted = "off" if wants_paper else "on"
        return {"topic": "paperless", "step": "confirm", "wants": wanted}

    def ask(self, turn: Turn, state: State) -> State:
        is_on = turn.services.preferences.of(turn.session_id).is_paperless
        wants_on = state["wants"] == "on"
        if is_on == wants_on:
            # It is so already; perhaps the other way is meant.
            wants_on = not is_on
            turn.say("ask_paperless_already_on" if is_on else "ask_paperless_already_off")
        else:
            turn.say("ask_paperless_on" if wants_on else "ask_paperless_off")
        return {**state, "wants": "on" if wants_on else "off"}

    def take(self, turn: Turn, state: State) -> State | None:
        answer = answer_of(turn)
        if answer is None:
            return self.begin(turn, heard(turn), chosen(turn)) if turn.intent == "paperless" else state
        if answer:
            is_on = state["wants"] == "on"
            turn.services.preferences.set_paperless(turn.session_id, is_paperless=is_on)
            turn.say("paperless_on" if is_on else "paperless_off")
        else:
            turn.say("nothing_changed")
        return DONE
