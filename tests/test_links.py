"""The address of a page and the browser's back button."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    """Draw a page with one setting, begun and ended as the shell does it, that may ask for a run of its own."""
    import streamlit as st

    from hotspot.ui import links

    links.begin_page("density")
    if "selection" not in st.session_state:
        st.session_state["selection"] = "chosen"
        st.session_state["link"] = st.query_params.to_dict()
    size = links.widget(st.selectbox, "Size", name="size", default="100", read=str, options=["100", "200"])
    st.text(f"size {size}")
    links.end_page()
    if st.session_state.pop("look", False):
        st.query_params.from_dict({"size": "100"})  # the address of a slow browser
        links.run_again()


def opened() -> AppTest:
    app = AppTest.from_function(page).run(timeout=30)
    app.selectbox[0].select("200").run()
    assert (app.text[0].value, app.query_params["size"]) == ("size 200", "200")
    return app


def test_an_address_of_before_is_the_back_button_and_brings_back_what_it_says():
    app = opened()
    app.query_params["size"] = "100"
    app.run()
    assert (app.text[0].value, app.query_params["size"]) == ("size 100", "100")


def test_a_run_that_the_page_asks_for_keeps_what_was_chosen_though_the_browser_still_has_the_address_of_before():
    app = opened()
    app.session_state["look"] = True
    app.run()
    assert (app.text[0].value, app.query_params["size"]) == ("size 200", "200")


def without_selection() -> None:
    """Draw a page that knows no selection, as the briefing is."""
    import streamlit as st

    from hotspot.ui import links

    links.begin_page("briefing")
    st.text(st.selectbox("Notebook", ["First", "Second"], key="widget-notebook"))
    links.end_page()


def test_a_choice_on_a_page_that_was_opened_without_any_selection_is_kept():
    app = AppTest.from_function(without_selection).run(timeout=30)
    app.selectbox[0].select("Second").run()
    assert app.text[0].value == "Second"
