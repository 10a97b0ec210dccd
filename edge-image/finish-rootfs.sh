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
cat /build/initramfs/modules /build/initramfs/modules."$(dpkg --print-architecture)" >>/etc/initramfs-tools/modules
cp /build/initramfs/hooks/* /etc/initramfs-tools/hooks/
cp /build/initramfs/scripts/local-top/* /etc/initramfs-tools/scripts/local-top/
sed -i 's/^MODULES=.*/MODULES=list/; s/^COMPRESS=.*/COMPRESS=zstd/' /etc/initramfs-tools/initramfs.conf
version=$(basename /lib/modules/*)
cd "/lib/modules/$version"
# Keep what kernel-modules.txt names, then let the index agree with it.
mv kernel all
grep -hv '^#' /build/kernel-modules.txt /build/kernel-modules.*.txt | while read -r path; do
  [ -e "all/$path" ] || { echo "kernel-modules.txt: the kernel has no $path" >&2; exit 1; }
  mkdir -p "kernel/$(dirname "$path")"
  cp -a "all/$path" "kernel/$path"
done
# And what those need, however far away it lies.
find kernel -name '*.ko' |
  awk 'NR == FNR { kept[$0 ":"]; next } $1 in kept { for (i = 2; i <= NF; i++) print $i }' - modules.dep |
  sort -u | sed 's#^kernel/##' | (cd all && xargs cp -an --parents -t ../kernel)
rm -r all
depmod "$version"
cd /
update-initramfs -c -k "$version"
rm -rf /var/log/* /var/cache/ldconfig /var/tmp/* /var/lib/systemd/random-seed
