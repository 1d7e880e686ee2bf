"""Who may sign in, and what each may see: one TOML file (docs/access.md), its grants, and how a person becomes a viewer."""

from __future__ import annotations

import hmac
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from hotspot.errors import BadInput, NotAllowed, NotSignedIn
from hotspot.viewer import ADMINISTRATOR, ROLES, Viewer

OFF, OPENID, HEADERS = "off", "openid", "headers"
WAYS = (OFF, OPENID, HEADERS)
ALL = "all"
USUAL_HOURS, MOST_HOURS = 10.0, 24.0 * 30
"""Hours that a sign-in lasts; the most is what Streamlit's cookie lasts."""
CLOCKS_DIFFER = 300.0
"""Seconds by which the provider's clock may be ahead of this machine's."""
LONGEST_NAME = 80
"""Characters of a person's name."""
SHORTEST_SECRET = 32
"""Characters that a proxy's secret has at least."""
_ASK = "Ask the person who looks after this server."
_TABLES: dict[str, dict[str, type | tuple[type, ...]]] = {
    "": {"sign_in": str, "on_any_address": bool, "hours": (int, float), "claims": dict, "headers": dict, "grant": list},
    "claims": {"name": str, "groups": str},
    "headers": {"name": str, "groups": str, "separator": str, "secret": str, "secret_file": str, "sign_out": str},
}
"""Table → its keys and what each must be."""
_OF_GRANT = ("group", "role", "lpas")


@dataclass(frozen=True)
class Grant:
    """What membership of a group gives."""

    group: str
    role: str
    areas: frozenset[str] | None
    """LPAs; None: all."""


@dataclass(frozen=True)
class TrustedHeaders:
    """The headers by which a reverse proxy says who asks."""

    name: str = "X-Remote-User"
    groups: str = "X-Remote-Groups"
    separator: str = ","
    """Between two groups."""
    secret: str = "X-Hotspot-Proxy"
    """The header that proves the proxy."""
    value: str = field(default="", repr=False)
    """What that header must hold."""
    sign_out: str = ""
    """The proxy's own address to sign out at; empty: it has none."""


@dataclass(frozen=True)
class Access:
    """How people sign in, and what each group may see."""

    sign_in: str = OFF
    on_any_address: bool = False
    """Sign-in is off on purpose although other machines reach this server."""
    hours: float = USUAL_HOURS
    name_claim: str = "preferred_username"
    groups_claim: str = "groups"
    headers: TrustedHeaders = TrustedHeaders()
    grants: tuple[Grant, ...] = ()

    @property
    def lasts(self) -> str:
        """How long a sign-in lasts, in words."""
        return f"{self.hours:g} hour{'' if self.hours == 1 else 's'}"


def read_access(path: Path | None) -> Access:
    """Read the file that says who may sign in; None: sign-in is off.

    Raises
    ------
    BadInput
        With one sentence for each fault: nobody is let in by half a file.
    """
    if path is None:
        return Access()
    try:
        state = path.stat()
    except OSError as fault:
        raise BadInput(f"HOTSPOT_ACCESS names {path}, which cannot be read ({fault.strerror}).") from None
    return _read(path, state.st_mtime_ns, state.st_size)


def viewer_of_claims(access: Access, claims: Mapping[str, Any], *, now: float) -> Viewer:
    """Make a viewer of the claims of an OpenID provider.

    Parameters
    ----------
    now
        Seconds since 1970.

    Raises
    ------
    NotSignedIn
        If there are no claims, or they are older than a sign-in lasts.
    NotAllowed
        If they name nobody, or no group that has a grant.
    """
    issued = claims.get("iat")
    if not claims.get("is_logged_in") or not isinstance(issued, int | float) or isinstance(issued, bool):
        raise NotSignedIn("Sign in to see anything.")
    if not -CLOCKS_DIFFER <= now - issued < access.hours * 3600:
        raise NotSignedIn(f"Your sign-in has ended: it lasts {access.lasts}. Sign in again.")
    name, groups = _claim(claims, access.name_claim), _claim(claims, access.groups_claim)
    named = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    return _granted(access, name if isinstance(name, str) else "", [one for one in named if isinstance(one, str)])


def viewer_of_headers(access: Access, headers: Iterable[tuple[str, str]]) -> Viewer:
    """Make a viewer of the headers of a request that came through the proxy.

    Raises
    ------
    NotSignedIn
        If the request does not prove that it came through the proxy, or names nobody.
    NotAllowed
        If no group of the person has a grant.
    """
    trusted, given = access.headers, list(headers)
    proof = _one(given, trusted.secret)
    if not hmac.compare_digest(proof.encode("utf-8"), trusted.value.encode("utf-8")):
        raise NotSignedIn("This address is not the one to sign in at. Open the address that your force gave you.")
    name = _one(given, trusted.name)
    if not name:
        raise NotSignedIn("The sign-in page in front of this server did not say who you are. Open its address again.")
    return _granted(access, name, [group.strip() for group in _one(given, trusted.groups).split(trusted.separator)])


