# Sourced by the other scripts: how they speak, on stderr, like the product itself.

say() { printf 'setup: %s\n' "$*" >&2; }

# fail CODE MESSAGE REMEDY: this machine or user cannot, exit 3.
fail() {
  printf 'error[%s]: %s\ntry: %s\n' "$1" "$2" "$3" >&2
  exit 3
}
