#!/bin/sh
# Runs inside the root file system, as the last step of mmdebstrap, after rootfs/ was copied over it.
set -eu
systemd-sysusers
mkdir -p /data /usr/lib/dmz-agent /var/lib/systemd/timesync
systemctl preset-all
systemctl set-default multi-user.target
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
passwd --lock root >/dev/null
: >/etc/machine-id
rm -f /var/lib/dbus/machine-id /etc/hostname.dpkg-* /etc/.pwd.lock /etc/*-
# Nobody becomes anybody else here.
find / -xdev -type f -perm /6000 -exec chmod ug-s {} +
cat /build/initramfs/modules >>/etc/initramfs-tools/modules
cp /build/initramfs/hooks/* /etc/initramfs-tools/hooks/
cp /build/initramfs/scripts/local-top/* /etc/initramfs-tools/scripts/local-top/
sed -i 's/^MODULES=.*/MODULES=list/; s/^COMPRESS=.*/COMPRESS=zstd/' /etc/initramfs-tools/initramfs.conf
version=$(basename /lib/modules/*)
cd "/lib/modules/$version"
# Keep what kernel-modules.txt names, then let the index agree with it.
mv kernel all
grep -v '^#' /build/kernel-modules.txt | while read -r path; do
  [ -e "all/$path" ] || { echo "kernel-modules.txt: the kernel has no $path" >&2; exit 1; }
  mkdir -p "kernel/$(dirname "$path")"
  cp -a "all/$path" "kernel/$path"
done
# And what those need, however far away it lies.
(cd kernel && find . -name '*.ko') | sed 's#^\./#kernel/#' | while read -r module; do
  sed -n "s#^$module: ##p" modules.dep
done | tr ' ' '\n' | sort -u | while read -r needed; do
  [ -z "$needed" ] || [ -e "$needed" ] || { mkdir -p "$(dirname "$needed")" && cp -a "all/${needed#kernel/}" "$needed"; }
done
rm -r all
depmod "$version"
cd /
update-initramfs -u -k "$version"
rm -rf /var/log/* /var/cache/ldconfig /var/tmp/* /var/lib/systemd/random-seed
