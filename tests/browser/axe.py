"""axe-core in a page and its frames: what it finds that is ours."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import axe_playwright_python
from playwright.sync_api import Page

SCRIPT = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


class Foreign(NamedTuple):
    """A fault of Streamlit's own elements, which no style and no setting of ours can mend."""

    rule: str
    selector: str
    why: str


NOT_OURS = (
    Foreign(
        "presentation-role-conflict",
        "section[data-testid=stFileUploaderDropzone]",
        "Streamlit 1.67 gives the place where a file is dropped a name and the role of an ornament; its button and its label, "
        "which a screen reader uses, are right. A best practice of axe, no criterion of WCAG.",
    ),
)
"""All that is left to Streamlit; a test fails when one of them is mended there."""

_RUN = """async ([tags, foreign]) => {
  const options = { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"], elementRef: true };
  const found = await axe.run(document, options);
  const isForeign = (rule, node) => foreign.some(([id, where]) => id === rule && node.element && node.element.matches(where));
  return found.violations.flatMap(rule => rule.nodes.filter(node => !isForeign(rule.id, node))
    .map(node => rule.id + ": " + node.target.join(" > ") + ": " + node.failureSummary));
}"""


def faults(page: Page, *, foreign: tuple[Foreign, ...] = NOT_OURS) -> list[str]:
    """Run axe over the page and the frames in it; give what is wrong, rule and element first."""
    for frame in page.frames:
        if frame.evaluate("() => typeof window.axe") == "undefined":
            frame.evaluate(SCRIPT)
    return page.evaluate(_RUN, [list(TAGS), [[one.rule, one.selector] for one in foreign]])
