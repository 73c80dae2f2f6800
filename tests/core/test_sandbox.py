"""The decoding process: what it cannot do, what it survives, what it costs (U4, U14)."""

from __future__ import annotations

import functools
import io
import os
import platform
import re
import resource
import signal
import subprocess
import sys
import textwrap
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from privacy.core.decoder import Child
from privacy.core.errors import LimitExceeded, RefusedInput, SandboxFailed
from privacy.core.formats import MIB, Limits
from privacy.core.sandbox import Sandbox
from privacy.core.sanitise import sandbox, sanitise
from tests.core.fixtures.files import (
    bare_png,
    chunk,
    riff_chunk,
    save,
    scene,
    segment,
    with_chunks,
    with_segments,
)

linux = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="the seccomp filter is for Linux on x86-64 and aarch64",
)


@pytest.fixture
def pool() -> Iterator[Sandbox]:
    made = Sandbox(children=1)
    yield made
    made.close()


def status(pid: int, key: str) -> str:
    text = Path(f"/proc/{pid}/status").read_text()
    return str(re.findall(rf"^{key}:\s*(.*)$", text, re.MULTILINE)[0])


def open_files(pid: int) -> list[str]:
    return [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]


def peak_mib(pid: int) -> float:
    return int(status(pid, "VmHWM").split()[0]) / 1024


# --- U14: what a taken-over decoder could do

HOSTILE = """
import errno, mmap, os, resource, socket, threading
from privacy.core.confine import confine
held = confine()
assert "seccomp" in held, held


def refused(what, act):
    try:
        act()
    except OSError as error:
        word = errno.errorcode[error.errno]
    except ValueError:
        word = "EPERM"  # so setrlimit words it
    else:
        word = "DONE"
    os.write(1, f"{what} {word}\\n".encode())

refused("socket", lambda: socket.socket())
refused("socketpair", lambda: socket.socketpair())
refused("open", lambda: os.open("/etc/passwd", os.O_RDONLY))
refused("create", lambda: os.open("/tmp/nopeek-evil", os.O_CREAT | os.O_WRONLY))
refused("stat", lambda: os.stat("/etc/passwd"))
refused("listdir", lambda: os.listdir("/"))
refused("fork", os.fork)
refused("exec", lambda: os.execv("/bin/true", ["true"]))
refused("kill", lambda: os.kill(os.getppid(), 0))
refused("limit", lambda: resource.setrlimit(resource.RLIMIT_CPU, (9, 9)))
refused("executable", lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_EXEC | mmap.PROT_READ))
refused("memfd", lambda: os.memfd_create("x"))
refused("chdir", lambda: os.chdir("/tmp"))
refused("priority", lambda: os.getpriority(os.PRIO_PROCESS, 0))
refused("thread", lambda: threading.Thread(target=int).start())
"""


@linux
def test_u14_a_confined_process_can_do_nothing_but_compute() -> None:
    """U14: sockets, files, processes, signals, limits: EPERM; threads still start."""
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            textwrap.dedent(HOSTILE),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    told = dict(line.split() for line in run.stdout.splitlines())
    assert told.pop("thread") == "DONE", run.stderr
    assert len(told) == 14, run.stderr
    assert set(told.values()) == {"EPERM"}, told
    assert not Path("/tmp/nopeek-evil").exists()


@linux
def test_u14_a_fork_bomb_stays_one_process() -> None:
    code = (
        "import os\nfrom privacy.core.confine import confine\nconfine()\nmade = 0\n"
        "for _ in range(1000):\n"
        "    try:\n        made += 1 if os.fork() else 0\n    except PermissionError:\n        pass\n"
        "os.write(1, str(made).encode())\n"
    )
    root = Path(__file__).resolve().parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        timeout=60,
        check=False,
        cwd=root,
    )
    assert run.stdout == b"0", run.stderr


