#!/bin/sh
# Compiles a small MoE decoder for a machine with four devices, runs it on four
# local ranks and compares with its reference outputs.
# usage: quickstart.sh [BIN]   BIN: the folder of the tools; without it, installs what is missing and builds
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || tools/build.sh
bin=${1:-build/bin}
model=test/models/decoder-fused

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "== compile report of $model for examples/hardware/4-devices.yaml"
"$bin/moe-compile" $model/model.onnx --hardware examples/hardware/4-devices.yaml -o "$work/decoder.moe" --report
echo "== run on 4 local ranks, compared with the reference outputs"
"$bin/moe-run" "$work/decoder.moe" --test-data $model
