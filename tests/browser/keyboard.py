"""Hands that have a keyboard alone: where the focus is, what it is called, and whether it can be seen."""

from __future__ import annotations

import re
from dataclasses import dataclass

from colours import contrast
from playwright.sync_api import Frame, Page

_FOCUS = """() => {
  const at = document.activeElement, shown = [];
  /* Streamlit clips the input of a slider or a switch away and draws another element in its place. */
  /* Within a canvas are words for a screen reader: they have no place of their own. */
  let seen = at.closest("[data-testid=stDataFrame]") || at;
  for (let each = at; each; each = each.parentElement)
    if (getComputedStyle(each).clipPath === "inset(50%)") seen = each.parentElement;
  for (let each = seen; each && shown.length < 12; each = each.parentElement) shown.push(each);
  const styles = new Map(shown.map(each => [each, getComputedStyle(each)]));
  const ringed = shown.find(each => styles.get(each).outlineStyle !== "none" && parseFloat(styles.get(each).outlineWidth) >= 2);
  let ground = ringed && parseFloat(styles.get(ringed).outlineOffset) > 0 ? ringed.parentElement : ringed || at;
  const isClear = each => getComputedStyle(each).backgroundColor === "rgba(0, 0, 0, 0)";
  while (ground.parentElement && isClear(ground)) ground = ground.parentElement;
  const box = seen.getBoundingClientRect();
  const within = (value, end) => Math.min(Math.max(value, 0), end - 1);
  const top = document.elementFromPoint(
    within(box.left + box.width / 2, innerWidth), within(box.top + box.height / 2, innerHeight));
  return {
    tag: at.tagName, name: at.getAttribute("aria-label") || at.title || at.innerText || at.dataset.testid || "",
    ring: ringed ? getComputedStyle(ringed).outlineColor : "", ground: getComputedStyle(ground).backgroundColor,
    covered: top && !(seen.contains(top) || top.contains(seen)) ? top.outerHTML.slice(0, 80) : "",
  };
}"""

_WATCH = """() => {
  const told = window.focusTold = [], begun = performance.now();
  const tell = (...what) => told.push([Math.round(performance.now() - begun), ...what].join(" "));
  const named = each => each && each.getAttribute
    ? each.tagName + " " + (each.getAttribute("aria-label") || each.dataset.testid || each.className || "") : "nothing";
  for (const kind of ["focusin", "focusout", "click"])
    document.addEventListener(kind, event => tell(kind, named(event.target), "from or to", named(event.relatedTarget)), true);
  document.addEventListener("keydown", event => tell("key", event.key), true);
  new MutationObserver(all => all.forEach(each => each.type === "attributes"
    ? tell(each.attributeName, named(each.target), each.target.getAttribute(each.attributeName))
    : each.removedNodes.forEach(gone => gone.querySelector && gone.querySelector("input, button") && tell("removed", named(gone)))
  )).observe(document, { subtree: true, childList: true, attributeFilter: ["data-test-script-state", "disabled"] });
}"""
_TOLD = "() => (window.focusTold || []).slice(-60).join('\\n')"


@dataclass(frozen=True)
class Focus:
    """The element that has the focus."""

    tag: str
    name: str
    ring: str
    """Colour of the outline round it, as CSS computes it; empty where there is none of 2 px or more."""
    ground: str
    covered: str
    """What lies over its middle; empty where nothing does."""

    @property
    def ring_contrast(self) -> float:
        """Contrast of the outline with its ground; 1 where there is no outline."""
        return contrast(_hex(self.ring), _hex(self.ground)) if self.ring else 1.0


def _hex(colour: str) -> str:
    channels = [float(number) for number in re.findall(r"[\d.]+", colour)]
    # What no element colours is the paper.
    return "#FFFFFF" if len(channels) == 4 and not channels[3] else "#" + "".join(f"{int(one):02X}" for one in channels[:3])


def focus(place: Page | Frame) -> Focus:
    """Say what has the focus: in a map's frame, what has it there."""
    found = Focus(**place.evaluate(_FOCUS))
    if found.tag == "IFRAME":
        inside = place.evaluate_handle("() => document.activeElement").as_element().content_frame()
        return Focus(**inside.evaluate(_FOCUS))
    return found


class FocusLost(AssertionError):
    """The Tab key does not come to where it should."""


def watch(page: Page) -> None:
    """Have the page remember what takes the focus; ``tab_to`` tells it when it fails."""
    page.evaluate(_WATCH)


def tab_to(page: Page, name: str, *, back: bool = False, most: int = 70) -> Focus:
    """Press Tab until what has the focus is called so; on the way each stop must be seen and lie under nothing."""
    trail = []
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        found = focus(page)
        if found.tag == "BODY":
            continue  # the end of the page, from which the next Tab begins anew
        assert found.ring_contrast >= 3, f"the focus on {found} is not seen"
        assert not found.covered, f"{found} is covered, after {trail}"
        if re.search(name, found.name):
            return found
        trail.append(found.name.strip()[:24])
    raise FocusLost(f"the Tab key never came to '{name}', only to {trail}; before that\n{page.evaluate(_TOLD)}")
