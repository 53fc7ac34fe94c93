"""Which intents are answered how. The rules in dialogs/rules name the same groups; a test compares them."""

from __future__ import annotations

# A step of paying; the goal that they serve is paying the bill.
PAYING = frozenset({"pay_bill", "inform_amount", "switch_method", "card_keyed"})
# Questions about an account that are answered in one reply.
ACCOUNT_QUESTIONS = frozenset(
    {
        "check_balance",
        "check_amount_due",
        "check_due_date",
        "min_payment",
        "payment_status",
        "payment_failed",
        "last_payment",
        "prepaid_balance",
        "refund",
    }
)

# Answered with words and the co-op's own facts; anyone may ask.
SAYINGS = frozenset(
    {
        "greet",
        "thank",
        "goodbye",
        "capabilities",
        "are_you_bot",
        "identity_question",
        "office_info",
        "online_account",
        "outage",
        "coop_service",
        "fees",
        "call_opened",
    }
)
# What the office does today: answered honestly, with a call promised by a time.
HANDED_OFF = frozenset(
    {
        "update_contact",
        "hardship",
    }
)
# These leave a form. Whoever is in need or being cheated is not asked for money again in the same breath.
EXITS = frozenset(
    {"menu", "more_choices", "bill_choices", "goodbye", "human_agent", "call_me", "hardship", "report_fraud"}
)
# Asides: inside a form they are answered, and the form's question comes again. For goals see goals.py.
ASIDES = (
    (SAYINGS - {"goodbye", "call_opened"})
    | (HANDED_OFF - EXITS)
    | {"opt_out", "opt_in", "change_language", "unsure", "out_of_scope", "nlu_fallback"}
    | {"cash_places", "show_more"}
)
# Never offered as "is it this?": answers to questions, courtesies, and what any question offers by itself.
NEVER_OFFERED = frozenset(
    {
        "affirm",
        "are_you_bot",
        "capabilities",
        "change_language",
        "deny",
        "go_back",
        "goodbye",
        "greet",
        "inform_amount",
        "menu",
        "nlu_fallback",
        "out_of_scope",
        "repeat",
        "switch_method",
        "thank",
        "unsure",
    }
)
