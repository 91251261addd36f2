#!/bin/sh
# Builds requantise.so beside its source; where that needs something that is not here, it says so and goes on.
set -eu
cd "$(dirname "$0")"
compiler=${CC:-cc}
without() {
  rm -f requantise.so # of an older source
  echo "processor: plain JPEGs go the slower way; a C compiler and jpeglib.h give the faster (Debian: gcc libjpeg62-turbo-dev)" >&2
  exit 0
}
printf '#include <stdio.h>\n#include <jpeglib.h>\n' | "$compiler" -E -x c -o /dev/null - 2> /dev/null || without
"$compiler" -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -O3 -fPIC -shared -fstack-protector-strong \
  -Wl,-z,relro,-z,now -o "requantise.so.$$" requantise.c -ljpeg || without
mv "requantise.so.$$" requantise.so # a running processor keeps the file that it has
