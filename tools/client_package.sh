#!/usr/bin/env bash
# client_package.sh UV PYTHON: builds the client's wheel and sdist alone, installs each into an empty environment of this
# Python, and runs both the command and the client there. The pipx beside this uv runs the wheel as it is.
set -euo pipefail
uv=$(realpath "$1") python=$2
cd "$(dirname "$0")/.."
work=$(mktemp -d -t pixmill-client.XXXXXX)
trap 'rm -rf "$work"' EXIT
"$uv" build --quiet --no-index --out-dir "$work/dist" client
for built in "$work"/dist/*.whl "$work"/dist/*.tar.gz; do
  place="$work/$(basename "$built")-environment"
  "$uv" venv --quiet --python "$python" "$place"
  "$uv" pip install --quiet --python "$place/bin/python" "$built"
  (
    cd "$work"
    "$place/bin/pixmill" --version
    "$place/bin/pixmill" upload --help > /dev/null
    test -s "$place/share/man/man1/pixmill.1"
    "$place/bin/python" -W error -c '
from pixmill import AsyncClient, Client
from pixmill.testing import FakePixmill
with FakePixmill() as server, Client(server.url) as client:
    accepted = client.upload([{"S. No.": 1, "Product Name": "a", "Input Image Urls": "https://x/1.jpg"}])
    assert client.wait(accepted.id).state == "completed"
    assert [each.output_urls for each in client.products(accepted.id)]
'
  )
done
export PATH="$(dirname "$uv"):$PATH" PIPX_HOME="$work/pipx"
pipx run --backend uv --python "$python" --spec "$work"/dist/*.whl pixmill --version
