#!/bin/sh
# tools/build.sh: installs what is missing, then builds the release preset into
# build/ and says how long that took.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh
cmake --preset release -DPython3_EXECUTABLE="$PWD/.venv/bin/python"
start=$(date +%s)
cmake --build build
echo "build time: $(($(date +%s) - start)) s on $(nproc) processors"
