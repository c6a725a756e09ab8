#!/bin/sh
# Installs what is missing, builds, runs every test. The last lines are ctest's
# summary, the exit code is ctest's.
set -eu
cd "$(dirname "$0")/.."
tools/build.sh
exec ctest --test-dir build --parallel 2 --output-on-failure
