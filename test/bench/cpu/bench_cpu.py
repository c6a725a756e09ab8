#!/usr/bin/env python3
"""Times moec and the peers that are installed on one CPU, interleaved, and writes a Markdown table; README.md says what the rows are.

usage: bench_cpu.py --bin BUILD/bin --work DIR [--python PYTHON_WITH_PEERS] [--output TABLE.md] [--rounds 3] [--seconds 1] [--threads N]
                    [--rows decoder,bf16,ffn,real,tiny] [--peers onnxruntime,openvino,torch,onednn]
"""
import argparse
import os
import pathlib
import statistics
import sys

import models
from engines import Engines

FFN_TOKENS = (1, 4, 16, 64, 256, 1024)
REAL_TOKENS = (1, 16, 256)


class Samples:
    """{key: medians of the rounds}; None where an engine refuses."""

    def __init__(self):
        self.times, self.reasons = {}, {}

    def add(self, key, result):
        for case, value in result.items():
            if case == "refused":
                self.reasons[key] = value
            else:
                self.times.setdefault((*key, case), []).append(value)

    def refused(self, key):
        return key in self.reasons

    def median(self, *key):
        return statistics.median(self.times[key]) if key in self.times else None

    def text(self, *key):
        """Median, and how far the rounds lie apart."""
        values = self.times.get(key)
        if not values:
            return "refused" if key[:-1] in self.reasons else "–"
        middle = statistics.median(values)
        return f"{middle:.3g} ±{(max(values) - min(values)) / 2 / middle:.0%}"


def best(times):
    return min((time for time in times if time), default=None)


def ratio(theirs, ours):
    return f"{theirs / ours:.2f}" if theirs and ours else "–"


