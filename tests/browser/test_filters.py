"""What is chosen in the sidebar is in the address, and the address alone brings it back."""

from browser_apps import App, Opener
from playwright.sync_api import expect

FEBRUARY = {"from": "2014-02-01", "to": "2014-03-01"}


def test_every_choice_goes_into_the_address_with_absolute_dates_and_a_new_session_shows_the_same(
    synthetic_app: App, opened: Opener
):
    visited = opened(synthetic_app, "compare")
    kicker = visited.page.locator(".hs-kicker")
    visited.choose("Crime type", "Vehicle crime")
    expect(kicker).to_contain_text("Vehicle crime in West Midlands")
    visited.choose("Area", "Coventry")
    expect(kicker).to_contain_text("Vehicle crime in Coventry")
    visited.choose("Period", "Rolling 12 months")
    expect(kicker).to_contain_text("committed 1 October 2023 to 30 September 2024")
    visited.page.get_by_text("Further limits: none").click()
    visited.choose("Days of the week", "Friday")
    visited.page.keyboard.press("Escape")
    expect(kicker).to_contain_text(", Friday")
    visited.choose("Time of day", "18:00 to 24:00")
    expect(kicker).to_contain_text(", Friday, 18:00 to 24:00")
    expect(visited.page.get_by_text("Further limits: Friday, 18:00 to 24:00")).to_have_count(1)
    visited.choose("Audience", "Partner or public")
    visited.page.wait_for_url("**audience=public*")
    visited.settle()
    period = {"from": "2023-10-01", "to": "2024-10-01"}
    chosen = {"type": "Vehicle crime", "area": "Coventry", "days": "4", "hours": "18-24", **period}
    assert chosen.items() <= visited.query.items()
    assert visited.query["against"] == "2022-10-01..2023-10-01"

    again = opened(synthetic_app, "compare", **visited.query)
    expect(again.page.locator(".hs-kicker")).to_have_text(kicker.inner_text())
    assert again.told == visited.told
    assert again.query == visited.query


def test_a_choice_made_on_one_page_holds_on_the_next(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "density", type="Robbery", area="Birmingham", **{"from": "2024-01-01", "to": "2024-02-01"})
    visited.go("Compare")
    expect(visited.page.locator(".hs-kicker")).to_contain_text("Robbery in Birmingham, committed 1 to 31 January 2024, against")
    visited.page.wait_for_url("**from=2024-01-01*area=Birmingham*")


def test_what_a_link_says_and_cannot_be_read_earns_a_sentence_each_until_something_is_chosen(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "overview", type="Witchcraft", days="9", hours="99-1", **{"from": "2024-13-01", "to": "x"})
    warnings = visited.page.locator(".hs-warning")
    for words in ("'Witchcraft' is not a crime type", "days '9' cannot be read", "hours '99-1' cannot be read", "'2024-13-01'"):
        expect(warnings.filter(has_text=words)).to_have_count(1)
    expect(visited.page.locator(".hs-kicker")).to_contain_text("West Midlands, committed April to September 2024")
    visited.choose("Area", "Dudley")
    expect(visited.page.locator(".hs-kicker")).to_contain_text("Dudley")
    expect(warnings.filter(has_text="Witchcraft")).to_have_count(0)


def test_a_setting_that_cannot_be_read_earns_a_sentence_and_the_usual_value(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "density", bandwidth="wide", kernel="triangular")
    warnings = visited.page.locator(".hs-warning")
    expect(warnings.filter(has_text="bandwidth 'wide'")).to_have_count(1)
    expect(warnings.filter(has_text="kernel 'triangular'")).to_have_count(1)
    visited.page.wait_for_url("**kernel=quartic*")


def test_an_unreadable_baseline_in_a_link_leaves_the_usual_comparison(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "compare", against="yesterday")
    expect(visited.page.locator(".hs-kicker")).to_contain_text("against April to September 2023, per day")
    expect(visited.page.locator(".hs-warning").filter(has_text="'yesterday'")).to_have_count(1)


def test_an_area_that_does_not_exist_is_named_and_the_whole_force_is_shown(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "density", area="Narnia")
    expect(visited.page.locator(".hs-warning").filter(has_text="'Narnia'")).to_contain_text("the whole force is shown")
    expect(visited.page.locator(".hs-kicker")).to_contain_text("in West Midlands")


def test_the_back_button_goes_back_by_one_choice(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "density", type="Robbery", area="Birmingham")
    visited.choose("Area", "Walsall")
    visited.page.wait_for_url("**area=Walsall*")
    expect(visited.page.locator(".hs-kicker")).to_contain_text("Robbery in Walsall")
    visited.settle()
    visited.page.go_back()
    expect(visited.page.locator(".hs-kicker")).to_contain_text("Robbery in Birmingham")


def test_a_month_of_police_uk_data_is_titled_by_the_month(street_app: App, opened: Opener):
    visited = opened(street_app, "density", type="Burglary", **FEBRUARY)
    expect(visited.page.locator(".hs-kicker")).to_have_text("Burglary in West Midlands, February 2014")
    expect(visited.page.locator(".hs-footer")).to_contain_text("60 offences used")
    expect(visited.page.locator(".hs-footer")).to_contain_text("month precision")
