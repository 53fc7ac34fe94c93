"""Rasa's custom actions: each reads the turn, calls one service, and utters at most one response."""

from __future__ import annotations

from actions.arrangements.form import Agree, AskAgreed, AskRestOn, ValidateArrange
from actions.autopay.asks import (
    AskAutopayAmount,
    AskAutopayBackup,
    AskAutopayConsent,
    AskAutopayDays,
    AskAutopayMethod,
)
from actions.autopay.confirm import SetAutopay
from actions.autopay.telling import AutopayStatus
from actions.autopay.validate import ValidateAutopay
from actions.base import PorchlightAction
from actions.disputes.form import AskDisputed, ValidateDispute
from actions.general import BillChoices, ChangeLanguage, Help, NotUnderstood, Repeat, Say
from actions.goal import Answer, GoOn, SetGoal, Show
from actions.handoff import CallMe, HandOff, HumanAgent, ReportScam
from actions.history import ShowMore
from actions.identity.asks import AskAccount, AskProof
from actions.identity.validate import ValidateIdentify
from actions.later.asks import (
    AskLaterAmount,
    AskLaterConsent,
    AskLaterMethod,
    AskLaterOn,
    AskLaterWhich,
    AskLaterWish,
)
from actions.later.confirm import SetLater
from actions.later.validate import ValidateLater
from actions.notifications import OptIn, OptOut
from actions.payments.asks import AskAmount, AskCard, AskConsent, AskKeepCard, AskMethod
from actions.payments.charge import Charge
from actions.payments.validate import ValidatePay
from actions.places import SayPlaces
from actions.resume import Resume
from actions.service.form import AskServe, ValidateServe
from actions.services import ConversationControl, Services

__all__ = ["ConversationControl", "PorchlightAction", "Services", "all_actions"]

_KINDS: tuple[type[PorchlightAction], ...] = (
    Agree,
    Answer,
    AskAccount,
    AskAgreed,
    AskAmount,
    AskAutopayAmount,
    AskAutopayBackup,
    AskAutopayConsent,
    AskAutopayDays,
    AskAutopayMethod,
    AskCard,
    AskConsent,
    AskDisputed,
    AskKeepCard,
    AskLaterAmount,
    AskLaterConsent,
    AskLaterMethod,
    AskLaterOn,
    AskLaterWhich,
    AskLaterWish,
    AskMethod,
    AskProof,
    AskServe,
    AutopayStatus,
    BillChoices,
    AskRestOn,
    CallMe,
    ChangeLanguage,
    Charge,
    GoOn,
    HandOff,
    Help,
    HumanAgent,
    NotUnderstood,
    OptIn,
    OptOut,
    Repeat,
    ReportScam,
    Resume,
    Say,
    SetAutopay,
    SetGoal,
    SetLater,
    ValidateAutopay,
    SayPlaces,
    Show,
    ShowMore,
    ValidateArrange,
    ValidateDispute,
    ValidateIdentify,
    ValidateLater,
    ValidatePay,
    ValidateServe,
)


def all_actions(services: Services) -> list[PorchlightAction]:
    """Every action, ready for rasa-sdk's executor; the domain lists the same names."""
    return [kind(services) for kind in _KINDS]
