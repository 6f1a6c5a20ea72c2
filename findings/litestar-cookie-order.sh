#!/usr/bin/env bash
# Package: litestar 2.25.0, seen on 2026-11-29.
#
# Cookie's second field is the path, and not the value, as it is for http.cookies, Starlette, Flask and Django:
# Cookie("plan", "gold") is an empty cookie for the path "gold". Only value= sets the value.
#
# Output seen:
#   Cookie("plan", "gold") -> plan=""; Path=gold; SameSite=lax
#   Cookie("plan", value="gold") -> plan=gold; Path=/; SameSite=lax
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check litestar==2.25.0
cat >"$folder/show.py" <<'PYTHON'
from litestar.datastructures import Cookie

print('Cookie("plan", "gold") ->', Cookie("plan", "gold").to_header(header=""))
print('Cookie("plan", value="gold") ->', Cookie("plan", value="gold").to_header(header=""))
PYTHON
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
