"""
Ask PyPI's vulnerability database about every pinned package, by pip-audit. `make audit-packages`.

Ends with 1 where a vulnerability is known, 2 where the audit itself failed. pip-audit calls packages clean that it could not ask
about; here they are named.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from supply import ROOT
from supply.lock import EVERYTHING, TOOLS, Lock

CLEAN, FOUND, FAILED = 0, 1, 2
"""Exit codes."""
UNREACHED = ("ConnectionError", "Timeout", "Max retries", "Could not connect", "ServiceError")
"""What the last line of pip-audit says where nobody answered; anything else is a failure of ours."""


def verdict(report: dict[str, Any] | None, said: str = "") -> tuple[int, list[str]]:
    """
    Give the exit code and what to say.

    Parameters
    ----------
    report
        pip-audit's JSON; None where it ended without one.
    said
        What it said last then.
    """
    if report is None:
        reached = not any(word in said for word in UNREACHED)
        why = "pip-audit failed" if reached else "NOT CHECKED, the vulnerability database could not be reached"
        return (FAILED if reached else CLEAN), [f"{why}: {said}"]
    packages = report["dependencies"]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    if packages and len(skipped) == len(packages):
        return CLEAN, ["NOT CHECKED: the vulnerability database could not be reached; what answered knew none of the packages."]
    found = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for one in packages
        for flaw in one.get("vulns", ())
    ]
    checked = f"{len(packages) - len(skipped)} packages checked, {len(found) or 'no'} known vulnerabilities."
    unknown = [f"NOT CHECKED, unknown to the database: {', '.join(skipped)}."] if skipped else []
    return (FOUND if found else CLEAN), [*found, checked, *unknown]


def audit(lock: Lock) -> tuple[int, list[str]]:
    """Ask about every package of a lock."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = [
            Path(sys.executable).with_name("pip-audit"), "--disable-pip", "--require-hashes", "--progress-spinner", "off",
            "--format", "json", "--output", answer, "-r", ROOT / lock.name,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        report = json.loads(answer.read_text("utf-8")) if answer.exists() else None
    return verdict(report, (done.stderr.strip().splitlines() or ["no answer"])[-1])


def main() -> None:
    """Audit both environments, say what was found and end with the worse code."""
    codes = []
    for lock in (EVERYTHING, TOOLS):
        code, sentences = audit(lock)
        print("\n".join(f"{lock.name}: {sentence}" for sentence in sentences))
        codes.append(code)
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
