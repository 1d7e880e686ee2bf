"""The words beside the map of a presented card: ranked places, a table or what is due, as many as the screen holds."""

from __future__ import annotations

import html
import math

from hotspot.export.briefing import rows_without_blanks
from hotspot.export.briefing_plans import PLANS
from hotspot.export.cards import CardContent
from hotspot.findings.plan_words import shortened
from hotspot.findings.talking_points import sentences

SHOWN_PLACES, SHOWN_ROWS, SHOWN_DUE = 5, 7, 3
"""Rows that can be read from the back of the room."""
NARROW_LETTERS, WIDE_LETTERS, SENTENCE_LETTERS = 46, 120, 38
"""Letters of a row that stand in one line beside a map, and across the screen; letters of a line of a sentence."""
ROOM, WHOLE_ROW, BROKEN_ROW, SENTENCE_LINE = 16.0, 1.5, 3.2, 1.3
"""Height in rem for sentences and rows, without the head; of a row in one line and in up to three; of a sentence's line."""
WIDE, MOST_COLUMNS = 7, 6
"""Columns of a table that needs the width of the screen; columns that are shown of it beside a map."""


def has_picture(card: CardContent) -> bool:
    """Say whether a picture stands beside the table; that of a wide table is too small to read, so the table stands alone."""
    return bool(card.base_map or (card.picture and len(rows_without_blanks(card.table_head, card.table_rows)[0]) < WIDE))


def side(card: CardContent) -> str:
    """Write the places or the table, then what the finding says."""
    heard = f"{card.headline}. {card.subline}"
    head, rows = rows_without_blanks(card.table_head, card.table_rows)
    if not rows:
        head, rows = ("", ""), tuple((one.name, one.value) for one in card.figures)
    if card.page == PLANS:
        return f'<div class="br-side">{_due(rows)}</div>'
    is_ranked = bool(head) and head[0] == "No."
    beside = has_picture(card)
    # Where places are ranked, or types of crime stand beside each other, the heading has told the finding already.
    is_told = is_ranked or len(head) >= WIDE
    spoken = [] if is_told else [one for one in sentences(card.sentence)[:3] if one not in heard]
    if not is_ranked:
        head, rows = _chosen(head, rows, most=MOST_COLUMNS if beside else len(head))
    letters = NARROW_LETTERS if beside else WIDE_LETTERS
    most = SHOWN_PLACES if is_ranked else _fitting(head, rows, letters=letters, spoken=spoken)
    table = (_places if is_ranked else _rows)(head, rows[:most])
    more = len(rows) - most
    rest = f'<p class="br-more">and {more} more in the notebook</p>' if more > 0 else ""
    said = "".join(f"<p>{html.escape(one)}</p>" for one in spoken)
    told = f'<div class="br-said">{said}</div>' if said else ""
    return f'<div class="br-side">{told}{table}{rest}</div>'


def _fitting(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...], *, letters: int, spoken: list[str]) -> int:
    """Say how many rows fit under the sentences: fewer where cells are broken over lines."""
    columns = zip(*rows, strict=True) if rows else [("",)] * len(head)
    wanted = [max(1, *map(len, name.split()), *map(len, column)) for name, column in zip(head, columns, strict=True)]
    share = min(1.0, letters / sum(wanted))
    room = ROOM - sum(SENTENCE_LINE * math.ceil(len(one) / SENTENCE_LETTERS) + 0.3 for one in spoken)
    for place, row in enumerate(rows[:SHOWN_ROWS]):
        is_broken = any(len(cell) > wide * share for cell, wide in zip(row, wanted, strict=True))
        room -= BROKEN_ROW if is_broken else WHOLE_ROW
        if room < 0:
            return place
    return SHOWN_ROWS


def _due(rows: tuple[tuple[str, ...], ...]) -> str:
    """Write actions that are due: the number of the plan on the map, plan, action and owner, and how late it is."""
    body = "".join(
        f'<tr><td class="disc"><i>{html.escape(number)}</i></td><td class="place"><b>{html.escape(title)}</b>'
        f"<span>{html.escape(_told(action, owner))}</span></td>"
        f'<td class="r"><b>{html.escape(state)}</b><br>{html.escape(due)}</td></tr>'
        for number, _, title, action, owner, due, state in rows[:SHOWN_DUE]
    )
    more = len(rows) - SHOWN_DUE
    rest = f'<p class="br-more">and {more} more on the Plans page</p>' if more > 0 else ""
    return f"<table><tbody>{body}</tbody></table>{rest}"


def _told(action: str, owner: str) -> str:
    """Write an action and its owner, who is never cut away, in at most four lines."""
    named = shortened(owner, 24)
    done = shortened(action, 76 - len(named))
    return f"{done} {named}" if done.endswith(("…", ".")) else f"{done}. {named}"


def _places(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    """Write ranked places: the number of the map's disc, the place, its count."""
    counts = head[2] if len(head) > 2 else ""
    body = "".join(
        f'<tr><td class="disc"><i>{html.escape(row[0])}</i></td><td class="place">{_place(row[1])}</td>'
        f'<td class="r n">{html.escape(row[2]) if counts else ""}</td></tr>'
        for row in rows
    )
    return (
        f'<table><thead><tr><th>No.</th><th>{html.escape(head[1])}</th><th class="r">{html.escape(counts)}</th></tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _place(words: str) -> str:
    name, _, street = words.partition(", ")
    return f"<b>{html.escape(name)}</b><span>{html.escape(street)}</span>"


def _chosen(
    head: tuple[str, ...], rows: tuple[tuple[str, ...], ...], *, most: int
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Keep the first columns; the intervals, which the sub-line tells of the chosen place, would be too small to read."""
    kept = [place for place, name in enumerate(head) if name != "95% interval"][:most]
    return tuple(head[place] for place in kept), tuple(tuple(row[place] for place in kept) for row in rows)


def _rows(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    heads = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
