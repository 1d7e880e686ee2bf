"""Import of police.uk files of any number: file by file in several processes, then force by force, committed at once.

What a file was read into lies in the staging folder of the store under a name made of the file and of everything that
its reading depends on: the same import, interrupted, finds it again.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hotspot import __version__
from hotspot.errors import BadInput, HotspotError
from hotspot.geography import LPA, Force, slug
from hotspot.offences.atomic import JOURNAL, STAGING, Change, fingerprint_of
from hotspot.offences.forces_of_store import with_force
from hotspot.offences.manifest import Manifest, part_from_plain
from hotspot.offences.outcome_index import Outcomes, latest_of, read_outcomes
from hotspot.offences.police_uk import Plan
from hotspot.offences.processes import computed
from hotspot.offences.report import LoadReport
from hotspot.offences.retention import first_months
from hotspot.offences.source_files import SourceFile
from hotspot.offences.steps import Pace, Step, Told
from hotspot.offences.street_force import ForceTask, Fragment, settle
from hotspot.offences.street_report import Settled, exclusions_of, report_of
from hotspot.offences.street_unit import Setting, read_unit

SMALL = 24 << 20
"""Bytes of files up to which an import is done in this process, and too soon over to be resumed."""
_FORMAT = 1
"""Of what a file is read into; differs where an older version's must not be taken up."""


@dataclass(frozen=True)
class Request:
    """What an import of police.uk files is asked to do."""

    plan: Plan
    source: str
    forces: tuple[Force, ...]
    """Asked for, or the store's: the first is the one that it remembers as its own."""
    explicit: Sequence[Force]
    today: date
    moment: datetime
    synthetic: bool
    fresh: bool
    """True: what an interrupted import had read is not taken up."""

    @property
    def files(self) -> tuple[tuple[SourceFile, Force], ...]:
        return (*self.plan.street, *self.plan.outcomes)

    @property
    def is_small(self) -> bool:
        return sum(file.size for file, _ in self.files) <= SMALL

    @property
    def outcome_facts(self) -> dict[str, list[Any]]:
        """Slug → what tells the outcomes files of a force from others."""
        facts: dict[str, list[Any]] = {}
        for file, force in self.plan.outcomes:
            facts.setdefault(force.slug, []).append(_file_facts(file))
        return facts

    @property
    def ordered_forces(self) -> dict[str, Force]:
        """Slug → force of the files, in the order asked for, whatever the files are called."""
        found = {force.slug: force for force in self.plan.forces}
        return {name: found[name] for name in (*(force.slug for force in self.forces), *found) if name in found}


@dataclass
class Work:
    """An import under way."""

    request: Request
    change: Change
    staging: Path
    setting: Setting
    say: Callable[[Step], object]
    faults: dict[int, BadInput] = field(default_factory=dict)
    """Place of a file in the plan → why it cannot be used."""

    @property
    def processes(self) -> int:
        return 1 if self.request.is_small else max(1, os.cpu_count() or 1)


def import_street(
    request: Request, manifest: Manifest, change: Change, say: Callable[[Step], object]
) -> tuple[LoadReport, Manifest]:
    """Read the files of a plan and put them into the manifest; the caller commits."""
    staging = change.folder / STAGING / JOURNAL
    staging.mkdir(parents=True, exist_ok=True)
    notes: list[str] = []
    force_notes: dict[str, list[str]] = {}
    for force in request.ordered_forces.values():
        manifest, _, force_notes[force.slug] = with_force(manifest, change, force, explicit=request.explicit)
    work = Work(request, change, staging, _setting(request, manifest, change, staging), say)
    outcomes = _outcomes(work)
    units = _units(work, manifest)
    if work.faults:
        raise BadInput(*(fault for place in sorted(work.faults) for fault in work.faults[place].faults))
    notes += [note for unit in units for note in unit["notes"]] + list(request.plan.notes)
    say(Step("Checking the offences", 0.85))
    forces = _all_forces(request, units)
    for force in forces.values():
        if force.slug not in force_notes:
            manifest, _, force_notes[force.slug] = with_force(manifest, change, force, explicit=request.explicit)
    settled = _settled(work, manifest, units, forces, outcomes)
    for one in settled:
        notes += [*force_notes[one.force.slug], *one.notes]
        manifest = _with_parts(manifest, one, change)
    report = report_of(
        settled,
        units,
        staging,
        change,
        source=request.source,
        imported_at=request.moment,
        passed_over=request.plan.passed_over,
        notes=notes,
    )
    return report, manifest