@linux
def test_u14_the_working_child_is_confined(
    pool: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """U14: the process that decodes has the filter, the limits, no secret, no way out."""
    monkeypatch.setenv("SECRET_KEY", "canary-of-the-environment")
    with pool.child() as child:
        pid = child.process.pid
        assert {"seccomp", "limits"} <= set(child.held)
        assert status(pid, "Seccomp") == "2"
        assert status(pid, "NoNewPrivs") == "1"
        if "network" in child.held:
            there, here = (Path(f"/proc/{who}/ns/net") for who in (pid, "self"))
            assert there.readlink() != here.readlink()
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"canary-of-the-environment" not in environment
        assert b"SECRET_KEY" not in environment
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"Max file size\s+0\s+0", limits)
        assert re.search(r"Max core file size\s+0\s+0", limits)
        assert re.search(r"Max open files\s+16\s+16", limits)
        assert not any(link.startswith("socket:") for link in open_files(pid))


@linux
def test_no_secret_of_this_process_is_inherited(pool: Sandbox, tmp_path: Path) -> None:
    """An open file of the parent does not exist in the child."""
    secret = tmp_path / "secret"
    secret.write_text("x")
    with secret.open() as file:
        os.set_inheritable(file.fileno(), True)
        with pool.child() as child:
            links = open_files(child.process.pid)
    assert len(links) >= 5
    assert str(secret) not in links


# --- U4: bombs


def bomb_gif(frames: int) -> bytes:
    frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    return b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff" + frame * frames + b"\x3b"


def bomb_apng(frames: int) -> bytes:
    parts = b"".join(chunk(b"fcTL", bytes(26)) for _ in range(frames))
    return with_chunks(save(scene(), "png"), parts)


def bomb_webp() -> bytes:
    canvas = riff_chunk(b"VP8X", bytes(4) + b"\xff\xff\x3f" + b"\xff\xff\x3f")
    return b"RIFF" + (4 + len(canvas)).to_bytes(4, "little") + b"WEBP" + canvas


