"""Runs commands in turn, and measures them with the operating system's figures."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Command:
    """A command to time.

    Attributes:
        words: the command line.
        env: additional variables.
        codes: the accepted exit codes.
    """

    words: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    codes: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Sample:
    """A finished run: wall-clock and processor seconds, and peak memory in kilobytes."""

    wall: float
    cpu: float
    peak: int


def run_once(command: Command, env: Mapping[str, str]) -> Sample:
    """Run a command to its end, without its output.

    Raises:
        RuntimeError: it ended with another exit code. The error has its standard error.
    """
    read_end, write_end = os.pipe()
    began = time.perf_counter()
    child = subprocess.Popen(
        command.words,
        env={**env, **command.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=write_end,
    )
    os.close(write_end)
    with os.fdopen(read_end, "rb") as errors:
        said = errors.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    code = child.returncode = os.waitstatus_to_exitcode(status)
    if code not in command.codes:
        raise RuntimeError(f"{' '.join(command.words)} ended with {code}:\n{said.decode(errors='replace')}")
    peak = usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    return Sample(wall, usage.ru_utime + usage.ru_stime, peak)


def in_turn(commands: Sequence[Command], env: Mapping[str, str], runs: int) -> list[list[Sample]]:
    """Run every command once to warm up, and then `runs` times in turn.

    In turn, so that changes in the speed of the machine affect all commands.
    """
    samples: list[list[Sample]] = [[] for _ in commands]
    for number in range(runs + 1):
        for command, mine in zip(commands, samples, strict=True):
            sample = run_once(command, env)
            if number:
                mine.append(sample)
    return samples


def wall(samples: Sequence[Sample]) -> float:
    """Return the median of the wall-clock seconds."""
    return statistics.median(sample.wall for sample in samples)


def cpu(samples: Sequence[Sample]) -> float:
    """Return the minimum of the processor seconds. Other work of the machine only adds to them."""
    return min(sample.cpu for sample in samples)


def peak(samples: Sequence[Sample]) -> float:
    """Return the median peak memory in megabytes."""
    return statistics.median(sample.peak for sample in samples) / 1024
