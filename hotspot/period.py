"""Periods of whole days, half-open, and the presets that analysts use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hotspot.errors import BadInput

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Periods beyond these are slips of the keyboard."""


@dataclass(frozen=True)
class Break:
    """A day at which a series changes its meaning."""

    day: date
    reason: str
    groups: tuple[str, ...] = ()
    """Crime groups it concerns; empty: all."""


BREAKS = (
    Break(date(2017, 4, 1), "burglary was redefined in April 2017", ("Burglary",)),
    Break(date(2023, 4, 1), "burglary was split by home and unconnected building in April 2023", ("Burglary",)),
    Break(date(2023, 4, 1), "the force's operating model changed in April 2023"),
)


def add_months(day: date, months: int) -> date:
    """Move a date by whole months; a day that the month lacks becomes its last day."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    following = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


@dataclass(frozen=True, order=True)
class Period:
    """Days from ``start`` up to and without ``end``."""

    start: date
    end: date
    """First day after the period."""

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise BadInput(f"The period from {self.start} to {self.end} is empty: its end must lie after its start.")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2014-01-01..2014-03-01`` (the end is the first day after the period)."""
        start, separator, end = text.partition("..")
        if not separator:
            raise BadInput(f"'{text}' is not a period. Write it as 2014-01-01..2014-03-01, the end not included.")
        return cls(parse_date(start), parse_date(end))

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def is_whole_months(self) -> bool:
        return self.start.day == 1 and self.end.day == 1

    @property
    def iso(self) -> str:
        return f"{self.start.isoformat()}..{self.end.isoformat()}"

    def shifted(self, months: int) -> Period:
        """Move both ends by whole months."""
        return Period(add_months(self.start, months), add_months(self.end, months))

    def previous(self) -> Period:
        """Give the period of equal length just before: whole months for whole months, else days."""
        if self.is_whole_months:
            months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
            return self.shifted(-months)
        return Period(self.start - timedelta(days=self.days), self.start)

    def months(self) -> tuple[str, ...]:
        """List the months that the period touches, as ``YYYY-MM``."""
        months, day = [], self.start.replace(day=1)
        while day < self.end:
            months.append(day.strftime("%Y-%m"))
            day = add_months(day, 1)
        return tuple(months)

    def label(self) -> str:
        """Say the period in words, both days included: '1 April to 30 September 2024', 'February 2014'."""
        if self.is_whole_months:
            return self._label_of_months()
        return self.label_in_days()

    def length(self) -> str:
        """Say how long the period is: 'two months', '28 days'."""
        count, unit = (len(self.months()), "month") if self.is_whole_months else (self.days, "day")
        words = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
        return f"{words[count - 1] if count <= 12 else count} {unit}{'' if count == 1 else 's'}"

    def label_in_days(self) -> str:
        """Say the first and the last day in words, even for whole months."""
        first, last = self.start, self.last_day
        if first == last:
            return day_words(last)
        if first.year != last.year:
            return f"{day_words(first)} to {day_words(last)}"
        if first.month != last.month:
            return f"{first.day} {first:%B} to {day_words(last)}"
        return f"{first.day} to {day_words(last)}"

    def _label_of_months(self) -> str:
        first, last = self.start, self.last_day
        months = len(self.months())
        if months == 1:
            return f"{first:%B %Y}"
        if first.year != last.year:
            return f"{first:%B %Y} to {last:%B %Y}"
        return f"{first:%B} {'and' if months == 2 else 'to'} {last:%B %Y}"

    def breaks_since(self, baseline: Period, *, groups: set[str]) -> tuple[str, ...]:
        """Name the breaks that lie after the earlier period's start and before the later one's end."""
        first, last = min(self.start, baseline.start), max(self.end, baseline.end)
        return tuple(
            known.reason for known in BREAKS if first < known.day < last and (not known.groups or groups & set(known.groups))
        )


def parse_date(text: str) -> date:
    """Read an ISO date (year-month-day), or say what is wrong with it."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"'{text}' is not a date. Write it as year-month-day, for example 2014-01-31.") from None


def day_words(day: date) -> str:
    """Say a day: '30 September 2024'."""
    return f"{day.day} {day:%B %Y}"


def presets(end: date, *, whole_months: bool) -> dict[str, Period]:
    """List the periods people use, counted back from the first day after the data.

    Parameters
    ----------
    end
        First day after the last offence's day (or month, for monthly data).
    whole_months
        True for data that know the month alone: presets shorter than a month are left out.
    """
    month_end = end.replace(day=1)
    year_start = date(month_end.year - (month_end.month < 4 or month_end == date(month_end.year, 4, 1)), 4, 1)
    days = {f"Last {n} days": Period(end - timedelta(days=n), end) for n in (7, 14, 28)}
    months = {
        "Last full month": Period(add_months(month_end, -1), month_end),
        "Year to date": Period(year_start, month_end),
        "Rolling 12 months": Period(add_months(month_end, -12), month_end),
    }
    return months if whole_months else {**days, **months}


def baselines(period: Period) -> dict[str, Period]:
    """List the periods that a period is usually compared with."""
    return {"Same months last year": period.shifted(-12), "Previous equal period": period.previous()}
