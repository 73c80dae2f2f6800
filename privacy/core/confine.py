"""Taking rights away from the current process: limits, network, system calls.

On Linux (x86-64 and aarch64) a seccomp filter leaves what decoding needs: memory,
threads, and reading and writing what is already open. Opening files, sockets, new
processes, new executable memory and raising limits fail with EPERM. Elsewhere only
the resource limits hold, and the parent warns.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import sys

_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_FILTER_FLAG_TSYNC = 1
_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_CLONE_THREAD = 0x00010000
_PROT_EXEC = 4
_F_DUPFD_CLOEXEC = 1030

# struct sock_filter, <linux/filter.h> and <linux/seccomp.h>
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_KILL, _ALLOW, _ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
_AT_NR, _AT_ARCH, _AT_ARGS = 0, 4, 16

# The system calls that stay, with their numbers on x86-64 and aarch64.
_ALLOWED = """
read 0 63, write 1 64, close 3 57, fstat 5 80, lseek 8 62, pread64 17 67,
munmap 11 215, brk 12 214, mremap 25 216, madvise 28 233,
rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, sigaltstack 131 132,
sched_yield 24 124, sched_getaffinity 204 123, futex 202 98, set_robust_list 273 99,
rseq 334 293, restart_syscall 219 128, getpid 39 172, gettid 186 178,
exit 60 93, exit_group 231 94, clock_gettime 228 113, clock_nanosleep 230 115,
nanosleep 35 101, gettimeofday 96 169, getrandom 318 278, getrusage 98 165
"""
_SPECIAL = """
seccomp 317 277, clone 56 220, clone3 435 435, mmap 9 222, mprotect 10 226, fcntl 72 25
"""
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def _numbers(table: str, column: int) -> dict[str, int]:
    rows = (row.split() for row in table.replace("\n", " ").split(","))
    return {row[0]: int(row[1 + column]) for row in rows}


class _Filter(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("jt", ctypes.c_uint8),
        ("jf", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("filter", ctypes.POINTER(_Filter)))


def confine(*, open_files: int = 16) -> tuple[str, ...]:
    """Give up rights for good. Everything needed later must be loaded and open.

    Returns:
        What holds now, of ``network``, ``limits``, ``seccomp``.
    """
    held = ["network"] if _leave_network() else []
    _limit(open_files)
    held.append("limits")
    if _filter_calls():
        held.append("seccomp")
    return tuple(held)


def _limit(open_files: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))


def _leave_network() -> bool:
    """Move to a network of its own without devices, where the system permits it."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) == 0)


def _filter_calls() -> bool:
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None or sys.byteorder != "little":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    column, arch = machine
    special = _numbers(_SPECIAL, column)
    lines = _program(arch, tuple(_numbers(_ALLOWED, column).values()), special)
    block = (_Filter * len(lines))(*lines)
    done = libc.syscall(
        ctypes.c_long(special["seccomp"]),
        ctypes.c_long(_SECCOMP_SET_MODE_FILTER),
        ctypes.c_long(_SECCOMP_FILTER_FLAG_TSYNC),
        ctypes.byref(_Program(len(lines), block)),
    )
    return bool(done == 0)


def _program(
    arch: int, allowed: tuple[int, ...], special: dict[str, int]
) -> list[_Filter]:
    """The filter; a jump counts the instructions to skip when true, when false."""
    deny = _Filter(_RETURN, 0, 0, _ERRNO | errno.EPERM)
    allow = _Filter(_RETURN, 0, 0, _ALLOW)
    lines = [
        _Filter(_LOAD, 0, 0, _AT_ARCH),
        _Filter(_EQUAL, 1, 0, arch),
        _Filter(_RETURN, 0, 0, _KILL),
        _Filter(_LOAD, 0, 0, _AT_NR),
    ]
    for number in allowed:
        lines += [_Filter(_EQUAL, 0, 1, number), allow]
    # glibc falls back from clone3, whose flags a filter cannot see, to clone.
    lines += [
        _Filter(_EQUAL, 0, 1, special["clone3"]),
        _Filter(_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
    ]
    for name in ("mmap", "mprotect"):
        lines += [
            _Filter(_EQUAL, 0, 4, special[name]),
            _Filter(_LOAD, 0, 0, _AT_ARGS + 8 * 2),
            _Filter(_ANY_BIT, 0, 1, _PROT_EXEC),
            deny,
            allow,
        ]
    return [
        *lines,
        # Python's mmap duplicates the descriptor that it maps.
        _Filter(_EQUAL, 0, 4, special["fcntl"]),
        _Filter(_LOAD, 0, 0, _AT_ARGS + 8),
        _Filter(_EQUAL, 0, 1, _F_DUPFD_CLOEXEC),
        allow,
        deny,
        _Filter(_EQUAL, 0, 3, special["clone"]),
        _Filter(_LOAD, 0, 0, _AT_ARGS),
        _Filter(_ANY_BIT, 0, 1, _CLONE_THREAD),
        allow,
        deny,
    ]


def address_space() -> int:
    """Bytes of address space that this process has mapped, 0 where unknown."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