def bomb_jpeg_header() -> bytes:
    data = bytearray(save(scene(), "jpeg"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    return bytes(data)


def bomb_jpeg_scans(scans: int) -> bytes:
    data = save(scene(2000, 2000), "jpeg", progressive=True)
    at = data.rindex(b"\xff\xda")
    return data[:at] + data[at:-2] * scans + data[-2:]


@functools.cache
def zeros(size: int) -> bytes:
    packer = zlib.compressobj(9)
    return (
        b"".join(packer.compress(bytes(MIB)) for _ in range(size // MIB))
        + packer.flush()
    )


def one_bit_flood() -> bytes:
    rows = b"\0" + bytes(30_000 // 8)
    return bare_png(30_000, 30_000, rows * 30_000, depth=1, colour=0)


BOMBS: dict[str, Callable[[], bytes]] = {
    "jpeg of 64k x 64k": bomb_jpeg_header,
    "png of 64k x 64k": lambda: bare_png(65_535, 65_535, b""),
    "1-bit png of 30k x 30k": one_bit_flood,
    "webp canvas of 4M x 4M": bomb_webp,
    "gif of 100,000 frames": lambda: bomb_gif(100_000),
    "apng of 100,000 frames": lambda: bomb_apng(100_000),
    "apng that only says so": lambda: with_chunks(
        save(scene(), "png"), chunk(b"acTL", b"\x7f\xff\xff\xff" + bytes(4))
    ),
    "jpeg of 5,000 scans": lambda: bomb_jpeg_scans(5_000),
}


@linux
@pytest.mark.parametrize("kind", BOMBS)
def test_u4_bombs_are_refused_before_they_are_decoded(kind: str, pool: Sandbox) -> None:
    """U4: too_large, under 400 MiB and five seconds, and the child lives on."""
    data = BOMBS[kind]()
    with pool.child() as child:
        start = time.monotonic()
        with pytest.raises(LimitExceeded):
            child.decode(data, Limits())
        assert time.monotonic() - start < 5
        assert peak_mib(child.process.pid) < 400
        assert child.alive


@linux
@pytest.mark.parametrize("name", [b"zTXt", b"iTXt", b"iCCP"])
def test_u4_packed_bombs_in_chunks_cost_little(name: bytes, pool: Sandbox) -> None:
    """U4: 1 GiB of zeros in a text or a profile: refused, never unpacked."""
    body = {
        b"zTXt": b"Comment\0\0",
        b"iTXt": b"Comment\0\x01\0\0\0",
        b"iCCP": b"icc\0\0",
    }[name] + zeros(1024 * MIB)
    assert len(body) < 2 * MIB
    data = with_chunks(save(scene(), "png"), *[chunk(name, body)] * 3)
    with pool.child() as child:
        start = time.monotonic()
        with pytest.raises(RefusedInput, match="damaged"):
            child.decode(data, Limits())
        assert time.monotonic() - start < 5
        assert peak_mib(child.process.pid) < 400


@linux
def test_u4_memory_is_a_limit_and_the_next_picture_is_served(pool: Sandbox) -> None:
    data = save(scene(3000, 3000), "jpeg")
    with pytest.raises(LimitExceeded, match="memory"):
        sanitise(data, Limits(memory=16 * MIB), within=pool)
    assert sanitise(data, within=pool).width == 3000


@linux
@pytest.mark.long
def test_the_largest_picture_fits_into_the_default_memory(pool: Sandbox) -> None:
    """64 megapixels, progressive, turned, 4:4:4: what costs most among honest files."""
    tile = scene(500, 400)
    whole = Image.fromarray(np.tile(tile, (20, 16, 1)))
    exif = Image.Exif()
    exif[0x0112] = 6
    data = save(whole, "jpeg", progressive=True, subsampling=0, exif=exif)
    assert sanitise(data, within=pool).pixels.shape == (8000, 8000, 3)


# --- what a child survives, and how it is replaced


def test_one_warm_child_serves_many_pictures(pool: Sandbox) -> None:
    with pool.child() as child:
        pid = child.process.pid
    for i in range(12):
        assert np.array_equal(
            sanitise(save(scene(seed=i), "png"), within=pool).pixels, scene(seed=i)
        )
    with pool.child() as child:
        assert child.process.pid == pid
        assert child.served == 12


def test_a_child_is_recycled_after_so_many_pictures() -> None:
    pool, pids = Sandbox(children=1, recycle=2), set()
    for _ in range(4):
        with pool.child() as child:
            pids.add(child.process.pid)
        sanitise(save(scene(), "png"), within=pool)
    pool.close()
    assert len(pids) == 2


@pytest.mark.parametrize(
    ("sign", "code"),
    [
        (signal.SIGSEGV, "damaged"),
        (signal.SIGABRT, "damaged"),
        (signal.SIGKILL, "too_large"),
        (signal.SIGXCPU, "timeout"),
    ],
)
def test_a_crash_refuses_its_picture_and_no_other(
    pool: Sandbox, sign: signal.Signals, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K5's core: the decoder dies in the middle of a picture."""
    with pool.child() as child:
        pid = child.process.pid
        os.kill(pid, signal.SIGSTOP)
        send = child._send

        def send_and_die(message: dict[str, Any]) -> None:
            send(message)
            os.kill(pid, sign)
            os.kill(pid, signal.SIGCONT)

        monkeypatch.setattr(child, "_send", send_and_die)
        with pytest.raises(RefusedInput) as why:
            child.decode(save(scene(), "png"), Limits())
    assert why.value.code == code
    assert sanitise(save(scene(), "png"), within=pool).width == 96


def test_a_child_that_stalls_is_ended_in_time(pool: Sandbox) -> None:
    with pool.child() as child:
        os.kill(child.process.pid, signal.SIGSTOP)
        start = time.monotonic()
        with pytest.raises(RefusedInput, match=r"longer than 0\.5 seconds") as why:
            child.decode(save(scene(), "png"), Limits(seconds=0.5))
        assert time.monotonic() - start < 3
        assert not child.alive
    assert why.value.code == "timeout"
    assert sanitise(save(scene(), "png"), within=pool).width == 96


def test_a_child_that_died_while_idle_costs_nobody_a_picture(pool: Sandbox) -> None:
    with pool.child() as child:
        pid = child.process.pid
    os.kill(pid, signal.SIGKILL)
    child.process.wait()
    assert sanitise(save(scene(), "png"), within=pool).width == 96


@linux
def test_processor_time_is_renewed_for_every_picture(pool: Sandbox) -> None:
    """A child that has worked longer than one picture may is not ended for it."""
    data = save(scene(2500, 2500), "png")
    with pool.child() as child:
        for _ in range(3):
            child.decode(data, Limits())
            soft, hard = resource.prlimit(child.process.pid, resource.RLIMIT_CPU)
            assert soft <= child.cpu + Limits().seconds + 2
            assert hard == resource.RLIM_INFINITY


@linux
def test_no_picture_stays_in_shared_memory(pool: Sandbox) -> None:
    with pool.child() as child:
        child.decode(save(scene(), "png"), Limits())
        assert os.fstat(child.source).st_size == 0
        assert os.fstat(child.target).st_size == 0


def test_threads_share_the_pool_and_get_their_own_pictures() -> None:
    pool = Sandbox(children=2)
    wrong: list[int] = []

    def work(seed: int) -> None:
        for _ in range(5):
            clean = sanitise(save(scene(seed=seed), "png"), within=pool)
            if not np.array_equal(clean.pixels, scene(seed=seed)):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close()
    assert wrong == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_after_a_fork_the_pool_begins_anew() -> None:
    """A forked worker neither talks to its parent's child nor ends it."""
    code = textwrap.dedent(
        """
        import os, sys
        from privacy.core.sanitise import sandbox, sanitise
        from tests.core.fixtures.files import save, scene
        data = save(scene(), "png")
        sanitise(data)
        with sandbox().child() as child:
            mine = child.process.pid
        pid = os.fork()
        if not pid:
            sanitise(data)
            with sandbox().child() as child:
                other = child.process.pid
                ok = other != mine
            sandbox().close()
            os._exit(0 if ok else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        with sandbox().child() as child:
            assert child.process.pid == mine and child.alive
        sanitise(data)
        """
    )
    root = Path(__file__).resolve().parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        timeout=120,
        check=False,
        cwd=root,
    )
    assert run.returncode == 0, run.stderr.decode()


def test_a_sandbox_that_cannot_start_is_not_the_pictures_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SandboxFailed):
        Child()


def test_a_reply_that_lies_is_refused(
    pool: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a taken-over child says is held against what it may say."""
    honest = Child._reply
    lies = (
        {"width": 10**6, "height": 10**6},
        {"width": -1},
        {"format": "exe"},
        {"grid": [0, 0, 0]},
        {"orientation": 9},
        {"removed": [["gps"]]},
        {"frames": "many"},
    )
    for lie in lies:
        monkeypatch.setattr(Child, "_reply", lambda s, d, lie=lie: honest(s, d) | lie)
        with pytest.raises(RefusedInput, match="nonsense"):
            sanitise(save(scene(), "png"), within=pool)


@pytest.mark.long
def test_speed_of_twelve_megapixels() -> None:
    """A 12-megapixel JPEG takes at most three times a bare decode into an array."""
    data = save(scene(4000, 3000), "jpeg", quality=90)
    sandbox()
    sanitise(data)

    def best(act: Callable[[], object]) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            act()
            times.append(time.perf_counter() - start)
        return min(times)

    bare = best(lambda: np.array(Image.open(io.BytesIO(data))))
    ours = best(lambda: sanitise(data))
    print(f"bare {bare * 1000:.0f} ms, sanitised {ours * 1000:.0f} ms")  # noqa: T201
    assert ours < 3 * bare, (ours, bare)


def test_segments_of_sixty_four_kilobytes_are_no_trouble() -> None:
    data = with_segments(save(scene(), "jpeg"), *[segment(0xE9, bytes(65_000))] * 100)
    assert len(sanitise(data).removed) == 1
