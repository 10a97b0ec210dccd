#!/bin/sh
# Makes the boot loader for machines without UEFI out of Debian's GRUB: boot.img for the disk's first sector, core.img with the
# modules and grub.cfg for its own partition.
#   usage: make-grub.sh <root file system> <output folder>, as a hook of mmdebstrap
# The packages come through the root's own apt, which verifies them, and are listed to be pinned as those that are in the root;
# nothing of them stays there.
set -eu
root=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$root/grub
mkdir "$work" "$work/deb" "$work/disk"
cd "$work/deb"
APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -q -o APT::Sandbox::User=root download grub-common grub-pc-bin
for package in *.deb; do
  dpkg-deb -x "$package" "$work"
  dpkg-deb -f "$package" Package Version Architecture
  echo "SHA256: $(sha256sum "$package" | cut -d' ' -f1)"
done >>"$out/packages.txt"
cp "$here/early.cfg" "$work"
cp "$here/grub.cfg" "$work/disk"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --mode=u=rw,go=r --format=ustar \
  -C "$work/disk" -cf "$work/disk.tar" grub.cfg
# The prefix comes after the memdisk, which sets one, too: with it $root is the boot partition of the disk that was started.
chroot "$root" /grub/usr/bin/grub-mkimage --format=i386-pc --directory=/grub/usr/lib/grub/i386-pc --output=/grub/core.img \
  --config=/grub/early.cfg --memdisk=/grub/disk.tar --prefix='(,gpt1)/grub' $(grep -v '^#' "$here/modules")
cp "$work/core.img" "$work/usr/lib/grub/i386-pc/boot.img" "$out"
cd /
rm -r "$work"
