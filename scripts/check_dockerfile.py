#!/usr/bin/env python3
"""Executes the Dockerfile's own lines where Docker cannot run, and says what was proved.

    sudo python3 scripts/check_dockerfile.py ROOT [--bind PATH]... [--build-arg NAME=VALUE]...

ROOT is a Debian root folder with Python 3.11+ and its venv (``debootstrap --variant=minbase
--include=python3,python3-venv,ca-certificates bookworm ROOT``); it stands in for the base image
and is not changed. Every stage runs in a copy of it. ``--bind`` shows a path of this machine,
read-only, to the RUN lines: a pip configuration, say.

The image is then started as ``docker run --read-only --tmpfs /tmp -v fresh:/data`` would do it:
CMD as the image's user, without capabilities, on a read-only root, with an empty network of its
own. HEALTHCHECK must turn healthy, a search and a question must be answered, SIGTERM must end it
in order, and a second start must open the same index instead of building one.

Needs Linux, root, and unshare, chroot and setpriv (util-linux). Not shown: the base image itself,
layers, and the network of the container.
"""

import argparse
import fcntl
import json
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path

CONTEXT = Path(__file__).resolve().parent.parent
ADDRESS = "http://127.0.0.1:8000"
PATIENCE = 120  # seconds until a start counts as failed
PLAIN_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass
class Stage:
    """One FROM with what its instructions set."""

    root: Path
    env: dict[str, str] = field(default_factory=lambda: {"PATH": PLAIN_PATH})
    arguments: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "root"
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)


def instructions(text: str) -> list[tuple[str, str]]:
    """(INSTRUCTION, rest) of a Dockerfile, continued lines joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", "", "\n".join(lines))
    pairs = [line.strip().partition(" ") for line in joined.splitlines() if line.strip()]
    return [(name.upper(), rest.strip()) for name, _, rest in pairs]


def ignored(path: str, patterns: list[str]) -> bool:
    """What .dockerignore says of a path: the last pattern that matches it or a parent decides."""
    verdict = False
    for pattern in patterns:
        glob = re.escape(pattern.lstrip("!").strip("/"))
        glob = glob.replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if re.fullmatch(f"{glob}(?:/.*)?", path):
            verdict = not pattern.startswith("!")
    return verdict


def context_files() -> list[str]:
    lines = (CONTEXT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    every = (path.relative_to(CONTEXT).as_posix() for path in CONTEXT.rglob("*") if path.is_file())
    return sorted(path for path in every if not ignored(path, patterns))


def copy_in(stage: Stage, rest: str, stages: dict[str, Stage]) -> None:
    """COPY: a file or a folder's content, from the context or from another stage."""
    words = rest.split()
    target = stage.root / Path(stage.workdir, words[-1]).relative_to("/")
    if words[0].startswith("--from="):
        other = stages[words[0].partition("=")[2]]
        shutil.copytree(other.root / words[1].lstrip("/"), target, symlinks=True)
        return
    files = context_files()
    for source in words[:-1]:
        prefix = "" if source == "." else source.rstrip("/") + "/"
        chosen = [file for file in files if file == source or file.startswith(prefix)]
        if not chosen:
            sys.exit(f"COPY {source}: .dockerignore lets nothing of it through")
        for file in chosen:
            place = target / (Path(file).name if file == source else file.removeprefix(prefix))
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CONTEXT / file, place)


def run_line(stage: Stage, line: str, binds: list[Path]) -> None:
    """RUN, in a mount namespace of its own, as the stage's user."""
    mounts = ["mount --make-rprivate /", f"mount -t proc proc {stage.root}/proc"]
    mounts.append(f"mount --rbind /dev {stage.root}/dev")
    for path in binds:
        place = shlex.quote(f"{stage.root}{path}")
        make = (
            f"mkdir -p {place}" if path.is_dir() else f"mkdir -p $(dirname {place}); touch {place}"
        )
        mounts += [make, f"mount --bind -o ro {shlex.quote(str(path))} {place}"]
    inner = f"cd {shlex.quote(stage.workdir)} && {line}"
    chroot = ["chroot", str(stage.root), "/usr/bin/env", "-i"]
    chroot += [f"{name}={value}" for name, value in (stage.arguments | stage.env).items()]
    script = " && ".join([*mounts, f"exec {shlex.join([*chroot, '/bin/sh', '-c', inner])}"])
    subprocess.run(["unshare", "--mount", "--pid", "--fork", "sh", "-c", script], check=True)


