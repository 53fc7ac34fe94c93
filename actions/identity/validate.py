"""What an answer in identify_form changes. Digressions change nothing, so that their rule can answer."""

from __future__ import annotations

from collections.abc import Callable

from actions.base import PorchlightAction, slots
from actions.billing import tells_named
from actions.goals import ANSWER, GOALS, PAY_BILL, SHOW, goal_of
from actions.identity import steps
from actions.intents import ASIDES, EXITS
from actions.payments.next_account import claim_named, named_accounts, take_account
from actions.turn import Event, Turn
from assistant.errors import Refusal

# After these no further try is asked for in this form.
FINAL_REFUSALS = frozenset(
    {"identity_locked", "identity_agent_needed", "code_limit_reached", "helper_may_not"}
)
_MOST_MISMATCHES = 3
_PIN_SETTING = (steps.ENROLLMENT_CODE, steps.CODE, steps.NEW_PIN)


class ValidateIdentify(PorchlightAction):
    """Rasa calls this for every turn inside the form, and when the form begins."""

    action_name = "validate_identify_form"

    def act(self, turn: Turn) -> list[Event]:
        if turn.slot("requested_slot") is None:
            # The form begins; with an event Rasa does not ask a second time.
            return _stay(turn)
        named = named_accounts(turn)
        if named is not None and turn.intent in GOALS:
            return _take_named(turn, named)
        if turn.intent in ASIDES | EXITS or turn.intent.startswith("confirm_"):
            return []
        answers: dict[str, Callable[[Turn], list[Event]]] = {
            "inform_digits": _take_digits,
            "secret_checked": _take_secret,
            "account_access": _take_way,
            "deny": _take_no,
            "go_back": _go_back,
        }
        answer = answers.get(turn.intent, _change_goal if turn.intent in GOALS else _stay)
        return answer(turn)

    def after_refusal(self, turn: Turn, refusal: Refusal) -> list[Event]:
        turn.refuse(refusal)
        if refusal.code in FINAL_REFUSALS:
            return _no_further(turn, refusal.code)
        return _ask_account_again(turn) if refusal.code == "identity_not_matched" else _stay(turn)


def _take_named(turn: Turn, named: list[int]) -> list[Event]:
    """Accounts that are named: picked for the wish that names them, or for the one that waits."""
    goal = turn.slot("goal") if turn.intent == "account_access" else goal_of(turn)
    if not named:
        # What was picked before is not what is named now.
        turn.services.identity.forget(turn.session_id)
        return slots(goal=goal, account=None, proof=None, way=None)
    if tells_named(turn, goal) and len(named) > 1:
        return slots(goal=goal, account=steps.OVER, proof=steps.OVER, then=ANSWER)
    picked = take_account(turn) if goal == PAY_BILL else claim_named(turn)
    if not picked:
        return _stay(turn)
    told = {name: value for name, value in GOALS[goal].told(turn).items() if value is not None}
    return [*slots(goal=goal, **told), *picked, *go_on(turn, goal=goal, is_chosen=True)]


def give_up(then: str = "done") -> list[Event]:
    """End the form without a proof that a goal waits for."""
    return slots(account=steps.OVER, proof=steps.OVER, then=then)


def _ask_account_again(turn: Turn) -> list[Event]:
    """The account number, or what goes with it, may be wrong; nobody is told which. Three times: a person."""
    mismatches = int(turn.slot("mismatches") or 0) + 1
    if mismatches >= _MOST_MISMATCHES:
        return [*slots(mismatches=0), *give_up(then=steps.PERSON)]
    return slots(account=None, proof=None, mismatches=mismatches)


def _no_further(turn: Turn, code: str) -> list[Event]:
    """No try is left, or none would help. What a helper may not ask is no reason to lose the payment."""
    goes_back = code == "helper_may_not" and turn.slot("waiting")
    return give_up(then=steps.BACK_TO_PAYING if goes_back else "done")


def go_on(
    turn: Turn,
    *,
    goal: str = "",
    way: str | None = None,
    is_chosen: bool = False,
    question_then: str = ANSWER,
) -> list[Event]:
    """A proof was given: end the form if it is enough for the goal, else ask for the next one."""
    goal = goal or turn.slot("goal")
    if not steps.is_known_enough(turn, goal, way=way, is_chosen=is_chosen):
        return slots(account=steps.CLAIMED, proof=None, way=steps.next_way(turn, goal))
    step = GOALS[goal].step
    is_told_only = step in (ANSWER, SHOW) and question_then != ANSWER
    then = question_then if is_told_only else step
    return slots(account=steps.CLAIMED, proof="given", way=way, then=then, mismatches=0)


def _stay(turn: Turn) -> list[Event]:
    """Nothing changes and the question is asked again. An event keeps Rasa from leaving the form."""
    return slots(way=turn.slot("way"))


