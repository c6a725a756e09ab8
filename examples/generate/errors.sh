#!/bin/sh
# What generate says when it cannot.
# usage: errors.sh BIN
set -eu
generate=$1/generate

# refuses CODE TEXT ARGUMENT...: ends with CODE and says TEXT in its first line.
refuses() {
  expected=$1 text=$2 code=0
  shift 2
  said=$("$generate" "$@" 2>&1 >/dev/null) || code=$?
  first=$(echo "$said" | head -n 1)
  case "$code $first" in
  "$expected generate: "*"$text"*) ;;
  *)
    echo "generate $*: expected $expected and '$text', got $code and '$first'"
    exit 1
    ;;
  esac
}

refuses 2 "a model and a --prompt are needed"
refuses 2 "a model and a --prompt are needed" m.moe
refuses 2 "--prompt needs a value" m.moe --prompt
refuses 2 "--prompt needs a number of at least 0, not ''" m.moe --prompt 1,,2
refuses 2 "--tokens needs a number of at least 0, not '-1'" m.moe --prompt 1 --tokens -1
refuses 2 "unknown argument '--beams'" m.moe --prompt 1 --beams 4
refuses 1 "absent.moe" absent.moe --prompt 1
