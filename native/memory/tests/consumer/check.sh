#!/bin/sh
# Installs the memory layer by itself and uses it as a stranger would: through pkg-config, through CMake, and each
# header alone as C11 and as C++17. Needs a C and a C++ compiler, CMake, pkg-config; leaves nothing behind.
set -eu
memory=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc=${CC:-cc}
cxx=${CXX:-c++}
for tool in "$cc" "$cxx" cmake pkg-config; do
    command -v "$tool" >/dev/null || { echo "$tool is not installed; on Debian: apt-get install -y g++ cmake pkg-config"; exit 4; }
done

quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
}

says_hello() {
    said=$("$1")
    [ "$said" = "hello from an arena" ] || { echo "$2: the program said: $said"; exit 1; }
    echo "ok $2"
}

cp -R "$memory" "$work/memory" # by itself: nothing around it may be needed
quietly cmake -S "$work/memory" -B "$work/build" -DLAB_TESTS=OFF -DCMAKE_INSTALL_PREFIX="$work/first"
quietly cmake --build "$work/build" --parallel 2
quietly cmake --install "$work/build"
rm -rf "$work/build" "$work/memory/src" "$work/memory/include"
mv "$work/first" "$work/prefix" # what is installed may be moved

pc=$(dirname "$(find "$work/prefix" -name pm.pc)")
PKG_CONFIG_PATH=$pc
export PKG_CONFIG_PATH
flags=$(pkg-config --cflags pm)
# shellcheck disable=SC2046,SC2086
quietly "$cc" -std=c11 $flags "$work/memory/examples/hello.c" $(pkg-config --libs pm) -o "$work/hello"
says_hello "$work/hello" "pkg-config"

quietly cmake -S "$work/memory/tests/consumer" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$work/prefix" \
    -DHELLO_SOURCE="$work/memory/examples/hello.c"
quietly cmake --build "$work/consumer"
says_hello "$work/consumer/hello" "find_package"

for header in "$work"/prefix/include/pm/*.h; do
    name=$(basename "$header")
    printf '#include <pm/%s>\ntypedef int alone;\n' "$name" >"$work/alone.c"
    cp "$work/alone.c" "$work/alone.cpp"
    # shellcheck disable=SC2086
    quietly "$cc" -std=c11 -Wall -Wextra -Wundef -Werror $flags -c "$work/alone.c" -o "$work/alone.o"
    # shellcheck disable=SC2086
    quietly "$cxx" -std=c++17 -Wall -Wextra -Wundef -Werror $flags -c "$work/alone.cpp" -o "$work/alone.o"
done
echo "ok each header alone, as C11 and as C++17"