def _granted(access: Access, name: str, groups: Sequence[str]) -> Viewer:
    """Give the highest role that the groups have, with the LPAs of the grants of that role alone."""
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name or not name.isprintable():
        raise NotAllowed(f"Your sign-in does not say your name (the claim '{access.name_claim}'), so nothing is shown. {_ASK}")
    held = [grant for grant in access.grants if grant.group in groups]
    if not held:
        raise NotAllowed(f"{name} is in no group that may see these data, so nothing is shown. {_ASK}")
    role = max((grant.role for grant in held), key=ROLES.index)
    areas = [grant.areas for grant in held if grant.role == role]
    return Viewer(name, role, None if None in areas else frozenset().union(*areas))


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """Give a claim by its name, or by its path: 'realm_access.roles'."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _one(headers: Sequence[tuple[str, str]], name: str) -> str:
    """Give a header that stands once; empty where it is missing or somebody sent another beside the proxy's."""
    found = [value for key, value in headers if key.lower() == name.lower()]
    if len(found) != 1:
        return ""
    try:
        return found[0].strip().encode("latin-1").decode("utf-8")  # HTTP gives UTF-8 as if it were Latin-1
    except UnicodeError:
        return found[0].strip()


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int, _size: int) -> Access:
    """Read a file once for each of its states."""
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise BadInput(f"{path}, which says who may sign in, cannot be read ({fault}).") from None
    faults = _shape(table)
    if faults:
        raise BadInput(*(f"{path.name}: {fault}" for fault in faults))
    claims, headers = table.get("claims", {}), table.get("headers", {})
    way = table.get("sign_in", "")
    value, faults = _secret(path, headers) if way == HEADERS else ("", [])
    found = [_grant(number, one) for number, one in enumerate(table.get("grant", []), start=1)]
    faults += [fault for _, own in found for fault in own] + _whole(way, table)
    if faults:
        raise BadInput(*(f"{path.name}: {fault}" for fault in faults))
    named = {key: text for key, text in headers.items() if key != "secret_file"}
    return Access(
        sign_in=way,
        on_any_address=table.get("on_any_address", False),
        hours=float(table.get("hours", USUAL_HOURS)),
        name_claim=claims.get("name", Access.name_claim),
        groups_claim=claims.get("groups", Access.groups_claim),
        headers=TrustedHeaders(**named, value=value),
        grants=tuple(grant for grant, _ in found if grant is not None),
    )


def _shape(table: Mapping[str, Any]) -> list[str]:
    """Say what stands in the file that is not known, or is not what it should be."""
    faults = []
    for name, keys in _TABLES.items():
        held = table if not name else table.get(name, {})
        within = f"[{name}] " if name else ""
        if not isinstance(held, dict):
            continue  # told as a fault of the table around it
        faults += [f"{within}{key} is not known. Known are: {', '.join(keys)}." for key in held if key not in keys]
        faults += [
            f"{within}{key} must be {_KINDS[kind]}."
            for key, kind in keys.items()
            if key in held and (not isinstance(held[key], kind) or (kind is not bool and isinstance(held[key], bool)))
        ]
    return faults


_KINDS: dict[type | tuple[type, ...], str] = {
    str: "a text in quotes",
    bool: "true or false",
    (int, float): "a number",
    dict: "a table",
    list: "a list of tables: [[grant]]",
}


def _whole(way: str, table: Mapping[str, Any]) -> list[str]:
    faults = []
    if way not in WAYS:
        faults.append(f"sign_in '{way}' does not exist. It can be: {', '.join(WAYS)}.")
    if not 0 < table.get("hours", USUAL_HOURS) <= MOST_HOURS:
        faults.append(f"hours must lie above 0 and be {MOST_HOURS:g} at most.")
    if way in (OPENID, HEADERS) and not table.get("grant"):
        faults.append("it grants nothing to anybody. Add a [[grant]] with group, role and lpas.")
    if way == HEADERS and not table.get("headers", {}).get("separator", ","):
        faults.append("[headers] separator must not be empty.")
    return faults


def _grant(number: int, one: Any) -> tuple[Grant | None, list[str]]:
    where = f"[[grant]] {number}"
    if not isinstance(one, dict):
        return None, [f"{where} is no table."]
    faults = [f"{where}: {key} is not known. Known are: {', '.join(_OF_GRANT)}." for key in one if key not in _OF_GRANT]
    group, role, lpas = one.get("group"), one.get("role"), one.get("lpas")
    if not isinstance(group, str) or not group.strip():
        faults.append(f"{where} names no group.")
    if role not in ROLES:
        faults.append(f"{where}: the role '{role}' does not exist. It can be: {', '.join(ROLES)}.")
    is_list = isinstance(lpas, list) and bool(lpas) and all(isinstance(name, str) and name.strip() for name in lpas)
    if role == ADMINISTRATOR:
        if lpas not in (None, ALL):
            faults.append(f'{where}: an administrator sees all LPAs. Leave lpas out, or write lpas = "{ALL}".')
    elif lpas != ALL and not is_list:
        faults.append(f'{where} must say lpas = ["Coventry", …], or lpas = "{ALL}".')
    if faults:
        return None, faults
    return Grant(group.strip(), role, frozenset(name.strip() for name in lpas) if is_list else None), []


def _secret(path: Path, headers: Mapping[str, str]) -> tuple[str, list[str]]:
    """Read what proves the proxy from a file of its own, which fewer may read than this one."""
    named = headers.get("secret_file", "")
    if not named:
        return "", ["[headers] secret_file must name a file with the secret that the proxy sends."]
    try:
        value = (path.parent / named).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        return "", [f"[headers] secret_file {named} cannot be read ({type(fault).__name__})."]
    if len(value) < SHORTEST_SECRET or not value.isascii():
        return "", [f"[headers] secret_file {named} must hold at least {SHORTEST_SECRET} plain characters: openssl rand -hex 32."]
    return value, []
