"""An account number that never goes with its ZIP or code: the third time, a person."""

from __future__ import annotations

from tests.dialogs.conftest import World
from tests.dialogs.happy_path.test_paying_by_phone import CALLER


def test_a_wrong_zip_three_times_leads_to_a_person(world: World) -> None:
    account = world.factory.account()
    line = world.call(CALLER)
    line.press("1")
    for _ in range(2):
        line.press("1000000001")
        assert "Please look at your bill and try again." in line.press("99999")
        assert line.expect.length == 10
    line.press("1000000001")
    said = line.press("99999")
    assert "That does not match what we have." in said
    assert line.expect.kind == "transfer"
    assert [request.topic for request in world.requests()] == ["human_agent"]
    assert world.balance(account) == 8420


def test_who_matches_in_the_end_starts_counting_anew(world: World) -> None:
    world.saved_card(world.factory.account())
    line = world.call(CALLER)
    line.press("2")
    for zip_code in ("99999", "99998", "30601"):
        line.press("1000000001")
        line.press(zip_code)
    assert "84 dollars" in line.said
    assert world.requests() == []


def test_a_wrong_code_three_times_by_text_leads_to_a_person_in_spanish(world: World) -> None:
    world.factory.account(phone="", pin="", language="es")
    line = world.thread()
    line.text("quiero pagar mi factura")
    for _ in range(3):
        line.text("1000000001")
        line.text("11112222")
    assert "le llamará" in line.said
    assert [request.topic for request in world.requests()] == ["human_agent"]
