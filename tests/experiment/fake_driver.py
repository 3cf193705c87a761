"""Stands in for lab-kernel: answers the same plan with made-up times, and misbehaves where a case asks for it.

A subject's argument `mood` decides: "steady" (the arm `fast` takes half the time), "crash" (dies inside the pair),
"hang" (says nothing more), "wrong" (answers differ), "unsupported", "dear" (claims to have spent ten seconds).
"""

import json
import os
import signal
import sys
import time


def say(answer: dict[str, object]) -> None:
    os.write(3, json.dumps(answer).encode() + b"\n")


def main() -> None:
    moods: dict[str, str] = {}
    for line in sys.stdin.read().splitlines():
        fields = line.split("\t")
        if fields[0] == "subject":
            moods[fields[1]] = dict(item.split("=", 1) for item in fields[4:]).get("mood", "steady")
        if fields[0] == "life":
            say({"life_ns": [1_000_000, 2_000_000, 3_000_000, 10_000_000]})
        if fields[0] not in ("pair", "alone", "ready"):
            continue
        name = fields[1]
        spent = [100_000, 0, 0, 0, 0] if fields[0] == "ready" else [0, 10_000, 20_000, 200_000, 200_000]
        if fields[0] == "ready":
            say({"begin": name})
            say({"id": name, "status": "ok", "spent_ns": spent})
            continue
        mood = moods[fields[2]]
        say({"begin": name})
        if mood == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if mood == "hang":
            time.sleep(600)
        if mood in ("wrong", "unsupported"):
            status = "failed" if mood == "wrong" else "unsupported"
            say({"id": name, "status": status, "reason": f"made to be {mood}"})
            continue
        if mood == "dear":
            spent = [0, 0, 0, 5_000_000_000, 5_000_000_000]
        if fields[0] == "alone":
            ns = 50_000 if fields[2].endswith("#fast") else 100_000
            samples = int(fields[5])
            answer = {"ns": [ns] * samples, "flags": "0" * samples}
        else:
            pairs = 2 * int(fields[7])
            ns = 50_000 if fields[3].endswith("#fast") else 100_000
            answer = {"baseline_ns": [100_000] * pairs, "treatment_ns": [ns] * pairs, "flags": "01" * (pairs // 2)}
        told = {"id": name, "status": "ok", "iterations": 10, "items": 100, "spent_ns": spent}
        say({**told, **answer})


main()
