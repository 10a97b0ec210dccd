#!/bin/sh
# Runs a command among programs for another processor: what of them is started, QEMU interprets.
#   usage: emulated.sh <amd64|arm64> <command> [argument...]
# Nothing of this machine changes and nobody needs privilege: since Linux 6.7 a user namespace has its own table of
# interpreters. Where the machine's table names QEMU already, as Debian's qemu-user-static lets it on older ones, that is used.
set -eu
architecture=$1
shift
case $architecture in
  amd64) qemu=x86_64 machine='\x3e' ;;
  arm64) qemu=aarch64 machine='\xb7' ;;
  *) echo "no emulation is known for $architecture" >&2 && exit 1 ;;
esac
table=/proc/sys/fs/binfmt_misc
# F: the kernel opened QEMU when it was named, so that it is found in every root.
if grep -qs '^enabled' "$table/qemu-$qemu" && grep -qs '^flags:.*F' "$table/qemu-$qemu"; then exec "$@"; fi
interpreter=$(command -v "qemu-$qemu-static") || { echo "qemu-$qemu-static is not installed" >&2 && exit 1; }
# The head of an ELF file: 64 bits, little-endian, any system's; an executable (2) or shared object (3), the machine (ELF-64).
magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00'$machine'\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
export table entry=":qemu-$qemu:M::$magic:$mask:$interpreter:F"
inside='mount -t binfmt_misc binfmt_misc "$table" && printf %s "$entry" >"$table/register" && exec "$@"'
if [ "$(id -u)" -ne 0 ]; then
  exec unshare --user --map-root-user --map-auto --mount --pid --fork --kill-child sh -c "$inside" sh "$@"
fi
# Root is given no numbers in /etc/subuid, and may write the map of its namespace itself: made, mapped, entered.
gate=$(mktemp -d)
trap 'rm -r "$gate"' EXIT
mkfifo "$gate/made" "$gate/mapped"
exec 3<>"$gate/made"
{
  unshare --user sh -c 'echo $$ >&3; read -r _ <"$0"; exec unshare --mount --pid --fork --kill-child sh -c "$@" 3>&-' \
    "$gate/mapped" "$inside" sh "$@" || { code=$?; echo >&3; exit "$code"; }
} &
read -r process <&3
if [ -n "$process" ]; then
  for map in uid_map gid_map; do echo '0 0 65536' >"/proc/$process/$map"; done
  echo >"$gate/mapped"
fi
wait $!
