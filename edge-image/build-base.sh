#!/bin/sh
# Makes the part of the image that is the same for every site: Debian's packages with rootfs/ over them.
#   usage: build-base.sh <architecture> <suite> <packages,with,commas> <output folder> [mirror]
# Writes base.tar, vmlinuz, initrd, stub.efi, loader.efi, packages.txt, and GRUB's boot.img and core.img for amd64. The same packages give the same bytes (SOURCE_DATE_EPOCH).
set -eu
architecture=$1 suite=$2 packages=$3 out=$4 mirror=${5:-}
here=$(cd "$(dirname "$0")" && pwd)
# finish-rootfs.sh makes the initrd, once: an interpreted one takes minutes.
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8 TZ=UTC here out architecture INITRD=No
umask 022
# Accounts that the firewall names get their numbers before a package takes whichever is free.
accounts='while read -r type name id rest; do
  [ "$type" = u ] || continue
  echo "$name:x:$id:$id:$name:/nonexistent:/usr/sbin/nologin" >>"$1/etc/passwd"
  echo "$name:x:$id:" >>"$1/etc/group"
  echo "$name:!*:20000::::::" >>"$1/etc/shadow"
  echo "$name:!*::" >>"$1/etc/gshadow"
done <"$here/rootfs/usr/lib/sysusers.d/dmz.conf"'
# rootfs/ goes in as the files are, owned by root; only what is executable for its owner is so on the device.
overlay='mkdir -p "$1/build" && tar -C "$here/rootfs" --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
  --mode=u+rwX,go+rX,go-w -cf - . | tar -C "$1" --no-overwrite-dir -xpf -
tar -C "$here" -cf - initramfs kernel-modules.txt "kernel-modules.$architecture.txt" finish-rootfs.sh | tar -C "$1/build" -xf -'
finish='chroot "$1" env SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" PATH=/usr/sbin:/usr/bin sh /build/finish-rootfs.sh && rm -r "$1/build"'
listing='chroot "$1" sh -c "dpkg-query -W -f \"\\\${Package}=\\\${Version}\\n\" | xargs apt-cache show" |
  grep -E "^(Package|Version|Architecture|SHA256):" >"$out/packages.txt"'
grub=:
[ "$architecture" != amd64 ] || grub='sh "$here/bios/make-grub.sh" "$1" "$out"'
kernel='cp "$1"/boot/vmlinuz-* "$out/vmlinuz" && cp "$1"/boot/initrd.img-* "$out/initrd" &&
cp "$1"/usr/lib/systemd/boot/efi/linux*.efi.stub "$out/stub.efi" &&
cp "$1"/usr/lib/systemd/boot/efi/systemd-boot*.efi "$out/loader.efi"'
# mmdebstrap keeps its own configuration in the chroot's /tmp: that, and only that, it removes itself.
removed='grep -v "^#" "$here/removed.txt" | (cd "$1" && while read -r pattern; do rm -rf -- $pattern; done)'
# Debian's scripts run on what they are for: interpreted, if that is another processor.
run=
[ "$(dpkg --print-architecture)" = "$architecture" ] || run="sh $here/emulated.sh $architecture"
$run mmdebstrap --architectures="$architecture" --skip=check/qemu --variant=apt --include="$packages" --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
  --aptopt='Apt::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/i18n/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --essential-hook="$accounts" --customize-hook="$overlay" --customize-hook="$finish" --customize-hook="$listing" \
  --customize-hook="$grub" --customize-hook="$kernel" --customize-hook="$removed" --skip=cleanup/apt \
  "$suite" "$out/base.tar" ${mirror:+"$mirror"}
