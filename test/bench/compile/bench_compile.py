#!/usr/bin/env python3
"""Compiles models one after another and prints a Markdown table: seconds, peak memory, sizes of model and artifact.

usage: bench_compile.py --bin BUILD/bin [--devices 1] [--rounds 1] FOLDER...

FOLDER holds folders with a model.onnx, at any depth. Seconds are minima over the rounds, on the clock and of all processors
together (which other work on the machine disturbs less); memory is the resident set of moe-compile or of the linker that it
starts, whichever is larger.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "integration"))
import moec  # noqa: E402

MB = 1e6


def size_of(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def model_size(folder):
    """The model and its weights, without its data sets."""
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())


def compile_once(tool, model, hardware, artifact):
    """(seconds, seconds of processors, peak bytes). Raises ToolError with moe-compile's error."""
    start = time.monotonic()
    with subprocess.Popen([tool, model, "--hardware", hardware, "-o", artifact], stderr=subprocess.PIPE, text=True) as process:
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise moec.ToolError(errors.strip().splitlines()[0])
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, 1024 * usage.ru_maxrss


def row(tools, model, devices, rounds):
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        artifact, hardware = scratch / "m.moe", moec.write_hardware(scratch, devices)
        results = [compile_once(tools.folder / "moe-compile", model, hardware, artifact) for _ in range(rounds)]
        seconds, work, peak = (min(values) for values in zip(*results))
        program = (artifact / "program.so").stat().st_size
        return (f"{seconds:.1f} | {work:.1f} | {peak / MB:.0f} | {model_size(model.parent) / MB:.1f} | {size_of(artifact) / MB:.1f} | "
                f"{program / MB:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--devices", default=1, type=int)
    parser.add_argument("--rounds", default=1, type=int)
    options = parser.parse_args()
    tools = moec.Tools(options.bin)
    print("| model | compile, s | processor, s | peak memory, MB | model, MB | artifact, MB | of it program.so, MB |\n|---|---|---|---|---|---|---|")
    for model in sorted(file for folder in options.folders for file in folder.rglob("model.onnx")):
        try:
            text = row(tools, model, options.devices, options.rounds)
        except moec.ToolError as error:
            text = f"{error} | | | | |"
        print(f"| {model.parent.parent.name}/{model.parent.name} | {text} |", flush=True)


if __name__ == "__main__":
    main()
