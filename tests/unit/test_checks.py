"""The production check names every unsafe reason and lets a sound set-up run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant.checks import DEMO_MARKER, old_sqlite_reason, require_safe, unsafe_reasons
from assistant.errors import UnsafeConfiguration
from assistant.settings import Settings


def sound(tmp_path: Path, **changes: Any) -> Settings:
    """Settings that are fit for production, with `changes` over them."""
    values: dict[str, Any] = {
        "environment": "production",
        "data_dir": tmp_path,
        "database_url": "postgresql+psycopg://porchlight@db/porchlight",
        "public_url": "https://pay.example.com",
        "internal_secret": "an-internal-secret-of-its-own-1f2e",
        "twilio_account_sid": "AC" + "1f" * 16,
        "twilio_auth_token": "a-twilio-token-of-its-own-3c4d5e",
        "twilio_phone_number": "+17065554321",
        "stripe_api_key": "rk_live_51NotARealKey",
        "stripe_webhook_secret": "whsec_a-webhook-secret-of-its-own",
        "coop_name": "Pine Ridge Electric Cooperative",
        "coop_short_name": "Pine Ridge Electric",
        "office_phone": "+17065554322",
        "outage_phone": "+17065554323",
        "office_address": "1 Main Street, Pine Ridge, Georgia",
    }
    return Settings(_env_file=None, **(values | changes))


def test_a_sound_production_set_up_has_no_reason_against_it(tmp_path: Path) -> None:
    assert unsafe_reasons(sound(tmp_path)) == []
    require_safe(sound(tmp_path))


def test_the_defaults_are_refused_in_production_with_every_reason_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnsafeConfiguration) as refused:
        require_safe(Settings(_env_file=None, environment="production", data_dir=tmp_path))
    named = "\n".join(refused.value.reasons)
    for variable in (
        "INTERNAL_SECRET",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_PHONE_NUMBER",
        "STRIPE_API_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "PUBLIC_URL",
        "COOP_NAME",
        "OFFICE_PHONE",
    ):
        assert f"PORCHLIGHT_{variable} " in named


def test_the_demo_is_let_run_but_is_called_a_demo(tmp_path: Path) -> None:
    demo = Settings(_env_file=None, data_dir=tmp_path)
    require_safe(demo)
    assert "PORCHLIGHT_ENVIRONMENT is `demo`" in unsafe_reasons(demo)[0]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stripe_api_key": "sk_test_51abc"}, "is a test key"),
        ({"stripe_api_key": "rk_test_51abc"}, "is a test key"),
        ({"stripe_api_key": "sk_live_51abc"}, "not a restricted live key"),
        ({"stripe_api_key": ""}, "not a restricted live key"),
        ({"stripe_webhook_secret": "x" * 40}, "not a webhook signing secret"),
        ({"stripe_api_base": "http://127.0.0.1:12111"}, "STRIPE_API_BASE points at this machine"),
        (
            {"stripe_api_base": "https://api.stripe.com.evil.example"},
            "STRIPE_API_BASE is not https",
        ),
        ({"twilio_api_base": "http://localhost:9000"}, "TWILIO_API_BASE points at this machine"),
        ({"twilio_api_base": "http://api.twilio.com"}, "TWILIO_API_BASE is not https at twilio"),
        ({"twilio_account_sid": "AC" + "0" * 32}, "TWILIO_ACCOUNT_SID"),
        ({"twilio_auth_token": ""}, "TWILIO_AUTH_TOKEN is missing"),
        ({"twilio_auth_token": "short"}, "TWILIO_AUTH_TOKEN is shorter"),
        ({"internal_secret": "demo-only-not-a-secret"}, "INTERNAL_SECRET is the demo's default"),
        ({"public_url": "http://pay.example.com"}, "PUBLIC_URL is not https"),
        ({"public_url": "https://127.0.0.1"}, "PUBLIC_URL points at this machine"),
        ({"public_url": "https://[::1]:8443"}, "PUBLIC_URL points at this machine"),
        ({"public_url": "https://pay.example.com/?a=1"}, "PUBLIC_URL has a query"),
        ({"twilio_phone_number": "+17065550100"}, "TWILIO_PHONE_NUMBER is the demo's fictional number"),
        ({"office_phone": "706-555-4321"}, "OFFICE_PHONE is not a phone number"),
        ({"coop_name": "Lantern Valley Electric Cooperative"}, "COOP_NAME is still the demo co-op's"),
        ({"coop_zone": "Georgia/Nowhere"}, "COOP_ZONE is not a time zone"),
        ({"office_opens": "17:00", "office_closes": "08:00"}, "OFFICE_OPENS"),
        ({"office_opens": "8 am"}, "OFFICE_OPENS"),
        ({"payment_min_cents": 70_000}, "PAYMENT_MIN_CENTS"),
        ({"fee_cents": -1}, "FEE_CENTS"),
        ({"voice_en": "alice"}, "VOICE_EN names a voice"),
    ],
)
def test_one_unsafe_setting_is_named_as_the_only_reason(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    reasons = unsafe_reasons(sound(tmp_path, **changes))
    assert len(reasons) == 1
    assert reason in reasons[0]


def test_vendor_addresses_may_be_spelled_out(tmp_path: Path) -> None:
    bases = {
        "stripe_api_base": "https://api.stripe.com",
        "twilio_api_base": "https://api.dublin.ie1.twilio.com",
    }
    assert unsafe_reasons(sound(tmp_path, **bases)) == []


def test_a_demo_folder_is_no_place_for_real_members(tmp_path: Path) -> None:
    (tmp_path / DEMO_MARKER).write_text("")
    reasons = unsafe_reasons(sound(tmp_path, database_url=""))
    assert reasons == ["PORCHLIGHT_DATA_DIR is the demo's folder: real members need a database of their own."]


def test_no_reason_ever_shows_the_value_of_a_secret(tmp_path: Path) -> None:
    names = ("internal_secret", "twilio_auth_token", "stripe_webhook_secret", "stripe_api_key")
    reasons = unsafe_reasons(sound(tmp_path, **dict.fromkeys(names, "hush-hush")))
    assert len(reasons) >= len(names)
    assert "hush-hush" not in "\n".join(reasons)


@pytest.mark.parametrize(
    ("version", "python", "is_refused"),
    [
        ((3, 39, 4), (3, 11), True),
        ((3, 40, 0), (3, 11), False),
        ((3, 40, 1), (3, 12), True),
        ((3, 42, 0), (3, 13), False),
    ],
)
def test_an_old_sqlite_is_named_with_the_version_that_is_needed(
    version: tuple[int, int, int], python: tuple[int, int], is_refused: bool
) -> None:
    reason = old_sqlite_reason(version, python)
    assert bool(reason) is is_refused
    if is_refused:
        assert "use a newer Python, or PostgreSQL" in reason
