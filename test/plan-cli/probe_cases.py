#!/usr/bin/env python3
"""Runs moe-probe on a small problem and reads its hardware file with moe-plan.

usage: probe_cases.py MOE_PROBE MOE_PLAN
"""
import os
import subprocess
import sys
import tempfile

PROBE, PLAN = sys.argv[1:3]


def run(*words):
    return subprocess.run(words, capture_output=True, text=True)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    small = ("--hidden", "32", "--ffn-size", "32", "--experts", "2", "--max-tokens", "16")
    done = run(PROBE, "-o", "this.yaml", *small)
    assert done.returncode == 0, done.stderr
    text = open("this.yaml").read()
    assert "expert_latency" in text and "dram" in text, text
    assert "links left out" in done.stderr, done.stderr
    again = run(PLAN, "convert", "this.yaml", "--to", "hardware")
    assert again.returncode == 0 and again.stdout == text, again.stderr

    for words, status, message in (((), 2, "option -o is missing"),
                                   (("-o", "x", "--hiden", "3"), 2, "did you mean '--hidden'?"),
                                   (("-o", "/no/such/folder/x", *small), 1, "cannot write"),
                                   (("-o", "x", "--disk", "/no/such", *small), 0,
                                    "cannot write to /no/such")):
        done = run(PROBE, *words)
        assert done.returncode == status and message in done.stderr, (words, done.stderr)
