"""The project's own files agree with each other: lock, commands, image, documents."""

import os
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]

# Never looked at: version control, environments, caches, and what .gitignore keeps out.
PASSED_OVER = {".git", "data", "build", "dist", "node_modules", "__pycache__", "work"}


def requirements() -> list[Requirement]:
    lines = list(PROJECT["dependencies"])
    for extra in PROJECT["optional-dependencies"].values():
        lines += extra
    return [Requirement(line) for line in lines if not line.startswith(PROJECT["name"] + "[")]


def pins() -> dict[str, str]:
    """Canonical name -> version of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith("#"):
            name, separator, version = line.partition("==")
            assert separator, line
            assert re.fullmatch(r"[0-9][0-9A-Za-z.]*", version), line
            assert canonicalize_name(name) not in found, f"{name} is pinned twice"
            found[canonicalize_name(name)] = version
    return found


def text_files() -> list[Path]:
    """Every text file of the project: no environment, cache, ignored folder or binary."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [
            name
            for name in folders
            if name not in PASSED_OVER
            and not name.endswith((".egg-info", "_cache"))
            and not (Path(folder) / name / "pyvenv.cfg").exists()
            and name != ".hypothesis"
        ]
        found += [Path(folder) / name for name in files]
    return sorted(path for path in found if path.is_file() and b"\0" not in path.read_bytes())


def test_every_dependency_is_pinned_inside_its_bounds() -> None:
    pinned = pins()
    for requirement in requirements():
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in constraints.txt"
        assert requirement.specifier.contains(version), f"{requirement} excludes {version}"


def test_every_dependency_has_a_lower_bound() -> None:
    bounds = {
        str(requirement): [part.operator for part in requirement.specifier]
        for requirement in requirements()
    }
    assert all(">=" in operators for operators in bounds.values()), bounds


def test_the_build_backend_is_pinned_too() -> None:
    system = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    for line in system["requires"]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?<![\w.~*$})-])/(?:work|tmp|root|home|Users|mnt)/\w",
        r"/opt/(?:pypi|wheels)",
        r"pypi\.(?:org|python)|pythonhosted\.|download\.pytorch\.|deb\.debian\.|registry\.npmjs\.",
        r"anaconda\.org|proxy\.golang\.|index\.crates\.",
    ],
)
def test_no_file_names_a_machine_path_or_a_package_host(pattern: str) -> None:
    expression = re.compile(pattern)
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in text_files()
        if path != Path(__file__).resolve()
        for match in expression.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", MAKEFILE, flags=re.MULTILINE))


def test_the_two_commands_are_in_readme_and_makefile() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {"make serve", "make test"} <= set(re.findall(r"make [a-z]+", readme))
    assert {"install", "serve", "test"} <= make_targets()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_command_of_a_page_exists(page: Path) -> None:
    code = re.findall(r"`([^`\n]+)`|^((?:make|\$ make)[^\n]*)$", page.read_text("utf-8"), re.M)
    named = {
        match.group(1)
        for pair in code
        for match in [re.match(r"make ([a-z]+)", "".join(pair))]
        if match
    }
    assert named <= make_targets()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_make_lists_every_command() -> None:
    listed = set(re.findall(r'@echo "make ([a-z]+) ', MAKEFILE))
    assert {"serve", "test", "install", "encoder"} <= listed <= make_targets()


def test_the_changelog_names_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(PROJECT['version'])}\b", changelog, flags=re.MULTILINE)


def test_the_licence_is_the_one_declared() -> None:
    assert PROJECT["license"] == "Apache-2.0"
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_image_copies_files_that_exist_and_runs_a_command_that_exists() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE)
    sources = [name for line in copied for name in line.split()[:-1]]
    assert sources
    assert [name for name in sources if not (ROOT / name).exists()] == []
    commands = re.findall(r'^CMD \["([^"]+)"', DOCKERFILE, flags=re.MULTILINE)
    assert [command for command in commands if command not in PROJECT["scripts"]] == []


def test_the_image_lets_through_every_package_and_file_that_it_needs() -> None:
    allowed = {
        line[1:].split("/")[0]
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    whole = {
        line.split("*")[0]
        for line in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
            "setuptools"
        ]["packages"]["find"]["include"]
    }
    assert whole | {"pyproject.toml", "constraints.txt", "README.md", "LICENSE"} == allowed


def test_image_and_compose_check_health_in_the_same_way() -> None:
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    probe = re.search(r'^  CMD \["python", "-c", "(.+)"\]$', DOCKERFILE, flags=re.MULTILINE)
    assert probe is not None
    assert probe.group(1) in compose
