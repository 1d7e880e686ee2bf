"""The access file, and how claims and headers become a viewer: whatever is not said plainly lets nobody in."""

import json
import time

import pytest
from signed_in import GRANTS, SECRET, written
from typer.testing import CliRunner

from hotspot.access import read_access, viewer_of_claims, viewer_of_headers
from hotspot.cli import app
from hotspot.errors import BadInput, NotAllowed, NotSignedIn
from hotspot.paths import ROOT
from hotspot.viewer import ADMINISTRATOR, ANALYST, INSPECTOR, Viewer

NOW = 1_800_000_000.0
PROXY = '[headers]\nsecret_file = "proxy.secret"'


@pytest.fixture
def openid(tmp_path):
    return read_access(written(tmp_path, "openid"))


@pytest.fixture
def headers(tmp_path):
    return read_access(written(tmp_path, "headers", PROXY))


def claims(**more) -> dict:
    return {"is_logged_in": True, "iat": NOW - 60, "preferred_username": "sam@force", "groups": ["coventry-analysts"]} | more


def sent(**more: str) -> list[tuple[str, str]]:
    given = {"X-Hotspot-Proxy": SECRET, "X-Remote-User": "sam", "X-Remote-Groups": "staff, coventry-inspectors"} | {
        name.replace("_", "-"): value for name, value in more.items()
    }
    return list(given.items())


def test_without_a_file_sign_in_is_off():
    assert read_access(None).sign_in == "off"


def test_groups_of_the_claims_give_role_and_lpas(openid):
    assert viewer_of_claims(openid, claims(), now=NOW) == Viewer("sam@force", ANALYST, frozenset({"Coventry"}))
    assert viewer_of_claims(openid, claims(groups="administrators"), now=NOW).areas is None


def test_of_several_groups_the_highest_role_counts_with_its_own_lpas_alone(tmp_path):
    more = '[[grant]]\ngroup = "all-inspectors"\nrole = "inspector"\nlpas = "all"\n'
    access = read_access(written(tmp_path, "openid", more))
    both = claims(groups=["all-inspectors", "coventry-analysts"])
    assert viewer_of_claims(access, both, now=NOW) == Viewer("sam@force", ANALYST, frozenset({"Coventry"}))
    assert viewer_of_claims(access, claims(groups=["all-inspectors"]), now=NOW) == Viewer("sam@force", INSPECTOR, None)


def test_a_claim_may_lie_deeper(tmp_path):
    access = read_access(written(tmp_path, "openid", '[claims]\nname = "name"\ngroups = "realm_access.roles"'))
    deep = {"is_logged_in": True, "iat": NOW, "name": "Sam", "realm_access": {"roles": ["administrators"]}}
    assert viewer_of_claims(access, deep, now=NOW).role == ADMINISTRATOR


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"is_logged_in": False},
        claims(is_logged_in=False),
        claims(iat=None),
        claims(iat=True),
        claims(iat="1800000000"),
        claims(iat=NOW - 10 * 3600),
        claims(iat=NOW + 3600),
    ],
)
def test_claims_that_are_missing_or_too_old_let_nobody_in(openid, given):
    with pytest.raises(NotSignedIn):
        viewer_of_claims(openid, given, now=NOW)


@pytest.mark.parametrize(
    "more",
    [
        {"groups": []},
        {"groups": None},
        {"groups": ["Coventry-Analysts"]},
        {"groups": {"coventry-analysts": True}},
        {"groups": [["coventry-analysts"]]},
        {"preferred_username": ""},
        {"preferred_username": 7},
        {"preferred_username": "a\x00b"},
    ],
)
def test_who_has_no_group_or_no_name_is_refused(openid, more):
    with pytest.raises(NotAllowed) as refusal:
        viewer_of_claims(openid, claims(**more), now=NOW)
    assert not isinstance(refusal.value, NotSignedIn)  # signing in once more would not help


def test_headers_of_the_proxy_give_role_and_lpas(headers):
    assert viewer_of_headers(headers, sent()) == Viewer("sam", INSPECTOR, frozenset({"Coventry"}))
    assert viewer_of_headers(headers, sent(X_Remote_User="Zo\u00c3\u00ab")).name == "Zo\u00eb"  # UTF-8, as HTTP hands it over


@pytest.mark.parametrize(
    "given",
    [
        [],
        [pair for pair in sent() if pair[0] != "X-Hotspot-Proxy"],
        sent(X_Hotspot_Proxy="0" * 32),
        sent(X_Hotspot_Proxy=""),
        sent(X_Hotspot_Proxy=SECRET[:-1]),
        sent(X_Hotspot_Proxy="\u00e9" * 32),
        [*sent(), ("x-hotspot-proxy", SECRET)],
        [*sent(), ("X-Remote-User", "chief")],
        sent(X_Remote_User=" "),
    ],
    ids=str,
)
def test_headers_that_did_not_come_from_the_proxy_let_nobody_in(headers, given):
    with pytest.raises(NotSignedIn):
        viewer_of_headers(headers, given)