def _setting(request: Request, manifest: Manifest, change: Change, staging: Path) -> Setting:
    entries = [entry for entry in manifest.areas if entry.level == LPA]
    return Setting(
        store=change.folder,
        staging=staging,
        source=request.source,
        forces=request.ordered_forces,
        areas={entry.force: str(change.path_of(entry.file)) for entry in entries},
        outcomes={name: str(staging / f"outcomes-{_key(facts)}") for name, facts in request.outcome_facts.items()},
        last_month=f"{request.today:%Y-%m}",
        first_months=first_months(manifest, request.today),
        synthetic=request.synthetic,
    )


def _key(*facts: Any) -> str:
    return hashlib.sha256(json.dumps([__version__, _FORMAT, *facts], default=str).encode()).hexdigest()[:24]


def _file_facts(file: SourceFile) -> list[Any]:
    return [file.label, str(file.path.resolve()), file.member, file.size, file.path.stat().st_mtime_ns]


def _force_facts(force: Force) -> list[Any]:
    return [force.slug, force.name, force.analysis_crs, force.bounds]


def _outcomes(work: Work) -> dict[str, int]:
    """Read the outcomes files and keep the latest outcome of each crime; gives the crimes of each force (its slug)."""
    files = work.request.plan.outcomes
    first = len(work.request.plan.street)
    keys = [_key("outcomes", _file_facts(file)) for file, _ in files]
    tasks = [(file, str(work.staging / f"read-{key}")) for (file, _), key in zip(files, keys, strict=True)]
    _run(work, _read_outcomes_file, tasks, [work.staging / f"read-{key}" / "done" for key in keys], "outcomes file", offset=first)
    if work.faults:
        return {}
    counts = {}
    for one in dict.fromkeys(force.slug for _, force in files):
        folders = [folder for (_, force), (_, folder) in zip(files, tasks, strict=True) if force.slug == one]
        counts[one] = _index(folders, Path(work.setting.outcomes[one]))
    return counts


def _read_outcomes_file(file: SourceFile, folder: str) -> int:
    found = read_outcomes(file)
    found.save(Path(folder))
    (Path(folder) / "done").write_text(str(len(found)))
    return len(found)


def _index(folders: Sequence[str], target: Path) -> int:
    latest = latest_of([Outcomes.open(Path(folder)) for folder in folders])
    latest.save(target)
    return len(latest)


def _units(work: Work, manifest: Manifest) -> list[dict[str, Any]]:
    """Read the street files, or find what they were read into before an interruption."""
    request = work.request
    common = [
        *(request.source, work.setting.last_month, request.synthetic, request.outcome_facts, work.setting.first_months),
        [_force_facts(force) for force in work.setting.forces.values()],
        [[entry.force, entry.file] for entry in manifest.areas if entry.level == LPA],
    ]
    shared = _key(common)
    keys = [_key("street", shared, _file_facts(file), _force_facts(force)) for file, force in request.plan.street]
    tasks = [
        (file, force, key, work.setting, not request.is_small)
        for (file, force), key in zip(request.plan.street, keys, strict=True)
    ]
    documents = [work.staging / f"{key}.json" for key in keys]
    return _run(work, _read_street_file, tasks, documents, "file")


def _read_street_file(file: SourceFile, force: Force, key: str, setting: Setting, journal: bool) -> dict[str, Any]:
    unit = read_unit(file, force, key, setting)
    if journal:
        document = setting.staging / f"{key}.json"
        unfinished = document.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(unit), encoding="utf-8")
        os.replace(unfinished, document)
    return unit


