"""Documents that measurements write: each has a section of its own in one."""

from __future__ import annotations


def replaced(document: str, section: str) -> str:
    """Put a section in the place of the one with its heading, at the end where there is none."""
    heading = section.splitlines()[0]
    before, found, after = f"\n{document}".partition(f"\n{heading}\n")
    rest = after.partition("\n## ") if found else ("", "", "")
    parts = [before.strip(), section.strip(), f"## {rest[2].strip()}" if rest[1] else ""]
    return "\n\n".join(part for part in parts if part) + "\n"
