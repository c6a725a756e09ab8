#!/bin/sh
# Installs what a build and its tests need and is not there yet. Debian 12; only
# installing packages needs root, and only then is a network needed.
# Python packages go to .venv at the top of the checkout.
set -eu
cd "$(dirname "$0")/.."

packages="
  clang-22 clang-format-22 libclang-rt-22-dev lld-22 llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools
  cmake ninja-build ccache pkg-config
  libfmt-dev libyaml-cpp-dev nlohmann-json3-dev libxxhash-dev zlib1g-dev libxml2-dev
  libprotobuf-dev protobuf-compiler libgtest-dev libopenmpi-dev openmpi-bin
  python3 python3-venv"

installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=""
for package in $packages; do
  installed "$package" || missing="$missing $package"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "setup.sh: these packages are missing; run as root: apt-get install$missing" >&2
    exit 1
  fi
  echo "setup.sh: installing$missing"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # shellcheck disable=SC2086 # one word a package
  apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends $missing
fi

# Packages that the system's Python has already are used from there.
[ -x .venv/bin/python ] || python3 -m venv --system-site-packages .venv
.venv/bin/python - <<'END' || .venv/bin/python -m pip install -q -r tools/requirements.txt
import importlib.metadata as m, pathlib, sys
def have(line):
    name, _, version = line.partition("==")
    try:
        return version in ("", m.version(name))
    except m.PackageNotFoundError:
        return False
sys.exit(not all(map(have, pathlib.Path("tools/requirements.txt").read_text().split())))
END
