#!/usr/bin/env bash
# step.sh TITLE COMMAND…: one line that says what is done and how many seconds it took. What the command prints goes
# to a log, which is kept, and its end shown, only if it fails.
set -uo pipefail
# How pip, uv, npm, Go and apt say that they reach nobody.
unreachable='name resolution|name or service not known|could not resolve|failed to lookup|no such host|network is unreachable'
unreachable+='|no route to host|ENOTFOUND|EAI_AGAIN|ENETUNREACH'
title=$1
shift
log=$(mktemp -t pixmill-step.XXXXXX)
printf '%s … ' "$title"
"$@" > "$log" 2>&1
code=$?
if [ $code -eq 0 ]; then
  echo "$SECONDS s"
  rm "$log"
else
  echo "failed after $SECONDS s"
  { tail -n 20 "$log"; echo "all of it: $log"; } >&2
  if grep -qiE "$unreachable" "$log"; then
    echo "no network: this step downloads what it needs, and no host could be reached; try again when there is one" >&2
  fi
fi
exit $code
