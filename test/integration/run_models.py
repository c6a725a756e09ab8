#!/usr/bin/env python3
"""Compiles models for several numbers of devices, runs every data set, prints a table.

usage: run_models.py --bin BUILD/bin [--ranks 1,4] [--jobs 2] FOLDER...

FOLDER holds models in ONNX backend-test layout, at any depth. For each model: one artifact for each number of devices; every
data set of each within the tolerance of its type; outputs equal bit for bit between the numbers of devices; every MoE layer
of a decoder recognised. A com.microsoft.QMoE node may be refused, clearly. Exit code 77: no model found.
"""
import argparse
import concurrent.futures
import filecmp
import json
import pathlib
import re
import sys
import tempfile
import time

import onnx

import moec

SKIPPED = 77  # ctest's SKIP_RETURN_CODE of this test
TOLERANCE = {onnx.TensorProto.FLOAT: 1e-4, onnx.TensorProto.FLOAT16: 2e-2, onnx.TensorProto.BFLOAT16: 2e-2}


class Failure(Exception):
    pass


def load(folder):
    return onnx.load(folder / "model.onnx", load_external_data=False)


def tolerance_of(model):
    """The widest tolerance of the model's floating-point outputs."""
    types = {output.type.tensor_type.elem_type for output in model.graph.output}
    return max(TOLERANCE.get(kind, 0) for kind in types)


def moe_layers_of(folder, model):
    """How many MoE layers there must be, from the graph; None where only their presence is known."""
    nodes = sum(node.op_type in ("MoE", "QMoE") for node in model.graph.node)
    if nodes or folder.parent.name == "operators":
        return nodes
    return None


def check_recognised(folder, model, report):
    found, expected = report["moe_layers"], moe_layers_of(folder, model)
    if expected is None and found < 1:
        raise Failure("no MoE layer recognised")
    if expected is not None and found != expected:
        raise Failure(f"{found} of {expected} MoE layers recognised")


def worst_error(text):
    return max(map(float, re.findall(r"= ([0-9.e+-]+|inf)$", text, re.MULTILINE)), default=0.0)


def run_data_sets(tools, artifact, folder, names, tolerance, scratch):
    """Runs every data set twice: compared with its outputs, and to the folder that is returned with the worst error."""
    text = tools.run("moe-run", artifact, "--test-data", folder, "--rtol", tolerance)
    outputs = scratch / "outputs"
    for data_set in moec.data_sets(folder):
        inputs = moec.as_npy_arguments(names, data_set, scratch)
        tools.run("moe-run", artifact, "--input", *inputs, "--output-dir", outputs / data_set.name)
    return worst_error(text), outputs


def require_equal(ranks, first, second):
    """Both folders hold the same files with the same bytes."""
    files = sorted(path.relative_to(first) for path in first.rglob("*.npy"))
    _, different, missing = filecmp.cmpfiles(first, second, files, shallow=False)
    if different or missing:
        names = ", ".join(map(str, different + missing))
        raise Failure(f"{ranks[0]} and {ranks[1]} devices differ in {names}")


def run_model(tools, folder, ranks, scratch):
    """One row of the table: seconds of each compilation and the worst error. Raises Failure or ToolError."""
    model = load(folder)
    names = moec.input_names(folder / "model.onnx")
    seconds, worst, outputs = [], 0.0, []
    for devices in ranks:
        work = scratch / str(devices)
        work.mkdir(parents=True)
        start = time.monotonic()
        text = tools.run("moe-compile", folder / "model.onnx", "--hardware", moec.write_hardware(work, devices),
                         "-o", work / "m.moe", "--report=json")
        seconds.append(time.monotonic() - start)
        report = json.loads(text)
        check_recognised(folder, model, report)
        if report["ranks"] != devices:
            raise Failure(f"compiled for {report['ranks']} ranks instead of {devices}")
        error, files = run_data_sets(tools, work / "m.moe", folder, names, tolerance_of(model), work)
        worst = max(worst, error)
        outputs.append(files)
    for devices, files in zip(ranks[1:], outputs[1:]):
        require_equal((ranks[0], devices), outputs[0], files)
    return "compiled in " + " / ".join(f"{s:.1f} s" for s in seconds) + f", error {worst:.1e}"


def attempt(tools, folder, ranks):
    """(passed, text)."""
    with tempfile.TemporaryDirectory() as scratch:
        try:
            return True, run_model(tools, folder, ranks, pathlib.Path(scratch))
        except moec.ToolError as error:
            text = str(error)
            refused = re.fullmatch(r"moe-compile: error: .*\bQMoE\b.* quantised experts, which are not supported yet; .*", text)
            return bool(refused), text
        except Failure as error:
            return False, str(error)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--ranks", default="1,4", type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--jobs", default=2, type=int)
    options = parser.parse_args()
    models = sorted(file.parent for folder in options.folders for file in folder.rglob("model.onnx"))
    if not models:
        print("skipped: no models in", *options.folders)
        return SKIPPED
    tools = moec.Tools(options.bin)
    passed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda folder: attempt(tools, folder, options.ranks), models)
        for folder, (good, text) in zip(models, results):
            passed += good
            name = f"{folder.parent.name}/{folder.name}"
            print(f"{'ok  ' if good else 'FAIL'} {name:42} {text}", flush=True)
    print(f"{passed} passed, {len(models) - passed} failed")
    return 0 if passed == len(models) else 1


if __name__ == "__main__":
    sys.exit(main())
