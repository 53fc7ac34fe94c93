"""Every setting, once: `PORCHLIGHT_<NAME>`; the table in the README is tested against this."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import phonenumbers
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

# What the demo uses where production needs a secret of its own; `porchlight check` refuses these.
DEMO_SECRET = "demo-only-not-a-secret"  # noqa: S105
DEMO_TWILIO_SID = "AC00000000000000000000000000000000"
DEMO_STRIPE_KEY = "sk_test_porchlight_demo"


class Settings(BaseSettings):
    """The co-op's settings. The defaults run the demo on loopback and are refused in production."""

    model_config = SettingsConfigDict(
        env_prefix="PORCHLIGHT_", env_file=".env", extra="forbid", env_ignore_empty=True
    )

    environment: Literal["demo", "production"] = Field(
        "demo", description="`demo` runs on loopback with the sandbox; `production` refuses unsafe settings"
    )
    data_dir: Path = Field(
        Path(".porchlight"), description="where the SQLite database, trained models and logs of the demo live"
    )
    database_url: str = Field(
        "",
        description="SQLAlchemy URL, `postgresql+psycopg://…`; empty means SQLite in the data folder",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="lowest level that is logged"
    )

    public_url: str = Field(
        "http://127.0.0.1:8080",
        description="the address Twilio calls, exactly as configured there; its signatures are over it",
    )
    public_port: int = Field(8080, description="port of the public listener (webhooks, health)")
    bind_host: str = Field("127.0.0.1", description="address the public listener binds to")
    internal_port: int = Field(8081, description="loopback port of `/actions` and `/metrics`")
    internal_secret: SecretStr = Field(
        SecretStr(DEMO_SECRET), description="shared secret between Rasa and the service, both ways"
    )
    rasa_url: str = Field(
        "http://127.0.0.1:5005",
        description="where our Rasa channel listens; several, separated by commas, share sessions by hash",
    )
    rasa_timeout_seconds: int = Field(
        25, description="longest wait for one answer of the dialogue engine; a charge may be part of it"
    )

    twilio_account_sid: str = Field(DEMO_TWILIO_SID, description="Twilio account SID")
    twilio_auth_token: SecretStr = Field(
        SecretStr(DEMO_SECRET), description="Twilio auth token; also checks webhook signatures"
    )
    twilio_api_base: str = Field(
        "",
        description="where Twilio's API is; empty means Twilio itself; the demo has its own phone network",
    )
    twilio_phone_number: str = Field(
        "+17065550100", description="the number that members text and call, E.164"
    )
    twilio_pay_connector: str = Field(
        "Default", description="name of the Stripe Pay connector in the Twilio console"
    )

    stripe_api_key: SecretStr = Field(
        SecretStr(DEMO_STRIPE_KEY), description="Stripe key, a restricted `rk_live_…` in production"
    )
    stripe_webhook_secret: SecretStr = Field(
        SecretStr("whsec_" + DEMO_SECRET), description="signing secret of the Stripe webhook endpoint"
    )
    stripe_api_base: str = Field(
        "", description="where Stripe's API is; empty means Stripe itself; the demo points it at its stand-in"
    )
    stripe_timeout_seconds: int = Field(8, description="longest wait for one Stripe call")
    stripe_moto: bool = Field(
        False, description="mark keyed cards as mail/telephone orders; needs Stripe's approval"
    )

    coop_name: str = Field("Lantern Valley Electric Cooperative", description="the co-op's full name")
    coop_short_name: str = Field("Lantern Valley Electric", description="the name as it is said and texted")
    coop_zone: str = Field("America/New_York", description="IANA time zone of dates and office hours")
    office_phone: str = Field(
        "+17065550101", description="where a call to a person is transferred in office hours, E.164"
    )
    outage_phone: str = Field("+17065550102", description="the outage line, E.164")
    office_opens: str = Field("08:00", description="office opening time, local, HH:MM, Monday to Friday")
    office_closes: str = Field("17:00", description="office closing time, local, HH:MM")
    office_address: str = Field(
        "12 Depot Street, Lantern Valley, Georgia", description="where bills can be paid in person"
    )

    account_number_length: int = Field(10, description="digits in an account number")
    pin_length: int = Field(4, ge=4, le=8, description="digits in a PIN")
    enrollment_code_length: int = Field(
        8, description="digits in the enrollment code printed on the paper bill"
    )
    pin_tries: int = Field(5, description="wrong PINs before a pause of `lock_minutes`")
    pin_tries_until_agent: int = Field(
        10, description="wrong PINs before only a person or a new enrollment helps"
    )
    lock_minutes: int = Field(15, description="how long a pause after too many wrong tries lasts")
    code_minutes: int = Field(10, description="how long a one-time code is good for")
    code_tries: int = Field(5, description="tries for one one-time code")
    codes_per_hour: int = Field(5, description="one-time codes per phone and per account in an hour")
    verification_minutes: int = Field(30, description="how long a verified session stays verified")

    session_minutes: int = Field(30, description="a text session ends after this long without a word")
    session_turns: int = Field(40, description="turns after which the engine forgets what was said before")
    sender_texts_per_minute: int = Field(
        20, description="texts per minute from one phone before they are only acknowledged"
    )
    turn_answer_seconds: int = Field(
        8,
        description="when a turn passes this, the answer follows by message, or the call is told to hold on",
    )

    payment_min_cents: int = Field(100, description="smallest payment, cents")
    payment_max_cents: int = Field(60_000, description="largest card payment, cents")
    payment_day_max_cents: int = Field(
        120_000, description="largest total of card payments per account and day, cents"
    )
    overpayment_max_cents: int = Field(20_000, description="how far a payment may pass the balance, cents")
    fee_cents: int = Field(0, description="fee per card payment, cents, told before consent")
    duplicate_hours: int = Field(
        24, description="a second payment of the same amount within this is asked about first"
    )
    draft_minutes: int = Field(10, description="how long an amount that was read back can be confirmed")
    resume_hours: int = Field(
        12, description="how long a payment that was left before its yes is offered again, hours"
    )
    drafts_at: str = Field(
        "09:00",
        pattern=r"^(0[4-9]|1[0-8]):[0-5]\d$",
        description="local time at which scheduled payments and autopay are drafted, HH:MM, 04:00 to 18:59",
    )
    schedule_change_hours: int = Field(
        24, ge=0, description="a scheduled payment can be changed until this long before it is drafted"
    )
    draft_catch_up_days: int = Field(
        3, ge=1, description="a draft that could not be made on its day is still made within this many days"
    )
    autopay_notice_days: int = Field(
        10, ge=1, description="autopay tells the member this many days before it drafts"
    )
    autopay_days_before_max: int = Field(
        15, ge=0, le=60, description="how many days before the due date autopay may be set to draft"
    )
    reminder_days: int = Field(
        3, ge=0, le=14, description="days before the due date a bill is reminded of, unless the member chose"
    )
    quiet_from: str = Field(
        "20:00",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="local time from which no reminder is texted, HH:MM, unless the member chose",
    )
    quiet_until: str = Field(
        "09:00",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="local time from which reminders are texted again, HH:MM, unless the member chose",
    )
    review_hours: int = Field(
        72, ge=1, description="a payment held for review is refused when nobody decided within this"
    )
    risk_phone_tries: int = Field(
        12, ge=1, description="payments tried from one phone in an hour before one is held for review"
    )
    risk_withheld_tries: int = Field(
        40, ge=1, description="the same for all callers together who withhold their number"
    )
    risk_session_tries: int = Field(
        8, ge=1, description="payments tried in one call or thread before one is held"
    )
    risk_account_tries: int = Field(
        10, ge=1, description="payments tried on one account in a day before one is held"
    )
    risk_card_tries: int = Field(
        12, ge=1, description="payments tried with one card in a day before one is held"
    )
    risk_phone_accounts: int = Field(
        3, ge=1, description="accounts that are not its own and are paid from one phone in a day"
    )
    risk_account_cards: int = Field(3, ge=1, description="different cards tried on one account in a day")
    risk_account_declines: int = Field(4, ge=1, description="declines on one account in a day")
    risk_phone_guesses: int = Field(
        10,
        ge=1,
        description="wrong PINs, ZIP codes, codes and confirmation numbers from one phone in an hour",
    )
    risk_amount_percent: int = Field(
        300,
        ge=100,
        description="held above this percentage of the account's largest bill or payment in a year",
    )
    risk_amount_floor_cents: int = Field(
        20_000, description="an amount below this is never held for its size, cents"
    )
    lookup_tries: int = Field(
        6, ge=1, description="unknown confirmation numbers from one phone or call in an hour before a pause"
    )
    unknown_told_minutes: int = Field(60, description="an unknown payment is promised an answer within this")

    arrangement_first_percent: int = Field(
        25, ge=1, le=99, description="part of what is owed that an arrangement asks for first, percent"
    )
    arrangement_first_days: int = Field(
        1, ge=0, description="days within which the first part of an arrangement is to be paid"
    )
    arrangement_days_max: int = Field(
        21, ge=2, description="latest day for the rest of an arrangement, days from today"
    )
    arrangement_max_cents: int = Field(
        60_000, description="most that the assistant arranges by itself; more is a person's to decide, cents"
    )
    arrangement_grace_days: int = Field(
        2, ge=0, description="days that a payment may take to show before an arrangement counts as broken"
    )
    arrangement_broken_days: int = Field(
        365, ge=0, description="after a broken arrangement a person decides for this many days"
    )

    voice_en: str = Field("Polly.Joanna-Neural", description="Twilio voice for English")
    voice_es: str = Field("Polly.Lupe-Neural", description="Twilio voice for Spanish")
    gather_timeout_seconds: int = Field(
        8, description="silence before the phone asks again; also between two keys"
    )

    patient_timeout_seconds: int = Field(
        25, description="the same for relay calls, and for callers who asked for more time"
    )

    speech_confidence_min: float = Field(
        0.3,
        ge=0,
        le=1,
        description="words that the recogniser is less sure of count as noise and are asked again",
    )

    spoken_yes_confidence_min: float = Field(
        0.6, ge=0, le=1, description="the same for a spoken yes, which is then asked for by key"
    )

    transcript_days: int = Field(90, description="days that redacted transcripts are kept")

    stripe_calls_per_second: int = Field(
        20, ge=1, description="how many jobs that call Stripe may begin in a second, over all workers"
    )
    worker_threads: int = Field(8, ge=1, le=64, description="how many jobs a worker does at the same time")
    worker_name: str = Field(
        "",
        pattern=r"^[A-Za-z0-9._-]{0,60}$",
        description="what a machine's workers are called; empty means the machine's name",
    )
    worker_dead_seconds: int = Field(
        30,
        ge=3,
        description="a worker not heard of for this long is dead: others take up its jobs",
    )
    job_history_days: int = Field(30, ge=1, description="days that finished jobs can be looked up")

    @property
    def resolved_database_url(self) -> str:
        """The database URL, with the default filled in."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'porchlight.db').absolute()}"

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def office_phone_written(self) -> str:
        """The office's number as people write it: `(706) 555-0101`."""
        number = phonenumbers.parse(self.office_phone)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
