#!/bin/sh
# Installs the program into .venv here, builds the paper into rebuilt/ here, and compares every file with what was built.
#     sh replicate.sh          the quick build
#     sh replicate.sh whole    the whole one
# Another Python: PYTHON=python3.12 sh replicate.sh. What is built already is not built again.
set -eu
cd "$$(dirname "$$0")"
case "$${1:-quick}" in
quick) quick=--quick sums=quick.sha256 ;;
whole) quick= sums=results.sha256 ;;
*)
    echo "replicate.sh: found $$1; expected whole, or nothing" >&2
    exit 2
    ;;
esac
if ! test -x .venv/bin/fiveyear; then
    "$${PYTHON:-python3}" -m venv .venv
    .venv/bin/python -m pip install --quiet --requirement requirements.txt
    .venv/bin/python -m pip install --quiet --no-deps program/*.whl
fi
.venv/bin/fiveyear paper ${paper}$$quick --out "rebuilt/$${1:-quick}"
cd "rebuilt/$${1:-quick}"
if command -v sha256sum >/dev/null; then
    sha256sum --check --quiet "../../$$sums"
else
    shasum --algorithm 256 --check --quiet "../../$$sums"
fi
echo "all files are the same as those of the package"
