"""A file that cannot be used, uploaded on the Data page."""

import pytest
from browser_apps import App, Opener
from playwright.sync_api import expect
from street_files import HEADER

BROKEN = {
    "no street file": b"colour,size\nred,1\n",
    "no text at all": bytes(range(256)) * 20,
    "a header without rows cut short": HEADER[:40].encode(),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_refused_in_sentences_and_nothing_is_imported(kind: str, empty_app: App, opened: Opener):
    visited = opened(empty_app, "data", part="Import")
    file = {"name": "2014-01-west-midlands-street.csv", "mimeType": "text/csv", "buffer": BROKEN[kind]}
    visited.page.locator("input[type=file]").first.set_input_files([file])
    button = visited.page.get_by_role("button", name="Import", exact=True)
    expect(button).to_be_enabled()
    button.click()
    refusal = visited.page.get_by_role("alert").filter(has_text="Nothing was imported.")
    expect(refusal).to_contain_text("2014-01-west-midlands-street.csv")
    expect(refusal).to_contain_text("The store is unchanged.")
    expect(visited.page.get_by_role("heading", level=1)).to_have_text("No offences are loaded yet")
