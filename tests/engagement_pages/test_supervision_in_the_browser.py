"""The pages of supervision in a real browser: each passes axe and fits a phone; the board moves by itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from engagement import actions
from engagement.models import Calendar, Callback, Case, RoutingRule
from tests import make
from tests.browsers import DESKTOP, PHONE
from tests.engagement.cast import case_at, office, seen
from tests.houses import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.half("first"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module", autouse=True)
def _a_city_with_a_map(settled_house: Callable[..., None]) -> None:
    settled_house(OPENHALL_MAP_FILE=str(ROOT / "portal/demo/minghu.geojson"))


def test_the_board_moves_and_every_page_of_the_desk_fits_a_phone_and_passes_axe(new_page, axe):
    by = office()
    actions.load_processes()
    actions.load_ladder()
    actions.load_criteria()
    cora = seen(make.official("cora", Role.CALLBACK_OFFICER, by.city))
    calendar = Calendar.objects.create(key="city", name="日历", sessions=[["09:00", "17:00"]], unit=by.city)
    case, done = case_at("signed", by), case_at("concluded", by)
    now = timezone.now()
    Callback.objects.create(case=done, unit=by.city, planned_at=now, next_try_at=now)
    Case.objects.filter(pk=done.pk).update(concluded_at=now)
    actions.issue_order(case_id=case.pk, by=by.sven, demand="Repair it.", at=now)
    rule = actions.save_rule(
        by=by.sven, name="Lake", unit_id=by.water.pk, polygon=[[30, 120], [30, 121], [31, 121]], at=now
    )
    check = actions.begin_check(
        by=by.sven, unit_id=by.city.pk, first=timezone.localdate() - timedelta(days=1), last=timezone.localdate(),
        each=1, one=by.sven.person.pk, two=cora.person.pk, token="c" * 32,
    )  # fmt: skip
    scope = f"/board/unit-{by.city.pk}/"
    wide = new_page(by.sven.person, DESKTOP)
    wide.goto(scope)
    wide.locator("[data-live-state]", has_text="The board moves by itself.").wait_for()
    opened = f'td a[href*="row={by.housing.pk}"][href*="what=open"]'
    wide.locator(opened, has_text="1").wait_for()
    other = case_at("dispatched", by, title="Another lift")
    wide.locator(opened, has_text="2").wait_for()
    assert other.unit == by.housing
    visits = {
        by.sven: (
            scope, f"{scope}cases/?what=open", f"{scope}bulletin/", f"{scope}findings/", "/checks/", "/checks/new/",
            f"/checks/{check.pk}/", f"/checks/{check.pk}/1/", "/processes/", "/processes/letter/?step=handle",
            "/routing/", f"/routing/{rule.pk}/", f"/work/{case.number}/",
        ),
        by.adam: ("/hours/", f"/hours/{calendar.pk}/", "/hours/ladder/"),
        cora: ("/calls/",),
    }  # fmt: skip
    for viewer, paths in visits.items():
        phone = new_page(viewer.person, PHONE)
        for path in paths:
            assert phone.goto(path).status == 200, path
            assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            axe(phone)


def test_the_area_of_a_rule_is_drawn_with_the_mouse_and_with_keys(new_page, axe):
    by = office()
    page = new_page(by.sven.person, DESKTOP)
    page.goto("/routing/new/")
    view = page.locator("city-map .map-view")
    view.locator(".map-district").first.wait_for()
    for x, y in ((40, 40), (160, 40), (160, 120)):
        view.click(position={"x": x, "y": y})
    field = page.locator("[name=polygon]")
    assert len(field.input_value().splitlines()) == 3
    assert view.locator(".map-area").count() == 1
    view.press("ArrowLeft")
    assert len(field.input_value().splitlines()) == 3
    view.press("Enter")
    assert len(field.input_value().splitlines()) == 4
    view.press("Delete")
    view.press("Delete")
    kept = field.input_value()
    assert len(kept.splitlines()) == 2
    field.fill(f"{kept}\n31, 120")
    axe(page)
    page.fill("[name=name]", "Drawn")
    page.select_option("[name=unit_id]", str(by.water.pk))
    page.click("text=Save")
    page.wait_for_url("**/routing/")
    assert len(RoutingRule.objects.get().polygon) == 3
