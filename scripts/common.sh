# Sourced by the other scripts. They speak on stderr, like the product itself.

say() { printf 'setup: %s\n' "$*" >&2; }

# fail CODE MESSAGE REMEDY: this machine or user cannot, exit 3.
fail() {
  printf 'error[%s]: %s\ntry: %s\n' "$1" "$2" "$3" >&2
  exit 3
}

# checksum FILE|FOLDER…: one line that changes when a file in there does, whatever its time says.
checksum() { find "$@" -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum; }

# is_built STAMP INPUT…: whether the last build, which wrote the stamp, was of these inputs.
is_built() {
  local stamp=$1
  shift
  [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$(checksum "$@")" ]
}
