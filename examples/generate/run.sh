#!/bin/sh
# Generates 16 tokens with a small decoder, on one device and on four, and
# compares each step with the same computed without a cache.
# usage: run.sh [BIN]   BIN: the folder of the tools; without it, installs what is missing and builds
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || tools/build.sh
bin=${1:-build/bin}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for devices in 1-device 4-devices; do
  echo "== $devices"
  "$bin/moe-compile" test/models/decoder-fused/model.onnx --hardware examples/hardware/$devices.yaml -o "$work/$devices.moe"
  "$bin/generate" "$work/$devices.moe" --prompt 1,2,3 --tokens 16 --check >"$work/$devices.txt"
  cat "$work/$devices.txt"
done
# Where the experts lie changes no token.
grep '^tokens' "$work/1-device.txt" >"$work/expected"
grep '^tokens' "$work/4-devices.txt" | cmp - "$work/expected"
