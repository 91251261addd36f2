#!/bin/sh
# Builds write_files.so beside its source; where there is no C compiler, or no Linux, it says so and goes on.
set -eu
cd "$(dirname "$0")"
compiler=${CC:-cc}
without() {
  rm -f write_files.so # of an older source
  echo "store: files are written in Python; on Linux a C compiler gives the cheaper way (Debian: gcc)" >&2
  exit 0
}
[ "$(uname)" = Linux ] && command -v "$compiler" > /dev/null || without
"$compiler" -std=c11 -Wall -Wextra -O2 -fPIC -shared -fstack-protector-strong -Wl,-z,relro,-z,now \
  -o "write_files.so.$$" write_files.c || without
mv "write_files.so.$$" write_files.so # a running service keeps the file that it has
