#!/usr/bin/env python3
"""Runs the node tests of ONNX itself, which the Python package onnx==1.22.0 carries as files, through moe-compile and moe-run.

usage: run_node_tests.py [--bin BUILD/bin] [--filter REGEX] [--jobs N] [--verbose]

A test is claimed if every operator of its model stands in claimed.txt, its inputs and outputs are tensors of types that moec has,
and its name does not stand in skipped.txt ("NAME REASON"). Claimed tests must pass.
The others are only compiled: they must be compiled or refused, never end in a signal. Exit status 0 if nothing failed.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import onnx

HERE = pathlib.Path(__file__).resolve().parent
DATA = pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data" / "node"
TIME_LIMIT = 60  # seconds for one tool; a test takes a fraction of one
TYPES = {"FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16", "BOOL", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"}


def read_list(name):
    """Lines of the form "NAME [REASON]", without comments, as a dictionary."""
    lines = (line.split("#")[0].strip() for line in (HERE / name).read_text().splitlines())
    return {line.split(None, 1)[0]: line for line in lines if line}


@dataclasses.dataclass
class Test:
    folder: pathlib.Path
    operators: set
    types: set

    @property
    def name(self):
        return self.folder.name

    @property
    def rtol(self):
        return 2e-2 if self.types & {"FLOAT16", "BFLOAT16"} else 1e-3


def type_name(type_proto):
    if type_proto.WhichOneof("value") != "tensor_type":
        return type_proto.WhichOneof("value")
    return onnx.TensorProto.DataType.Name(type_proto.tensor_type.elem_type)


def load(folder):
    model = onnx.load(folder / "model.onnx", load_external_data=False)
    local = {(f.domain, f.name) for f in model.functions}
    nodes = list(model.graph.node) + [node for f in model.functions for node in f.node]
    operators = {(f"{n.domain}." if n.domain not in ("", "ai.onnx") else "") + n.op_type for n in nodes if (n.domain, n.op_type) not in local}
    return Test(folder, operators, {type_name(value.type) for value in (*model.graph.input, *model.graph.output)})


def run_tool(command):
    """Returns the exit status (negative: a signal; None: too slow) and what the tool said last."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        return None, f"no end within {TIME_LIMIT} s"
    lines = (done.stdout + done.stderr).strip().splitlines()
    error = next((line for line in lines if "error" in line), lines[-1] if lines else "no message")
    return done.returncode, error


def verdict(tool, status, message):
    if status is None or status < 0 or status >= 128:
        return "crashed", f"{tool}: {f'signal {-status}' if status is not None and status < 0 else ''} {message}"
    return ("passed", "") if status == 0 else ("failed", f"{tool}: {message}")


def run_test(test, tools, claimed, scratch):
    """Returns "passed", "failed" or "crashed", and why."""
    artifact = scratch / f"{test.name}.moe"
    result = verdict("moe-compile", *run_tool([tools / "moe-compile", test.folder / "model.onnx", "-o", artifact]))
    if claimed and result[0] == "passed":
        for data in sorted(test.folder.glob("test_data_set_*")):
            result = verdict("moe-run", *run_tool([tools / "moe-run", artifact, "--test-data", data, "--rtol", str(test.rtol)]))
            if result[0] != "passed":
                break
    shutil.rmtree(artifact, ignore_errors=True)
    return result


def report_unclaimed(tests, operators, skipped):
    def count(what):
        missing = collections.Counter(name for test in tests for name in what(test))
        return ", ".join(f"{name} {n}" for name, n in sorted(missing.items())) or "none"

    print("operators not claimed, and how many tests need them:", count(lambda t: t.operators - operators))
    print("types not claimed, where the operators are:", count(lambda t: t.types - TYPES if t.operators <= operators else ()))
    for test in tests:
        if test.name in skipped:
            print(f"skipped: {skipped[test.name]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=HERE.parent.parent / "build" / "bin")
    parser.add_argument("--filter", default="", help="only tests whose name matches")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true", help="also name the tests that passed")
    arguments = parser.parse_args()
    operators, skipped = set(read_list("claimed.txt")), read_list("skipped.txt")
    tests = [load(p) for p in sorted(DATA.iterdir()) if (p / "model.onnx").is_file() and re.search(arguments.filter, p.name)]
    unknown = {name for name in skipped if not (DATA / name).is_dir()}
    if unknown or not tests:
        sys.exit(f"no such test: {', '.join(sorted(unknown)) or arguments.filter}")

    start, counts, bad = time.monotonic(), collections.Counter(), False
    unclaimed = [t for t in tests if not (t.operators <= operators and t.types <= TYPES) or t.name in skipped]
    names = {t.name for t in unclaimed}
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        runs = [(t, pool.submit(run_test, t, arguments.bin, t.name not in names, pathlib.Path(scratch))) for t in tests]
        for test, future in runs:
            state, why = future.result()
            claimed = test.name not in names
            counts[claimed, state] += 1
            if state == "crashed" or (claimed and state == "failed"):
                bad = True
                print(f"{state}: {test.name}: {why}", flush=True)
            elif arguments.verbose and claimed:
                print(f"{state}: {test.name}", flush=True)
    report_unclaimed(unclaimed, operators, skipped)
    print(f"{counts[True, 'passed']} passed of {len(tests) - len(unclaimed)} claimed; of {len(unclaimed)} others {counts[False, 'passed']} "
          f"were compiled, {counts[False, 'failed']} refused, {counts[False, 'crashed']} crashed ({time.monotonic() - start:.0f} s)")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
