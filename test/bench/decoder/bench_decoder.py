#!/usr/bin/env python3
"""Times the mid-size decoder against ONNX Runtime, interleaved, and prints two Markdown tables.

usage: bench_decoder.py --bin BUILD/bin --work DIR [--model FORM=model.onnx]... [--rounds 5] [--repeat 20] [--threads 2]

The genai form is made in DIR (once) with shared/models/make_decoder.py: "genai" for us, the same weights as "genai-interleaved"
for ONNX Runtime, whose CPU provider refuses the other. Forms A, C and G come from export_transformers.py, which needs torch:
give them by --model A=..., C=..., G=.... One round times every program once, so that what disturbs the machine disturbs all;
a figure is the median of the rounds' medians. Needs numpy, onnx, onnxruntime and a machine with nothing else to do.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx

ROOT = pathlib.Path(__file__).resolve().parents[3]
SIZES = {  # of issue "the spine": 813 MB in f32
    "hidden_size": 512, "num_hidden_layers": 4, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 64, "num_experts": 64,
    "num_experts_per_tok": 8, "moe_intermediate_size": 512, "intermediate_size": 1024, "vocab_size": 8192}
TYPES = {onnx.TensorProto.FLOAT: np.float32, onnx.TensorProto.INT64: np.int64, onnx.TensorProto.INT32: np.int32}
PHASES = {"prefill": (128, 0), "decode": (1, 128)}  # new tokens, tokens in the cache
WARMUP = 3


def make_genai(work, moe):
    """DIR/genai-MOE/model.onnx."""
    folder = work / f"genai-{moe}"
    if not (folder / "model.onnx").exists():
        shared = pathlib.Path(os.environ.get("MOEC_SHARED", ROOT.parent / "shared"))
        if not (shared / "models/make_decoder.py").exists():
            sys.exit(f"bench_decoder.py: {shared}/models/make_decoder.py not found; set MOEC_SHARED to the folder that holds models/")
        overrides = [word for key, value in SIZES.items() for word in ("--set", f"{key}={value}")]
        config = shared / "data/model-configs/qwen3-30B-A3B_config.json"
        subprocess.run([sys.executable, shared / "models/make_decoder.py", config, folder, "--moe", moe, *overrides], check=True)
    return folder / "model.onnx"


def make_inputs(model, phase, folder):
    """Writes DIR/NAME.npy for each input of a decoder at this phase, batch 1."""
    new, past = PHASES[phase]
    rng = np.random.default_rng(1)
    graph = onnx.load(model, load_external_data=False).graph
    weights = {weight.name for weight in graph.initializer}
    lengths = {"input_ids": new, "position_ids": new, "attention_mask": past + new}
    folder.mkdir(parents=True, exist_ok=True)
    for value in graph.input:
        kind = value.type.tensor_type
        if value.name in weights:
            continue
        if value.name in lengths:
            array = np.ones((1, lengths[value.name]))
            if value.name == "input_ids":
                array = rng.integers(0, SIZES["vocab_size"], array.shape)
            if value.name == "position_ids":
                array = past + np.arange(new)[None]
        else:  # a cache: batch, heads, length, head size; exporters write some fixed sizes as text
            sizes = [dim.dim_value or (int(dim.dim_param) if dim.dim_param.isdigit() else past) for dim in kind.shape.dim]
            array = rng.standard_normal([1, *sizes[1:]])
        np.save(folder / f"{value.name}.npy", array.astype(TYPES[kind.elem_type]))


def run_measured(command):
    """(stdout, seconds, peak MB) of a command that must succeed."""
    start = time.monotonic()
    with tempfile.TemporaryFile("w+") as errors, subprocess.Popen(
            list(map(str, command)), stdout=subprocess.PIPE, stderr=errors, text=True) as child:
        text = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            errors.seek(0)
            sys.exit(f"{' '.join(map(str, command))}: exit code {child.returncode}\n{errors.read()}")
    return text, time.monotonic() - start, usage.ru_maxrss / 1000


def time_ours(options, artifact, inputs):
    pairs = [f"{file.stem}={file}" for file in sorted(inputs.glob("*.npy"))]
    text, _, _ = run_measured([options.bin / "moe-run", artifact, "--input", *pairs, "--repeat", options.repeat, "--json",
                               "--threads", options.threads, "--no-verify"])
    return json.loads(text)["median_ms"]


def time_onnxruntime(options, model, inputs):
    """In a process of its own, as ours is."""
    text, _, _ = run_measured([sys.executable, __file__, "--onnxruntime", model, inputs, options.repeat, options.threads])
    return json.loads(text)


def onnxruntime_main(model, inputs, repeat, threads):
    """Prints the median in milliseconds, or null where ONNX Runtime refuses the model."""
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = int(threads)
    settings.log_severity_level = 4
    feed = {file.stem: np.load(file) for file in pathlib.Path(inputs).glob("*.npy")}
    times = []
    try:
        session = onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
        for _ in range(WARMUP + int(repeat)):
            start = time.perf_counter()
            session.run(None, feed)
            times.append((time.perf_counter() - start) * 1e3)
    except Exception:  # onnxruntime's exceptions have no class of their own; the table says "refused"
        times = []
    print(json.dumps(statistics.median(times[WARMUP:]) if times else None))


def compile_model(options, form, model):
    """The artifact and its row: seconds, peak MB, size."""
    artifact = options.work / f"{form}.moe"
    _, seconds, peak = run_measured([options.bin / "moe-compile", model, "-o", artifact])
    size = sum(file.stat().st_size for file in artifact.rglob("*") if file.is_file()) / 1e6
    return artifact, f"| {form} | {seconds:.1f} | {peak:.0f} | {size:.0f} |"


def measure(options, programs):
    """{(form, phase, engine): median ms or None}."""
    samples = {}
    for _ in range(options.rounds):
        for form, (artifact, model) in programs.items():
            for phase in PHASES:
                inputs = options.work / "inputs" / form / phase
                if artifact:
                    samples.setdefault((form, phase, "moec"), []).append(time_ours(options, artifact, inputs))
                key = (form, phase, "onnxruntime")
                if samples.get(key) != [None]:  # refused once, refused always
                    samples.setdefault(key, []).append(time_onnxruntime(options, model, inputs))
    return {key: None if None in values else statistics.median(values) for key, values in samples.items()}


def print_times(forms, times):
    text = lambda value: "refused" if value is None else f"{value:.2f}"
    for phase in PHASES:
        best = min((t for (_, p, engine), t in times.items() if p == phase and engine == "onnxruntime" and t), default=None)
        print(f"\n| {phase} | moec ms | ONNX Runtime ms | moec / same form | moec / ONNX Runtime's best |\n|---|---|---|---|---|")
        for form in forms:
            ours, theirs = times.get((form, phase, "moec")), times[form, phase, "onnxruntime"]
            ratio = lambda other: f"{ours / other:.2f}" if ours and other else "–"
            print(f"| {form} | {text(ours) if ours else '–'} | {text(theirs)} | {ratio(theirs)} | {ratio(best)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--model", action="append", default=[], metavar="FORM=FILE")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)

    models = {"genai": make_genai(options.work, "fc3"), **dict(pair.split("=", 1) for pair in options.model)}
    programs, rows = {}, []
    for form, model in models.items():
        artifact, row = compile_model(options, form, model)
        programs[form] = artifact, model
        rows.append(row)
    programs["genai-interleaved"] = None, make_genai(options.work, "interleaved")
    for form, (_, model) in programs.items():
        for phase in PHASES:
            make_inputs(model, phase, options.work / "inputs" / form / phase)
    print("| form | compile s | peak MB | artifact MB |\n|---|---|---|---|", *rows, sep="\n")
    print_times(programs, measure(options, programs))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--onnxruntime"]:
        onnxruntime_main(*sys.argv[2:])
    else:
        main()
