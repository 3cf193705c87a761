#!/bin/bash
# Runs a command with lab's compiled modules built with AddressSanitizer and UBSan:
#
#     tests/native/sanitized/run.sh BUILD COMMAND...
#
# BUILD is a CMake build of native/ with LAB_PYTHON and LAB_SANITIZE=address,undefined. Python itself is not
# sanitized, so the run-time library comes first by LD_PRELOAD; Python's own blocks go through malloc, where
# AddressSanitizer sees them. What Python keeps until it ends is not told as a leak.
set -eu
build=$(realpath "$1")
shift
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
preload=""
for library in libasan.so libubsan.so; do
  preload="$preload${preload:+:}$("$compiler" -print-file-name=$library)"
done
here=$(cd "$(dirname "$0")" && pwd)
exec env LD_PRELOAD="$preload" PYTHONMALLOC=malloc PYTHONPATH="$here${PYTHONPATH:+:$PYTHONPATH}" LAB_SANITIZED="$build" \
  ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1:abort_on_error=1:handle_segv=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}" \
  UBSAN_OPTIONS="print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}" "$@"
