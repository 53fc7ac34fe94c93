"""More time to pay: offered inside the band, read back, agreed to by a clear yes, else a person decides."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from assistant.billing.arrangement_models import Arrangement
from assistant.billing.models import Account
from tests.dialogs.conftest import World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER, say_who
from tests.factories import MadeAccount

TODAY = date(2026, 11, 23)


def behind(world: World, **wanted: object) -> MadeAccount:
    """$96.40 past due, with a notice for Friday."""
    made = world.factory.account(balance_cents=9640, due_on=TODAY - timedelta(days=20), **wanted)  # type: ignore[arg-type]
    with world.app.db.write() as tx:
        tx.execute(
            update(Account)
            .where(Account.id == made.id)
            .values(
                disconnect_on=date(2026, 11, 27),
                disconnect_minimum_cents=9640,
                disconnect_noted_at=world.clock.now(),
            )
        )
    return made


def agreed(world: World) -> list[tuple[str, int, int, date, str]]:
    with world.app.db.read() as tx:
        return [
            (row.state, row.first_cents, row.rest_cents, row.rest_due_on, row.consent_how or "")
            for row in tx.scalars(select(Arrangement).order_by(Arrangement.offered_at))
        ]


def test_more_time_by_text_is_read_back_agreed_to_and_kept_in_mind(world: World) -> None:
    account = behind(world)
    line = world.thread()
    assert "PIN" in line.text("can I get an extension on my bill")
    said = line.text("4821")
    assert said == (
        "You can pay $24.10 by Nov 24 and the rest, $72.30, by Dec 14. "
        "I cannot promise that the power stays on. Reply YES or 1 to agree."
    )
    assert line.choices == ["2 choose another day", "3 talk to a person"]
    assert line.text("yes").startswith("Agreed: $24.10 by Nov 24 and $72.30 by Dec 14.")
    assert agreed(world) == [("open", 2410, 7230, date(2026, 12, 14), "word")]
    with world.app.db.read() as tx:
        assert tx.scalars(select(Arrangement)).one().words == said
    assert world.balance(account) == 9640
    least = line.text("what is the least I have to pay to keep my lights on")
    assert "The next part is $24.10, by Nov 24. I cannot promise that the power stays on" in least
    again = line.text("I need more time to pay")
    assert again.startswith("You have more time already: $24.10 by Nov 24, and $96.40 in all by Dec 14.")


def test_the_first_part_can_be_paid_at_once(world: World) -> None:
    account = behind(world)
    world.saved_card(account)
    line = world.thread()
    line.text("payment arrangement")
    line.text("4821")
    line.text("1")
    assert "$24.10 with Visa 4242" in line.text("1")
    line.text("yes")
    assert world.balance(account) == 7230


def test_another_day_is_taken_from_words_and_a_late_one_is_told(world: World) -> None:
    behind(world)
    line = world.thread()
    line.text("can I pay by december 5 instead")
    line.text("I need more time to pay") if "PIN" not in line.said else None
    assert "by Dec 5" in line.text("4821") or "by Dec 14" in line.said
    assert "The last day I can agree to is Dec 14." in line.text("december 20")
    assert "by Dec 7. " in line.text("december 7")
    assert "by Dec 10. " in line.text("no wait make it december 10")
    line.text("yes")
    assert agreed(world)[-1][:4] == ("open", 2410, 7230, date(2026, 12, 10))


def test_words_that_only_sound_like_a_yes_agree_to_nothing(world: World) -> None:
    behind(world)
    line = world.thread()
    line.text("I need more time to pay")
    line.text("4821")
    assert "For that I need a clear yes." in line.text("sounds good to me i guess")
    assert line.expect.kind == "confirm"
    assert "nothing was agreed" in line.text("no")
    assert "open" not in [state for state, *_ in agreed(world)]


def test_outside_of_the_band_a_person_is_asked_with_a_promised_time(world: World) -> None:
    world.factory.account(balance_cents=70_000, due_on=TODAY - timedelta(days=3))
    line = world.thread()
    line.text("can we make a payment plan")
    said = line.text("4821")
    assert "for a person to decide" in said
    assert "a person will call you by 11 AM today" in said
    assert [request.topic for request in world.requests()] == ["payment_arrangement"]
    assert agreed(world) == []


def test_more_time_by_phone_with_the_keypad_alone(world: World) -> None:
    behind(world, phone="")
    line = world.call(CALLER)
    line.press("4")
    line.press("4")
    assert line.choices[0] == "1 get more time to pay"
    line.press("1")
    said = say_who(line)
    assert "You can pay 24 dollars and 10 cents by November twenty-fourth" in said
    assert line.expect.is_terms
    assert "By which day can you pay the rest?" in line.press("2")
    assert "by November thirtieth" in line.press("1")
    assert line.press("1").startswith("Agreed:")
    assert agreed(world)[-1] == ("open", 2410, 7230, date(2026, 11, 30), "key")


def test_more_time_by_phone_in_spoken_spanish_wants_a_key_for_the_yes(world: World) -> None:
    behind(world, phone="", language="es")
    line = world.call(CALLER)
    line.press("5")
    line.speak("necesito más tiempo para pagar")
    said = say_who(line)
    assert "Puede pagar 24 dólares con 10 centavos a más tardar el 24 de noviembre" in said
    assert "No puedo prometer que no le corten la luz" in said
    line.speak("sí")
    assert "open" not in [state for state, *_ in agreed(world)]
    assert line.press("1").startswith("Acordado:")


def test_more_time_in_spanish_by_text(world: World) -> None:
    behind(world, language="es")
    line = world.thread()
    line.text("quiero un plan de pagos")
    assert "Responda SÍ o 1 para aceptar." in line.text("4821")
    assert line.text("sí").startswith("Acordado: $24.10 a más tardar el 24 de noviembre")


def test_a_helper_may_not_agree_for_the_member(world: World) -> None:
    behind(world, role="helper")
    line = world.thread()
    line.text("I need more time to pay")
    line.text("4821")
    assert agreed(world) == []


@pytest.mark.parametrize("words", ["I can't pay, I lost my job", "no puedo pagar, me quedé sin trabajo"])
def test_need_still_goes_to_a_person(world: World, words: str) -> None:
    world.factory.account()
    world.thread().text(words)
    assert [request.topic for request in world.requests()] == ["hardship"]