class Bench:
    def __init__(self, options):
        self.options, self.engines, self.samples, self.lines = options, Engines(options), Samples(), []
        self.inputs = options.work / "inputs"

    def rounds(self, jobs):
        """Runs every (key, function) once a round, so that what disturbs the machine disturbs all."""
        for number in range(self.options.rounds):
            for key, job in jobs:
                if not self.samples.refused(key):
                    print(f"round {number + 1}: {' '.join(key)}", file=sys.stderr, flush=True)
                    self.samples.add(key, job())

    def head(self, title, *columns):
        self.lines += ["", f"**{title}**", "", "| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]

    def row(self, *cells):
        self.lines.append("| " + " | ".join(map(str, cells)) + " |")

    # ---- the mid-size decoder ----

    def decoder(self, weights=None):
        """Times every form and phase, and returns the keys; `weights`: only ours, stored so."""
        files = models.decoders(self.options.work, self.options.python)
        jobs, self.traffic = [], {}
        for form, model in files.items():
            cases = {phase: models.decoder_inputs(model, phase, self.inputs / form / phase) for phase in models.PHASES}
            if form != "genai-interleaved":
                name = f"{form}-{weights}" if weights else form
                artifact = self.engines.compile(model, name, *([f"--weights={weights}"] if weights else []))
                jobs.append((("moec", name), lambda a=artifact, c=cases: self.engines.moec(a, c)))
                for phase in ("decode 1", "decode 8"):
                    self.traffic[name, phase] = self.engines.traffic(artifact, cases[phase])
            if not weights:
                jobs += self.engines.decoder_peers(form, model, cases)
        self.rounds(jobs)
        return [key for key, _ in jobs]

    def decoder_rows(self):
        keys = self.decoder()
        forms, peers = [name for engine, name in keys if engine == "moec"], sorted(key for key in keys if key[0] != "moec")
        self.head("The decoder, milliseconds", "", *models.PHASES)
        for name in [("moec", form) for form in forms] + peers:
            self.row(", ".join(name), *(self.samples.text(*name, phase) for phase in models.PHASES))
        self.lines += ["", *(f"{', '.join(name)} refuses: {self.samples.reasons[name]}  " for name in peers if name in self.samples.reasons)]
        self.head("Goals: best of a peer / ours", "phase, form", "ONNX Runtime / ours", "any peer / ours", "bytes touched", "must", "want")
        for phase in models.PHASES:
            runtime = best(self.samples.median(*name, phase) for name in peers if name[0] == "onnxruntime")
            any_peer = best(self.samples.median(*name, phase) for name in peers if "bfloat16" not in name[1])
            for form in forms:
                ours = self.samples.median("moec", form, phase)
                self.row(f"{phase}, {form}", ratio(runtime, ours), ratio(any_peer, ours), self.traffic.get((form, phase), ""), "1.3",
                         "2.0; 0.85 of the bandwidth" if "decode" in phase else "2.0")
        for phase in models.PHASES:
            theirs, ours = self.samples.median("onnxruntime", "C", phase), self.samples.median("moec", "C", phase)
            self.row(f"{phase}: ONNX Runtime on form C / ours on form C", ratio(theirs, ours), "", "", "15", "40")

    def bf16_rows(self):
        if not self.engines.has_option("--weights"):
            self.lines += ["", "`--weights=bf16`: this moe-compile does not have it."]
            return
        forms = [name for _, name in self.decoder("bf16")]
        runtime = {phase: best(self.samples.median("onnxruntime", form, phase) for form in ("C", "G", "genai-interleaved")) for phase in models.PHASES}
        self.head("Weights stored in bf16, milliseconds", "phase, form", "moec", "ONNX Runtime (f32) / ours", "bytes touched", "must", "want")
        for phase in ("decode 1", "decode 8"):
            for form in forms:
                name = ("moec", form, phase)
                self.row(f"{phase}, {form}", self.samples.text(*name), ratio(runtime[phase], self.samples.median(*name)), self.traffic[form, phase],
                         "2.2", "3.5")

    # ---- one layer ----

    def layer(self, title, shape, tokens):
        """Profiles of ours and times of oneDNN's loop: {tokens: the experts' phase}."""
        experts, hidden, inter, _, dtype = shape
        name = f"ffn-{experts}x{hidden}x{inter}-{dtype}"
        artifact = self.engines.compile(models.expert_ffn(shape, self.options.work / name), name)
        jobs, profiles = [], {}
        for count in tokens:
            folder, rows = models.expert_inputs(shape, count, self.inputs / f"{name}-{count}")

            def ours(folder=folder, count=count):
                profile = self.engines.experts(artifact, folder)
                profiles.setdefault(count, []).append(profile)
                return {str(count): profile["ms"]}

            jobs.append((("moec", title), ours))
            jobs += self.engines.layer_peers(title, str(count), hidden, inter, dtype, rows)
        self.rounds(jobs)
        middle = lambda runs: sorted(runs, key=lambda profile: profile["ms"])[len(runs) // 2]
        return {count: middle(runs) for count, runs in profiles.items()}

    def layer_rows(self, title, shape, tokens, must, want):
        profiles = self.layer(title, shape, tokens)
        kinds = [kind for kind in ("onednn", "torch-onednn") if any(key[:2] == (kind, title) for key in self.samples.times)]
        names = {"onednn": f"oneDNN {self.engines.onednn_version} loop ms", "torch-onednn": "PyTorch's oneDNN loop ms"}
        self.head(title, "tokens", "moec ms", *(names[kind] for kind in kinds), "oneDNN / ours", "GFLOP/s", "GB/s", "of the limit that binds",
                  "must", "want")
        for count, profile in profiles.items():
            theirs = best(self.samples.median(kind, title, str(count)) for kind in kinds)
            self.row(count, self.samples.text("moec", title, str(count)), *(self.samples.text(kind, title, str(count)) for kind in kinds),
                     ratio(theirs, self.samples.median("moec", title, str(count))), f"{profile['gflops_per_s']:.0f}",
                     f"{profile['gb_per_s']:.1f}", f"{profile['of_limit']:.0%}", must, want)

    def ffn_rows(self):
        self.layer_rows("Experts alone, 64 x 512 x 512, k = 8, f32", models.FFN, FFN_TOKENS, "1.0", "0.9 of the limit for >= 64 rows an expert")

    def real_rows(self):
        for title, shape in models.REAL.items():
            self.layer_rows(f"Experts of {title}, bf16", shape, REAL_TOKENS, "printed", "0.85 of the limit")

    # ---- overhead ----

    def tiny_rows(self):
        """A decode step of the small decoders; a family's best form for ONNX Runtime."""
        families, jobs = {}, []
        for folder in sorted([*(models.shared() / "models/transformers").iterdir(), *(models.shared() / "models/genai-style").iterdir()]):
            if any(word in folder.name for word in ("_nocache", "f16")):
                continue
            families.setdefault(folder.name.split("-")[0], []).append(folder.name)
            cases = {"step": models.test_inputs(folder / "test_data_set_1", self.inputs / folder.name)}
            artifact = self.engines.compile(folder / "model.onnx", f"tiny-{folder.name}")
            jobs.append((("moec", folder.name), lambda a=artifact, c=cases: self.engines.moec(a, c)))
            jobs += self.engines.peer("onnxruntime", folder.name, {"model": str(folder / "model.onnx")}, cases)
        self.rounds(jobs)
        self.head("Tiny decoders, a decode step", "family", "moec ms, slowest form", "ONNX Runtime ms, best form", "ONNX Runtime / ours", "must", "want")
        for family, names in families.items():
            ours = max(self.samples.median("moec", name, "step") for name in names)
            theirs = best(self.samples.median("onnxruntime", name, "step") for name in names)
            self.row(family, f"{ours:.3g}", f"{theirs:.3g}" if theirs else "refused", ratio(theirs, ours), "1.0", "3.0")

    def run(self):
        for name in self.options.rows:
            getattr(self, f"{name}_rows")()
            self.write()

    def write(self):
        text = "\n".join([*self.engines.describe(), *self.lines, ""])
        if self.options.output:
            self.options.output.write_text(text)
        if not self.options.output or self.lines:
            print(text if not self.options.output else f"wrote {self.options.output}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rows", type=lambda text: text.split(","), default=["decoder", "bf16", "ffn", "real", "tiny"])
    parser.add_argument("--peers", type=lambda text: text.split(","), default=["onnxruntime", "openvino", "torch", "onednn"])
    options = parser.parse_args()
    unknown = [name for name in options.rows if not hasattr(Bench, f"{name}_rows")]
    if unknown:
        parser.error(f"there are no rows '{unknown[0]}'")
    options.work.mkdir(parents=True, exist_ok=True)
    Bench(options).run()


if __name__ == "__main__":
    main()