def _run(
    work: Work, function: Callable[..., Any], tasks: list[tuple[Any, ...]], documents: list[Path], noun: str, *, offset: int = 0
) -> list[Any]:
    """Do the tasks that no earlier, interrupted import has done; gives every result in order."""
    found = [None if work.request.is_small or work.request.fresh else _found(document) for document in documents]
    missing = [place for place, result in enumerate(found) if result is None]
    pace = Pace(len(tasks), len(tasks) - len(missing), noun)
    if pace.found:
        work.say(pace.resumed())
    sizes = [task[0].size for task in tasks]
    pace.begin(sum(sizes[place] for place in missing), time.monotonic())
    for number, result in computed(function, [tasks[place] for place in missing], processes=work.processes):
        place = missing[number]
        if isinstance(result, BadInput):
            work.faults[offset + place] = result
        elif isinstance(result, HotspotError):
            raise result
        found[place] = result
        rows = result["rows"] if isinstance(result, dict) else result if isinstance(result, int) else 0
        step = pace.done(tasks[place][0].label, Told(rows, sizes[place]), time.monotonic())
        if step is not None:
            work.say(step)
    return found


def _found(document: Path) -> Any | None:
    """Give what a file was read into, None unless all of it is there."""
    try:
        unit = json.loads(document.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(unit, dict):
        return unit
    for piece in unit["pieces"]:
        for fragment in piece["fragments"]:
            staged = document.parent / fragment["staged"]
            if not staged.is_file() or fingerprint_of(staged) not in fragment["part"]["file"]:
                return None
    return unit


def _all_forces(request: Request, units: Sequence[dict[str, Any]]) -> dict[str, Force]:
    """Give the forces of the files, then those that rows alone name, under the name that comes last."""
    forces = dict(request.ordered_forces)
    for name in dict.fromkeys(name for unit in units for name in unit["said"]):
        if slug(name) not in request.ordered_forces:
            forces[slug(name)] = Force(name)
    return forces


def _settled(
    work: Work, manifest: Manifest, units: Sequence[dict[str, Any]], forces: dict[str, Force], outcomes: dict[str, int]
) -> list[Settled]:
    """Put the files of each force together."""
    tasks = []
    for force in forces.values():
        fragments = tuple(
            Fragment(
                unit=number,
                force=piece["name"],
                part=part_from_plain(fragment["part"]),
                staged=work.staging / fragment["staged"],
                marks=work.staging / fragment["marks"],
                named=fragment["named"],
            )
            for number, unit in enumerate(units)
            for piece in unit["pieces"]
            if piece["slug"] == force.slug
            for fragment in piece["fragments"]
        )
        old = manifest.parts_of(work.request.source, force.slug)
        staged = {part.file: str(work.change.path_of(part.file)) for part in old}
        tasks.append((ForceTask(work.setting, force.slug, force.name, fragments, old, staged),))
    results: list[Any] = [None] * len(tasks)
    for place, result in computed(settle, tasks, processes=work.processes):
        if isinstance(result, HotspotError):
            raise result
        results[place] = result
        done = len(tasks) - results.count(None)
        if done % 10 == 0:
            work.say(Step(f"{done:,} of {len(tasks):,} forces checked", 0.85 + 0.1 * done / len(tasks)))
    return [
        Settled.of(force, task[0], result, units, crimes=outcomes.get(force.slug))
        for force, task, result in zip(forces.values(), tasks, results, strict=True)
    ]


def _with_parts(manifest: Manifest, one: Settled, change: Change) -> Manifest:
    """Let the manifest name the parts of a force as they are now."""
    new = []
    for told in one.result["parts"]:
        part = part_from_plain(told["part"])
        if Path(told["staged"]) != change.folder / part.file:
            change.adopt(part.file, Path(told["staged"]))
        new.append(part)
    own = (one.task.setting.source, one.task.slug)
    others = tuple(part for part in manifest.parts if (part.source, part.force) != own)
    parts = tuple(sorted((*others, *new), key=lambda part: (part.source, part.force, part.month)))
    return replace(manifest, parts=parts, exclusions=exclusions_of(manifest, one))
