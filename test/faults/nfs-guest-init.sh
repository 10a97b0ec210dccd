#!/bin/busybox sh
# Process 1 of the virtual machine: a kernel NFS server on an ext4 disk, and its own mount of it over loopback, as EFS is NFS 4.1.
/bin/busybox mkdir -p /proc /sys /dev /tmp /run /var/lib/nfs/v4recovery /var/lib/nfs/rpc_pipefs /export /mnt /usr/bin /sbin
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin:/usr/sbin:/sbin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
for module in $(cat /modules); do insmod "$module" || echo "NFS-FAILED insmod $module"; done
ip link set lo up; ip link set eth0 up; ip address add 10.0.2.15/24 dev eth0; ip route add default via 10.0.2.2
mount -t ext4 /dev/vda /export || echo "NFS-FAILED no disk"
mount -t nfsd nfsd /proc/fs/nfsd
: >/var/lib/nfs/etab; : >/var/lib/nfs/rmtab
echo 10 >/proc/fs/nfsd/nfsv4gracetime; echo 10 >/proc/fs/nfsd/nfsv4leasetime
echo '/export 127.0.0.1(rw,sync,no_root_squash,insecure,no_subtree_check,fsid=0)' >/etc/exports
exportfs -ra
rpc.mountd -N 3
rpc.nfsd -N 3 -V 4.1 4
echo Y >/proc/fs/nfsd/v4_end_grace
mount.nfs4 127.0.0.1:/ /mnt -o vers=4.1,hard,timeo=600,retrans=2,rsize=1048576,wsize=1048576,noresvport || echo "NFS-FAILED no mount"
grep nfs4 /proc/mounts
eval "$(cat /command)"
poweroff -f