def test_a_second_header_with_groups_gives_none_of_them(headers):
    with pytest.raises(NotAllowed, match="in no group"):
        viewer_of_headers(headers, [*sent(), ("x-remote-groups", "administrators")])


def test_the_secret_is_in_no_words_about_the_access(headers):
    assert SECRET not in repr(headers)


@pytest.mark.parametrize(
    "text, told",
    [
        ("sign_in = ", "cannot be read"),
        ('sign_in = "saml"' + GRANTS, "'saml' does not exist"),
        ("hours = 4", "sign_in '' does not exist"),
        ('sign_in = "openid"', "grants nothing"),
        ('sign_in = "openid"\nhours = 0' + GRANTS, "hours must lie above 0"),
        ('sign_in = "openid"\nhours = "ten"' + GRANTS, "hours must be a number"),
        ('sign_in = "openid"\nhours = true' + GRANTS, "hours must be a number"),
        ('sign_in = "openid"\nopen = true' + GRANTS, "open is not known"),
        ('sign_in = "off"\non_any_address = "yes"', "on_any_address must be true or false"),
        ('sign_in = "openid"\n[claims]\nroles = "x"' + GRANTS, r"\[claims\] roles is not known"),
        ('sign_in = "openid"\nclaims = 3' + GRANTS, "claims must be a table"),
        ('sign_in = "headers"' + GRANTS, "secret_file must name"),
        ('sign_in = "headers"\n[headers]\nsecret_file = "none"' + GRANTS, "cannot be read"),
        ('sign_in = "headers"\n[headers]\nsecret_file = "short.secret"' + GRANTS, "at least 32"),
        ('sign_in = "headers"\n[headers]\nsecret_file = "proxy.secret"\nseparator = ""' + GRANTS, "separator must not be empty"),
        ('sign_in = "openid"\n[[grant]]\ngroup = "g"\nrole = "chief"\nlpas = "all"', "role 'chief' does not exist"),
        ('sign_in = "openid"\n[[grant]]\ngroup = "g"\nrole = "analyst"', r"\[\[grant\]\] 1 must say lpas"),
        ('sign_in = "openid"\n[[grant]]\ngroup = "g"\nrole = "analyst"\nlpas = []', "must say lpas"),
        ('sign_in = "openid"\n[[grant]]\ngroup = "g"\nrole = "analyst"\nlpas = "Coventry"', "must say lpas"),
        ('sign_in = "openid"\n[[grant]]\nrole = "analyst"\nlpas = "all"', "names no group"),
        ('sign_in = "openid"\n[[grant]]\ngroup = "g"\nrole = "administrator"\nlpas = ["Coventry"]', "sees all LPAs"),
        ('sign_in = "openid"\n[[grant]]\ngroup = "g"\nrole = "analyst"\nlpa = "all"\nlpas = "all"', "lpa is not known"),
    ],
)
def test_a_file_with_a_fault_lets_nobody_in_and_says_what_is_wrong(tmp_path, text, told):
    written(tmp_path, "openid")
    (tmp_path / "short.secret").write_text("too short", "utf-8")
    path = tmp_path / "access.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadInput, match=told):
        read_access(path)


def test_a_file_that_is_not_there_lets_nobody_in(tmp_path):
    with pytest.raises(BadInput, match="HOTSPOT_ACCESS names"):
        read_access(tmp_path / "nothing.toml")


def test_a_changed_file_counts_from_the_next_look(tmp_path):
    path = written(tmp_path, "openid")
    assert read_access(path).hours == 10
    written(tmp_path, "openid", "hours = 2")
    assert read_access(path).hours == 2


def test_the_example_that_ships_can_be_used(tmp_path):
    example = (ROOT / "docs" / "deployment" / "access.toml").read_text("utf-8")
    path = tmp_path / "access.toml"
    path.write_text(example, "utf-8")
    access = read_access(path)
    assert {grant.role for grant in access.grants} == {INSPECTOR, ANALYST, ADMINISTRATOR}
    assert viewer_of_claims(access, claims(iat=time.time(), groups=[access.grants[0].group]), now=time.time()).role in {
        grant.role for grant in access.grants
    }


def test_the_command_lists_the_grants_of_a_file_and_every_fault_of_another(tmp_path, monkeypatch):
    path = written(tmp_path, "openid")
    monkeypatch.setenv("HOTSPOT_ACCESS", str(path))
    listed = CliRunner().invoke(app, ["access", "--json"])
    grants = json.loads(listed.stdout)["grants"]
    assert grants[2] | {"may": []} == {"group": "coventry-inspectors", "role": "inspector", "lpas": "Coventry", "may": []}
    assert "take files away" not in grants[2]["may"] and "take files away" in grants[1]["may"]
    assert "coventry-analysts" in CliRunner().invoke(app, ["access"]).stdout
    path.write_text('sign_in = "openid"\n[[grant]]\nrole = "chief"', "utf-8")
    refused = CliRunner().invoke(app, ["access"])
    assert refused.exit_code == 2 and "names no group" in refused.stderr and "'chief' does not exist" in refused.stderr
    monkeypatch.delenv("HOTSPOT_ACCESS")
    assert "Sign-in is off" in CliRunner().invoke(app, ["access"]).stdout