def _take_digits(turn: Turn) -> list[Event]:
    digits = str(turn.entity("digits") or "")
    asked, rules = turn.slot("requested_slot"), turn.services.settings
    if asked == "account" and steps.must_choose_account(turn):
        return _choose_by_last_four(turn, digits)
    if asked == "account":
        if _is_wrong_length(turn, digits, rules.account_number_length):
            return _stay(turn)
        turn.services.identity.claim(turn.session_id, digits)
        way = turn.slot("way") or steps.next_way(turn, turn.slot("goal"))
        return slots(account=steps.CLAIMED, way=way)
    if turn.slot("way") != steps.ZIP or _is_wrong_length(turn, digits, 5):
        return _stay(turn)
    turn.services.identity.recognize_by_zip(turn.session_id, turn.phone, digits)
    return go_on(turn)


def _is_wrong_length(turn: Turn, digits: str, wanted: int) -> bool:
    if len(digits) == wanted:
        return False
    turn.say("wrong_length", counted=len(digits), wanted=wanted)
    return True


def _choose_by_last_four(turn: Turn, digits: str) -> list[Event]:
    accounts = turn.services.identity.accounts_of_phone(turn.phone)
    fitting = [account for account in accounts if digits and account.last_four == digits[-4:]]
    if len(fitting) != 1:
        turn.say("no_such_choice")
        return _stay(turn)
    return _choose(turn, fitting[0].account_id)


def _choose(turn: Turn, account_id: int) -> list[Event]:
    turn.services.identity.claim_account(turn.session_id, account_id)
    turn.services.identity.recognize_by_phone(turn.session_id, turn.phone)
    if turn.slot("way") == steps.PICK:
        return slots(account=steps.CLAIMED)
    return go_on(turn, is_chosen=True)


def _take_secret(turn: Turn) -> list[Event]:
    kind, outcome = turn.entity("secret"), str(turn.entity("outcome") or "")
    if outcome != "ok":
        return _take_wrong_secret(turn, outcome)
    if kind == steps.ENROLLMENT_CODE or (kind == steps.CODE and turn.slot("goal") == "account_access"):
        return slots(account=steps.CLAIMED, way=steps.NEW_PIN)
    if kind == steps.NEW_PIN:
        if turn.slot("goal") == "account_access":
            # Whoever just enrolled is offered what makes the next time short: a card on file, or autopay.
            turn.say("enrolled")
            return give_up(then="asked")
        turn.say("pin_is_set")
        # One reply was said already: the answer then ends the turn, without leading on.
        return go_on(turn, question_then="tell")
    return go_on(turn)


def _take_wrong_secret(turn: Turn, code: str) -> list[Event]:
    turn.refuse_secret(code)
    if code in FINAL_REFUSALS:
        return _no_further(turn, code)
    if code == "not_verified":
        return slots(proof=None, way=steps.ZIP if turn.entity("secret") == "pin" else steps.PICK)
    if code == "identity_not_matched":
        return _ask_account_again(turn)
    if code in ("pin_not_set", "enrollment_code_used", "code_expired"):
        return slots(proof=None, way=steps.PICK)
    return _stay(turn)


def _take_way(turn: Turn) -> list[Event]:
    """A choice of the form, or "I forgot my PIN" in the member's words."""
    account_id, option = turn.entity("account_id"), turn.entity("option")
    if option == steps.OTHER_ACCOUNT:
        turn.services.identity.forget(turn.session_id)
        return slots(account=None, proof=None, way=None)
    if isinstance(account_id, int):
        accounts = turn.services.identity.accounts_of_phone(turn.phone)
        if account_id in [account.account_id for account in accounts]:
            return _choose(turn, account_id)
        return _stay(turn)
    if option == steps.NO_PIN:
        return go_on(turn, way=steps.NO_PIN)
    if option in ("code_text", "code_call"):
        hint = turn.services.identity.send_code(turn.session_id, "text" if option == "code_text" else "call")
        return slots(way=steps.CODE, code_hint=hint)
    if option == steps.ENROLLMENT_CODE:
        return slots(way=steps.ENROLLMENT_CODE)
    return slots(way=steps.PICK)


def _take_no(turn: Turn) -> list[Event]:
    """ "No" to the PIN question is "I have none"."""
    return slots(way=steps.PICK) if turn.slot("way") == steps.PIN else _stay(turn)


def _go_back(turn: Turn) -> list[Event]:
    way = turn.slot("way")
    if turn.slot("waiting") and way not in _PIN_SETTING:
        return give_up(then=steps.BACK_TO_PAYING)
    if turn.slot("requested_slot") == "account" or way == steps.PICK:
        return give_up()
    if way in _PIN_SETTING:
        return slots(way=steps.PICK)
    return slots(account=None, proof=None)


def _change_goal(turn: Turn) -> list[Event]:
    """Another wish before the proof: it takes the place of the first."""
    if turn.intent == "payment_status" and "confirmation_number" in turn.facts:
        return slots(account=steps.OVER, proof=steps.OVER, goal="payment_status", then=ANSWER)
    goal = goal_of(turn)
    told = {name: value for name, value in GOALS[goal].told(turn).items() if value is not None}
    events = slots(goal=goal, **told)
    if steps.is_known_enough(turn, goal):
        events += go_on(turn, goal=goal)
    return events
