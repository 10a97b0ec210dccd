import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { findTool } from "../e2e/find-tool";

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: "utf8", maxBuffer: 1e9 });

/** Modules that the Debian cloud kernel does not have built in. */
const MODULES = ["virtio_pci", "virtio_blk", "virtio_net", "nfsd", "nfsv4"];

/**
 * Starts a virtual machine (without KVM: nested, it hangs at boot on some hosts) with a stock Debian kernel, in which a kernel NFS server exports an ext4 disk and the same machine mounts it
 * as NFS 4.1; runs a command there. This machine's own kernel may know no NFS, and a client in user space would be another one than
 * what a task on EFS has.
 * @param work a folder for kernel, disk and image. @param app what lies in `/app` of the machine.
 * @returns each line that the machine wrote.
 */
export async function runOnNfs(work: string, app: string, command: string, withinMs: number): Promise<string[]> {
  const qemu = findTool("qemu-system-x86_64", "apt-get install qemu-system-x86");
  const kernel = unpackKernel(work);
  const root = join(work, "root");
  for (const tool of [
    process.execPath,
    findTool("rpc.nfsd", "apt-get install nfs-kernel-server"),
    "/usr/sbin/rpc.mountd",
    "/usr/sbin/exportfs",
    "/sbin/mount.nfs4",
  ])
    install(root, tool);
  copyInto(root, findTool("busybox", "apt-get install busybox-static"), "/bin/busybox");
  for (const file of ["/etc/netconfig", "/etc/protocols", "/etc/services"])
    if (existsSync(file)) copyInto(root, file, file);
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
  writeFileSync(join(root, "etc/hosts"), "127.0.0.1 localhost\n");
  writeFileSync(join(root, "etc/nsswitch.conf"), "hosts: files\npasswd: files\n");
  copyInto(root, "/lib/x86_64-linux-gnu/libnss_files.so.2", "/lib/x86_64-linux-gnu/libnss_files.so.2");
  cpSync(app, join(root, "app"), { recursive: true });
  writeFileSync(join(root, "modules"), kernel.modules.map((module) => installModule(root, module)).join("\n"));
  writeFileSync(join(root, "command"), command);
  copyInto(root, join(__dirname, "nfs-guest-init.sh"), "/init");
  chmodSync(join(root, "init"), 0o755);
  const image = join(work, "initrd");
  run("sh", "-c", `cd '${root}' && find . | cpio --quiet -o -H newc > '${image}'`);
  const disk = join(work, "disk.img");
  run("truncate", "-s", "1G", disk);
  run("mkfs.ext4", "-q", disk);
  const child = spawn(
    qemu,
    [
      ...["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "2048", "-nographic", "-no-reboot"],
      ...["-kernel", kernel.image, "-initrd", image, "-append", "console=ttyS0 quiet panic=-1"],
      ...["-drive", `file=${disk},format=raw,if=virtio,cache=none`],
      ...["-nic", "user,model=virtio-net-pci"],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const timer = setTimeout(() => child.kill("SIGKILL"), withinMs);
  const lines: string[] = [];
  child.stderr.on("data", (bytes: Buffer) => lines.push(bytes.toString()));
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  clearTimeout(timer);
  return lines;
}

/** The newest cloud kernel of the Debian release, from its package: it is not installed. */
function unpackKernel(work: string): { image: string; modules: readonly string[] } {
  const packages = run("apt-cache", "depends", "linux-image-cloud-amd64");
  const [, name] = /Depends: (linux-image-\S+)/.exec(packages) ?? [];
  if (!name) throw new Error("the Debian package 'linux-image-cloud-amd64' is not known: run apt-get update");
  const target = join(work, "kernel");
  mkdirSync(target, { recursive: true });
  execFileSync("apt-get", ["download", "-qq", name], { cwd: work, stdio: "ignore" });
  const archive = readdirSync(work).find((file) => file.endsWith(".deb"))!;
  run("dpkg", "-x", join(work, archive), target);
  const version = name.replace("linux-image-", "");
  run("depmod", "-b", target, version);
  const paths = MODULES.flatMap((module) =>
    run("modprobe", "-d", target, "-S", version, "--show-depends", module)
      .split("\n")
      .flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []),
  );
  return { image: join(target, "boot", `vmlinuz-${version}`), modules: [...new Set(paths)] };
}

/** Copies a program and the libraries that it is linked with. */
function install(root: string, program: string): void {
  copyInto(root, realpathSync(program), program === process.execPath ? "/usr/bin/node" : program);
  for (const [, library] of run("ldd", realpathSync(program)).matchAll(/(\/\S+\.so\S*)/g))
    copyInto(root, library!, library!);
}

function installModule(root: string, module: string): string {
  const name = `/lib/modules/${module.split("/").at(-1)!}`;
  copyInto(root, module, name);
  return name;
}

function copyInto(root: string, from: string, to: string): void {
  const target = join(root, to);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(realpathSync(from), target);
}