def substitute(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{?(\w+)\}?", lambda match: values.get(match.group(1), ""), text)


def build(base: Path, work: Path, binds: list[Path], given: dict[str, str]) -> Stage:
    """Executes the Dockerfile; returns its last stage."""
    stages: dict[str, Stage] = {}
    stage = Stage(base)
    for name, rest in instructions((CONTEXT / "Dockerfile").read_text(encoding="utf-8")):
        begun = time.monotonic()
        if name == "FROM":
            label = rest.split()[-1] if " AS " in rest.upper() else str(len(stages))
            stage = stages[label] = Stage(work / label)
            subprocess.run(["cp", "-a", "--reflink=auto", str(base), str(stage.root)], check=True)
            shutil.copy2("/etc/resolv.conf", stage.root / "etc/resolv.conf")
            python = stage.root / "usr/local/bin/python"  # where the base image has it
            python.symlink_to("/usr/bin/python3")
        elif name == "ARG":
            key, _, default = rest.partition("=")
            stage.arguments[key] = given.get(key, default.strip('"'))
        elif name == "ENV":
            for word in shlex.split(rest):
                key, _, value = word.partition("=")
                stage.env[key] = substitute(value, stage.env)
        elif name == "WORKDIR":
            stage.workdir = rest
            (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif name == "COPY":
            copy_in(stage, rest, stages)
        elif name == "RUN":
            run_line(stage, rest, binds)
        elif name == "USER":
            stage.user = rest
        elif name == "VOLUME":
            stage.volumes.append(rest)
        elif name == "CMD":
            stage.command = json.loads(rest)
        elif name == "HEALTHCHECK":
            stage.health = json.loads(rest[rest.index("[") :])
        elif name != "EXPOSE":
            sys.exit(f"{name}: this script does not know the instruction")
        print(f"{name:<12}{time.monotonic() - begun:7.1f} s   {rest[:70]}", flush=True)
    return stage


def confined(stage: Stage, command: list[str]) -> list[str]:
    """The command as the image's user, inside its root, with no capability left."""
    env = [f"{key}={value}" for key, value in stage.env.items()]
    drop = ["setpriv", f"--reuid={stage.user}", f"--regid={stage.user}", "--clear-groups"]
    drop += ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    change = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', stage.workdir]
    return ["chroot", str(stage.root), *drop, "/usr/bin/env", "-i", *env, *change, *command]


def confine(stage: Stage, volumes: Path) -> None:
    """Inside fresh namespaces: loopback only, read-only root, writable volumes and /tmp."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        up = struct.pack("16sh", b"lo", 0x1 | 0x40)  # SIOCSIFFLAGS: IFF_UP, IFF_RUNNING
        fcntl.ioctl(handle, 0x8914, up)
    root = str(stage.root)
    steps = [["mount", "--make-rprivate", "/"], ["mount", "--bind", root, root]]
    for volume in stage.volumes:  # a fresh volume starts as a copy of the image's folder
        kept = volumes / volume.lstrip("/")
        if not kept.exists():
            steps += [["mkdir", "-p", str(kept.parent)], ["cp", "-a", root + volume, str(kept)]]
        steps += [["mount", "--bind", str(kept), root + volume]]
    steps += [["mount", "-t", "tmpfs", "tmpfs", f"{root}/tmp"]]
    steps += [["mount", "-t", "proc", "proc", f"{root}/proc"]]
    steps += [["mount", "--rbind", "/dev", f"{root}/dev"]]
    steps += [["mount", "-o", "remount,ro,bind", root]]
    for step in steps:
        subprocess.run(step, check=True)


def call(path: str, body: dict[str, object] | None = None) -> dict[str, object]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(ADDRESS + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        answer: dict[str, object] = json.load(response)
    return answer


def start(stage: Stage) -> str:
    """One life of the container, from CMD to SIGTERM; returns the generation that answered."""
    begun = time.monotonic()
    process = subprocess.Popen(confined(stage, stage.command))
    try:
        while subprocess.run(confined(stage, stage.health), capture_output=True).returncode:
            if process.poll() is not None or time.monotonic() - begun > PATIENCE:
                sys.exit("HEALTHCHECK did not turn healthy")
            time.sleep(0.2)
        print(f"healthy after {time.monotonic() - begun:.1f} s")
        found = call("/api/search", {"query": "Who may own the Moon?", "k": 3})
        answer = call("/api/ask", {"question": "Who may own the Moon?"})
        if not found["hits"] or not (answer["citations"] or answer["abstained"]):
            sys.exit("the API does not answer")
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        print(re.sub(r"\s+", " ", " ".join(re.findall(r"^(?:Uid|CapEff|VmRSS):.*$", status, re.M))))
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=30)
    if code not in (0, -signal.SIGTERM):
        sys.exit(f"SIGTERM: the process left with status {code}")
    print(f"SIGTERM: left with status {code}")
    return str(found["generation"])


def prove(stage: Stage, volumes: Path) -> None:
    confine(stage, volumes)
    for place in ("/", "/opt", stage.env["PATH"].split(":")[0]):
        attempt = ["sh", "-c", f"touch {place}/written"]
        if not subprocess.run(confined(stage, attempt), capture_output=True).returncode:
            sys.exit(f"{place} can be written to")
    first, second = start(stage), start(stage)
    if first != second:
        sys.exit("the second start built another index")
    print(f"second start opened the same generation {second}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("root", type=Path, help="a Debian root folder")
    parser.add_argument("--bind", type=Path, action="append", default=[], metavar="PATH")
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--prove", help=argparse.SUPPRESS)  # the stage, inside the namespaces
    asked = parser.parse_args()
    if asked.prove:
        stage = Stage(**json.loads(asked.prove))
        stage.root = Path(stage.root)
        prove(stage, asked.root)
        return
    given = dict(pair.split("=", 1) for pair in asked.build_arg)
    work = Path(tempfile.mkdtemp(prefix="check-dockerfile-"))
    try:
        stage = build(asked.root.resolve(), work, asked.bind, given)
        inside = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc"]
        inside += [sys.executable, __file__, str(work / "volumes")]
        inside += ["--prove", json.dumps(asdict(stage), default=str)]
        sys.exit(subprocess.run(inside).returncode)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
