#!/bin/sh
# crc32c_on_arm.sh TRIPLET QEMU [FLAGS [CPU WAY]]: the checksums as that processor computes them, and in which way. Needs
# Debian's cross compiler (g++-aarch64-linux-gnu, g++-arm-linux-gnueabihf, g++-arm-linux-gnueabi) and qemu-user-static, which
# `make soak` installs.
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1-g++" -std=c++20 -O2 -static ${3-} -I"$root" "$root/tests/unit/log/crc32c_on_arm.cpp" "$root/bridge/log/crc32c.cpp" \
    -o "$folder/crc32c"
"$2" -cpu "${4-max}" "$folder/crc32c" "${5-armv8}"
