"""The four lists of packages agree: pyproject.toml, environment.yml (conda, Binder), requirements.lock, make.py."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from rattler import MatchSpec
from rattler.exceptions import InvalidMatchSpecError

import make

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
CONDA_NAMES = {"matplotlib": "matplotlib-base"}  # conda's `matplotlib` adds Qt, which notebooks don't use


def requirements(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for, with these extras."""
    project = PROJECT["project"]
    lines = project["dependencies"] + [line for extra in extras for line in project["optional-dependencies"][extra]]
    return [Requirement(line) for line in lines]


def conda_specs(environment: dict[str, Any]) -> dict[str, MatchSpec]:
    """The conda packages of an environment file by name, read by the parser that conda's own tools use."""
    specs = [MatchSpec(line, strict=True) for line in environment["dependencies"] if isinstance(line, str)]
    return {spec.name.normalized: spec for spec in specs}


def disagreements(environment: dict[str, Any]) -> list[str]:
    """Where an environment file and pyproject.toml say different things."""
    specs = conda_specs(environment)
    asked = {CONDA_NAMES.get(r.name, r.name): r.specifier for r in requirements("lab")}
    found = [f"{name} is missing" for name in asked.keys() - specs.keys()]
    found += [f"{name} is too many" for name in specs.keys() - asked.keys() - {"python", "pip"}]
    for name in asked.keys() & specs.keys():
        given = str(specs[name].version or "")
        if SpecifierSet(given) != asked[name]:
            found.append(f"{name} is {given or 'free'} here and {asked[name]} in pyproject.toml")
    if str(specs["python"].version) != "3.12.*":
        found.append(f"python is {specs['python'].version}, not 3.12")
    if environment["dependencies"][-1] != {"pip": ["-e ."]}:
        found.append("the package itself is not installed last, by pip, with -e .")
    return sorted(found)


def faults(lock: str) -> list[str]:
    """What is wrong in a lock: addresses, packages without hashes, direct requirements not pinned as asked."""
    found = [f"address: {line}" for line in re.findall(r"^--\S.*|^.*://.*", lock, re.M)]
    entries = re.findall(r"^(\S+)==([^\s;\\]+)([^\n]*(?:\n    --hash=sha256:[0-9a-f]{64}[^\n]*)*)", lock, re.M)
    pinned = {canonicalize_name(name): version for name, version, _ in entries}
    found += [f"no hash: {name}" for name, _, rest in entries if "--hash=" not in rest]
    backend = [Requirement(line) for line in PROJECT["build-system"]["requires"]]
    for requirement in requirements("lab", "test") + backend:
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None or version not in requirement.specifier:
            found.append(f"{requirement} is pinned to {version}")
    return found


def test_conda_gets_what_pyproject_asks_for() -> None:
    assert disagreements(ENVIRONMENT) == []


@pytest.mark.parametrize(
    ("line", "changed", "complaint"),
    [
        ("numpy>=2.0", "numpy>=1.26", "numpy is >=1.26 here and >=2.0 in pyproject.toml"),
        ("numpy>=2.0", "numpy", "numpy is free here and >=2.0 in pyproject.toml"),
        ("sympy>=1.13", "sumpy>=1.13", "sumpy is too many"),
        ("tqdm>=4.66.3", "pip", "tqdm is missing"),
        ("python=3.12", "python>=3.12", "python is >=3.12, not 3.12"),
        ({"pip": ["-e ."]}, {"pip": ["lessonconv"]}, "the package itself is not installed last, by pip, with -e ."),
    ],
)
def test_a_difference_from_pyproject_is_named(line: Any, changed: Any, complaint: str) -> None:
    lines = [changed if given == line else given for given in ENVIRONMENT["dependencies"]]
    assert lines != ENVIRONMENT["dependencies"]
    assert complaint in disagreements({"dependencies": lines})


@pytest.mark.parametrize("line", ["numpy>=>2.0", "numpy >=2.0,,", "num py=2=3=4", "numpy[version='>=2.0'"])
def test_a_spec_that_conda_cannot_read_is_refused(line: str) -> None:
    with pytest.raises(InvalidMatchSpecError):
        conda_specs({"dependencies": [line]})


def test_lock_pins_everything_with_hashes_and_names_no_server() -> None:
    assert faults(LOCK) == []


@pytest.mark.parametrize(
    ("pattern", "replacement", "complaint"),
    [
        (
            r"\A",
            "--index-url https://packages.example/simple\n",
            "address: --index-url https://packages.example/simple",
        ),
        (r"^tqdm==\S+", "tqdm @ https://packages.example/tqdm", "address: tqdm @ https://packages.example/tqdm \\"),
        (r"\A", "--find-links wheels\n", "address: --find-links wheels"),
        (r"^sympy==\S+", "sympy==1.2", "sympy>=1.13 is pinned to 1.2"),
        (r"^flit-core==\S+", "flat-core==3.12.0", "flit_core<4,>=3.12 is pinned to None"),
        (r"^(tqdm==\S+ \\)(\n    --hash=\S+( \\)?)+", r"\1", "no hash: tqdm"),
    ],
)
def test_a_fault_in_the_lock_is_named(pattern: str, replacement: str, complaint: str) -> None:
    changed = re.sub(pattern, replacement, LOCK, count=1, flags=re.M)
    assert changed != LOCK
    assert complaint in faults(changed)


def test_supported_pythons_are_the_same_everywhere() -> None:
    prefix = "Programming Language :: Python :: 3."
    classified = {(3, int(c.removeprefix(prefix))) for c in PROJECT["project"]["classifiers"] if c.startswith(prefix)}
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    in_ci = {tuple(map(int, v.split("."))) for v in workflow["jobs"]["test"]["strategy"]["matrix"]["python"]}
    assert set(make.SUPPORTED) == classified == in_ci
    assert {(3, minor) for minor in range(30) if f"3.{minor}" in SpecifierSet(make.ANY_SUPPORTED)} == classified
    assert PROJECT["project"]["requires-python"] == ">={}.{}".format(*min(make.SUPPORTED))


def test_what_grading_needs_is_tested_and_so_locked() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    assert set(extras["grade"]) < set(extras["test"])


def test_the_locked_build_backend_is_the_one_that_builds() -> None:
    assert PROJECT["dependency-groups"]["build"] == PROJECT["build-system"]["requires"]
