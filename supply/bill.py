"""
Write the software bill of materials, CycloneDX 1.6: `make sbom` writes docs/sbom.cdx.json.

The same pins give the same bytes: it has no date, and its serial number is made from its content.
"""

from __future__ import annotations

import json
import tomllib
import uuid
from typing import Any

from supply import ROOT
from supply.installed import brought_along
from supply.licences import Licence, licences
from supply.lock import EVERYTHING, RUNTIME
from supply.pins import read_pins

DOCUMENT = ROOT / "docs" / "sbom.cdx.json"
_SCOPES = {"runtime": "required", "extra": "optional", "tests": "excluded"}


def bill() -> dict[str, Any]:
    """Give the bill of materials of the full lock, by name; files' hashes stand with what each package is fetched from."""
    found = licences()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    product = {"type": "application", "bom-ref": project["name"], "name": project["name"], "version": project["version"]}
    runtime = read_pins(ROOT / RUNTIME.requirements)
    refs = {one.pin.name: _purl(one) for one in found}
    content = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": product},
        "components": [_component(one) for one in found],
        "dependencies": [
            {"ref": project["name"], "dependsOn": sorted(refs[name] for name in runtime)},
            *({"ref": refs[one.pin.name], "dependsOn": _needed(one, refs)} for one in found),
        ],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(content, sort_keys=True))
    return content | {"serialNumber": f"urn:uuid:{serial}"}


def _purl(one: Licence) -> str:
    return f"pkg:pypi/{one.pin.name}@{one.pin.version}"


def _component(one: Licence) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": _purl(one),
        "name": one.pin.name,
        "version": one.pin.version,
        "scope": _SCOPES[one.use],
        "licenses": [{"expression": one.expression}],
        "purl": _purl(one),
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"https://pypi.org/project/{one.pin.name}/{one.pin.version}/",
                "comment": f"SHA-256 of each wheel that {EVERYTHING.name} lets in",
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in one.pin.hashes],
            }
        ],
    }
    return component | ({"components": [_leaflet(one)]} if one.pin.name == "xstatic-leaflet" else {})


def _leaflet(one: Licence) -> dict[str, Any]:
    """The package is nothing but the files of another registry's; its last number is its own."""
    version = one.pin.version.rpartition(".")[0]
    purl = f"pkg:npm/leaflet@{version}"
    licence = [{"expression": one.expression}]
    return {"type": "library", "bom-ref": purl, "name": "leaflet", "version": version, "licenses": licence, "purl": purl}


def _needed(one: Licence, refs: dict[str, str]) -> list[str]:
    if not one.pin.holds_here:
        return []
    return sorted({refs[name] for name, _ in brought_along(one.pin.name) if name in refs})


def text() -> str:
    """Give the file's text."""
    return json.dumps(bill(), indent=1) + "\n"


def main() -> None:
    """Write the file."""
    DOCUMENT.write_text(text(), "utf-8")
    print(f"Written: {DOCUMENT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
