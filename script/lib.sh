# Shared by the scripts beside it, which source it. Owns where things are, how
# steps are told and timed, and when the front ends must be built again.
# shellcheck shell=bash

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"

# Tools that script/bootstrap installs for this user, and for this user only. Its
# folders are named before they exist: on a new machine it makes them after this.
tools="${XDG_DATA_HOME:-$HOME/.local/share}/switchboard"
for folder in "${CARGO_HOME:-$HOME/.cargo}/bin" "$tools/node/bin"; do
  if [[ ":$PATH:" != *":$folder:"* ]]; then
    PATH="$folder:$PATH"
  fi
done
export PATH

target="${CARGO_TARGET_DIR:-$root/target}"
stamps="$target/stamps"

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

die() {
  printf '\033[1;31mfailed:\033[0m %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# at_least 1.92 1.95.0: whether the second version is the first or newer.
at_least() { [[ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" == "$1" ]]; }

# Prints the comment block at the head of a script: that is its help.
help_of() { awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$1"; }

# step <name> <command...>: runs it, says how long it took, stops at a failure.
# The command is run by a shell of its own, so that `set -e` holds inside it.
step() {
  local name="$1" begun=$SECONDS
  shift
  say "$name"
  local status=0
  set +e
  (set -e; "$@")
  status=$?
  set -e
  if ((status != 0)); then
    die "$name, after $((SECONDS - begun)) s (exit $status). Nothing after it was run."
  fi
  printf '    %s: ok, %s s\n' "$name" "$((SECONDS - begun))" >&2
}

# The digest of every file below the given paths: names, contents, nothing built.
digest() {
  find "$@" \( -name node_modules -o -name dist -o -name .svelte-kit \) -prune \
    -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

# fresh <stamp> <digest>: whether the work behind the stamp was done for this digest.
fresh() { [[ -f "$stamps/$1" && "$(<"$stamps/$1")" == "$2" ]]; }

stamp() {
  mkdir -p "$stamps"
  printf '%s\n' "$2" >"$stamps/$1"
}

# Installs the npm packages when the lockfile or a package.json changed.
packages() {
  local now
  now="$(digest package-lock.json package.json .npmrc {wire/ts,widget,console,tests/browser}/package.json)"
  if [[ -d node_modules ]] && fresh packages "$now"; then
    return
  fi
  say "installing the npm packages"
  npm ci --no-fund --no-audit >&2
  stamp packages "$now"
}

# Builds the widget and the console when their sources changed.
front_ends() {
  local now
  packages
  now="$(digest package-lock.json tsconfig.base.json wire/ts widget console)"
  if [[ -d widget/dist && -d console/dist ]] && fresh front-ends "$now"; then
    return
  fi
  say "building the widget and the console"
  npm run build >&2
  stamp front-ends "$now"
}
