"""Wires what is paid later and by itself: scheduled payments and autopay, for members and for the worker."""

from __future__ import annotations

from assistant.billing.service import Billing
from assistant.clock import Clock
from assistant.db import Database
from assistant.identity.service import Identity
from assistant.notifications.words import Words
from assistant.payments.autopay import Autopay
from assistant.payments.autopay_drafting import AutopayDrafting
from assistant.payments.autopay_offers import AutopayOffers
from assistant.payments.autopay_planning import AutopayPlanning
from assistant.payments.drafts import Drafts
from assistant.payments.member_texts import MemberTexts
from assistant.payments.methods import Methods
from assistant.payments.policy import PaymentPolicy
from assistant.payments.schedule_rules import ScheduleRules
from assistant.payments.scheduled import Scheduled
from assistant.payments.scheduled_drafting import ScheduledDrafting
from assistant.payments.taking import Taking
from assistant.payments.timetable import Timetable
from assistant.settings import Settings


class Unattended:
    """`scheduled` and `autopay` are for members; the others are the worker's."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: Settings,
        *,
        identity: Identity,
        billing: Billing,
        drafts: Drafts,
        methods: Methods,
        policy: PaymentPolicy,
        rules: ScheduleRules,
        taking: Taking,
        timetable: Timetable,
        texts: MemberTexts,
        words: Words,
    ) -> None:
        self.scheduled = Scheduled(
            db,
            clock,
            identity=identity,
            billing=billing,
            drafts=drafts,
            methods=methods,
            rules=rules,
            timetable=timetable,
            texts=texts,
        )
        self.scheduled_drafting = ScheduledDrafting(
            db,
            clock,
            billing=billing,
            methods=methods,
            policy=policy,
            taking=taking,
            timetable=timetable,
            texts=texts,
        )
        self.autopay_planning = AutopayPlanning(
            db,
            clock,
            settings,
            billing=billing,
            methods=methods,
            policy=policy,
            timetable=timetable,
            texts=texts,
        )
        self.autopay_drafting = AutopayDrafting(
            db,
            clock,
            billing=billing,
            methods=methods,
            policy=policy,
            taking=taking,
            timetable=timetable,
            texts=texts,
        )
        self.autopay = Autopay(
            db,
            clock,
            identity=identity,
            methods=methods,
            offers=AutopayOffers(
                clock,
                settings,
                billing=billing,
                methods=methods,
                policy=policy,
                planning=self.autopay_planning,
            ),
            planning=self.autopay_planning,
            timetable=timetable,
            texts=texts,
            words=words,
        )
