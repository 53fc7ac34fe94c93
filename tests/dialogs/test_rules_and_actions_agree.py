"""The tables in actions/intents.py, the rules and the domain name the same intents and actions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from actions import _KINDS
from actions.goals import ANSWER, GOALS
from actions.intents import ASIDES, EXITS, HANDED_OFF, SAYINGS
from tests.dialogs.words import responses, wordings

DIALOGS = Path(__file__).parents[2] / "dialogs"
DOMAINS = [
    yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((DIALOGS / "domain").glob("*.yml"))
]
INTENTS = {intent for domain in DOMAINS for intent in domain.get("intents", [])}
FORMS = {name for domain in DOMAINS for name in domain.get("forms", {})}
STEPS = next(domain["slots"]["step"]["values"] for domain in DOMAINS if "step" in domain.get("slots", {}))


def rules() -> list[dict[str, Any]]:
    return [
        rule
        for path in sorted((DIALOGS / "rules").glob("*.yml"))
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
    ]


def intents_of(rule: dict[str, Any]) -> set[str]:
    first = rule["steps"][0]
    return {each["intent"] for each in first.get("or", [first]) if "intent" in each}


def actions_of(rule: dict[str, Any]) -> list[str]:
    return [step["action"] for step in rule["steps"] if "action" in step]


def condition_of(rule: dict[str, Any]) -> str:
    """`any`: holds everywhere; `none`: outside of forms; else the form that it holds in."""
    if "condition" not in rule:
        return "any"
    ((_, form),) = rule["condition"][0].items()
    return form or "none"


def steps_of(rule: dict[str, Any]) -> set[str]:
    return {
        slots["step"] for step in rule["steps"] for slots in step.get("slot_was_set", []) if "step" in slots
    }


def intents_where(conditions: set[str], action: str | None = None, step: str | None = None) -> set[str]:
    found: set[str] = set()
    for rule in rules():
        fits = action is None or action in actions_of(rule)
        if condition_of(rule) in conditions and fits and (step is None or step in steps_of(rule)):
            found |= intents_of(rule)
    return found


def is_after(rule: dict[str, Any], form: str, step: str) -> bool:
    """Whether the rule says what follows when `form` ended with `step`."""
    return actions_of(rule)[:2] == [form, "action_go_on"] and step in steps_of(rule)


def test_every_action_of_the_domain_is_ours_and_the_other_way_round() -> None:
    names = [name for domain in DOMAINS for name in domain.get("actions", [])]
    assert sorted(names) == sorted(kind.action_name for kind in _KINDS)


def test_every_intent_has_a_rule_outside_of_forms() -> None:
    assert intents_where({"none", "any"}) == INTENTS


def test_what_forms_leave_to_rules_has_a_rule_that_holds_inside_of_forms() -> None:
    assert (
        ASIDES | EXITS | set(GOALS) | {each for each in INTENTS if each.startswith("confirm_")}
    ) - intents_where({"any"}) == set()


def test_the_tables_match_the_rules() -> None:
    everywhere = {"none", "any"}
    assert intents_where(everywhere, "action_say") == SAYINGS
    assert intents_where(everywhere, "action_hand_off") == HANDED_OFF
    assert intents_where(everywhere, "action_set_goal") == set(GOALS)


def test_every_goal_can_ask_who_it_is_lead_to_its_step_and_be_refused() -> None:
    for step in {goal.step for goal in GOALS.values()} | {"identify", "done"}:
        serving = {name for name, goal in GOALS.items() if step in ("identify", "done", goal.step)}
        assert serving <= intents_where({"any"}, "action_set_goal", step), step


def test_every_step_of_a_goal_is_reached_once_the_member_is_known() -> None:
    for step in {goal.step for goal in GOALS.values()}:
        assert [rule for rule in rules() if is_after(rule, "identify_form", step)], step


def test_every_form_has_an_end_and_a_base_of_its_own() -> None:
    """`done` leads on; `asked` ends behind a question that the form's own action put."""
    names = {kind.action_name for kind in _KINDS}
    for form in FORMS:
        assert [rule for rule in rules() if is_after(rule, form, "done")], form
        assert f"validate_{form}" in names


def test_the_steps_of_the_domain_are_those_of_the_rules() -> None:
    assert set(STEPS) == {step for rule in rules() for step in steps_of(rule)}


def test_answers_of_one_reply_are_given_by_one_action() -> None:
    for name, goal in GOALS.items():
        if goal.step == ANSWER:
            assert name in intents_where({"any"}, "action_answer"), name


def test_every_response_that_a_rule_or_an_intent_names_exists() -> None:
    named = {action for rule in rules() for action in actions_of(rule) if action.startswith("utter_")}
    named |= {f"utter_{intent}" for intent in (SAYINGS - {"fees"}) | HANDED_OFF}
    assert named <= set(responses())


def test_what_a_rule_utters_itself_has_no_blanks() -> None:
    """Nobody would fill them: a rule knows no facts of the co-op and no amounts."""
    uttered = {action for rule in rules() for action in actions_of(rule)}
    for wording in wordings():
        if wording.response in uttered:
            assert not [text for text in wording.spoken if "{" in text], wording
