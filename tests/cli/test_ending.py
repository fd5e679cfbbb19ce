"""SIGTERM where Ctrl-C is ignored, as in a background job of a script: the work is cancelled, no write torn apart."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, os, signal, sys, time

from scraper.cli.ending import end_as_on_ctrl_c, run_until_ended

signal.signal(signal.SIGINT, signal.SIG_IGN)
asked = end_as_on_ctrl_c()


async def work():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        until = time.monotonic() + 0.2
        while time.monotonic() < until:  # a write, which takes its time
            pass
        print("the write is whole")
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("cancelled")
        if "again" in sys.argv:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(60)
        await asyncio.sleep(0.01)
        print("put in order")
        raise


try:
    run_until_ended(work())
except KeyboardInterrupt:
    print("ended", asked.is_set())
"""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], ["the write is whole", "cancelled", "put in order", "ended True"]),
        (["again"], ["the write is whole", "cancelled", "ended True"]),
    ],
)
def test_work_is_cancelled_and_a_second_time_not_waited_for(arguments: list[str], said: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, timeout=30, check=False
    )
    assert (ran.returncode, ran.stdout.splitlines()) == (0, said), ran.stderr


def test_a_signal_outside_of_the_work_is_an_interrupt() -> None:
    program = PROGRAM.replace("run_until_ended(work())", "os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)")
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert ran.stdout.splitlines() == ["ended True"]


def test_ctrl_c_stays_ignored() -> None:
    program = PROGRAM.replace("os.kill(os.getpid(), signal.SIGTERM)", "os.kill(os.getpid(), signal.SIGINT)", 1)
    with subprocess.Popen([sys.executable, "-u", "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "the write is whole\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read().splitlines() == ["cancelled", "put in order", "ended True"]
