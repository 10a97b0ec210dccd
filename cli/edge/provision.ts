import { chmod, copyFile, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { EdgeImage } from "../../policy/edge-device";
import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";
import { runTool } from "../image/run-tool";
import { withWorkFolder } from "../image/work-folder";
import type { ClientConnection } from "../client-connection";
import { makeData } from "./make-data";
import { writeInto } from "./make-disk";
import { readDeviceBundle } from "./read-device-bundle";
import { readDiskImage } from "./read-disk-image";
import { requireUsableBundle } from "./require-usable-bundle";

export interface ProvisionOptions {
  /** Disk image, as `dmz image edge build` wrote it. */
  readonly image: string;
  /** Folder of one device's enrolment bundle. */
  readonly bundle: string;
  /** Disk image to write; the built one stays as it is. */
  readonly output: string;
  /** Replace an identity that is in the image already, with queue and state. @default false */
  readonly force?: boolean;
}

/** The device that the image now is. */
export interface Provisioned {
  readonly device: string;
  readonly site: string;
}

/**
 * Gives a disk image its device: a fresh data partition with the bundle. Nothing is mounted, so it needs no privilege.
 * @throws CommandError if the image is none of ours, was built for another site or not for this device, or has an
 *   identity already; or if the device could not connect with the bundle
 */
export async function provision({ image, bundle, output, force = false }: ProvisionOptions): Promise<Provisioned> {
  const data = await findPartition(image, "dmz-data");
  const slot = await findPartition(image, "dmz-slot-a");
  const connection = await readDeviceBundle(bundle);
  const built = await readDiskImage(image, slot.start);
  requireSame(built, image, connection, bundle);
  await requireUsableBundle(bundle, connection, built);
  return withWorkFolder(output, async (work) => {
    const file = join(work, "data.img");
    const disk = join(work, "disk.raw");
    await copyFile(image, disk);
    // From here on it is to hold a key and a password; the image as it was built is no secret.
    await chmod(disk, 0o600);
    await copyOut(disk, data, file);
    const has = await runTool("debugfs", ["-R", "ls -p /identity", file]);
    if (!force && /\/mqtt\.json\//.test(has.toString()))
      throw new CommandError(
        `${image}: has a device's identity already`,
        "provision the image as it was built, or say --force to replace it with all that waits in its queue",
      );
    await makeData(file, data.size / (1024 * 1024), work, bundle);
    await zero(disk, data);
    await writeInto(disk, file, data.start);
    await rm(output, { force: true });
    await rename(disk, output);
    return { device: connection.clientId, site: connection.site };
  });
}

/**
 * What the image itself knows of its device.
 * @throws CommandError unless the image was built for the bundle's device
 */
function requireSame(
  { site, host, devices }: EdgeImage,
  disk: string,
  connection: ClientConnection,
  bundle: string,
): void {
  const path = join(bundle, "mqtt.json");
  const { clientId } = connection;
  if (connection.site !== site)
    throw new CommandError(
      `${path}: 'site' must be '${site}', the site that ${disk} was built for, got '${connection.site}'`,
      `name an image of site '${connection.site}', or a bundle that 'dmz enrol ${site}' wrote`,
    );
  if (connection.host !== host)
    throw new CommandError(
      `${path}: 'host' must be '${host}', the only broker that the firewall in ${disk} lets out to, got '${connection.host}'`,
      `enrol the device anew if the site's host changed, or build the image anew: dmz image edge build ${site}`,
    );
  if (devices && !devices.includes(clientId))
    throw new CommandError(
      `${path}: 'clientId' must be a device that site '${site}' declared when ${disk} was built, got '${clientId}'`,
      `declare it and build the image anew: dmz image edge build ${site}; the image knows ${devices.join(", ")}`,
    );
}

interface Place {
  /** Bytes from the beginning of the disk. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
}

/** @throws CommandError if the disk has no such partition */
async function findPartition(image: string, label: string): Promise<Place> {
  const wrong = (why: string) =>
    new CommandError(
      `${image}: ${why}`,
      "name the .raw file that 'dmz image edge build' wrote; unpack a .zst with zstd -d",
      EXIT.usage,
    );
  const found = await stat(image).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") throw wrong("there is no such file");
    throw error;
  });
  if (!found.isFile()) throw wrong("is no file");
  const text = await runTool("sfdisk", ["--json", image]).catch(() => Buffer.from("{}"));
  const { partitiontable: table } = JSON.parse(text.toString()) as {
    partitiontable?: { sectorsize: number; partitions: { name?: string; start: number; size: number }[] };
  };
  const place = table?.partitions.find(({ name }) => name === label);
  if (table && place) return { start: place.start * table.sectorsize, size: place.size * table.sectorsize };
  throw wrong(`this is no disk image of ours, it has no partition '${label}'`);
}

const CHUNK = 1024 * 1024;

async function copyOut(disk: string, { start, size }: Place, into: string): Promise<void> {
  const [source, target] = [await open(disk, "r"), await open(into, "w")];
  try {
    const chunk = Buffer.alloc(CHUNK);
    for (let at = 0; at < size; at += CHUNK) {
      await source.read(chunk, 0, CHUNK, start + at);
      if (!chunk.every((byte) => byte === 0)) await target.write(chunk, 0, CHUNK, at);
    }
    await target.truncate(size);
  } finally {
    await source.close();
    await target.close();
  }
}

/** So that nothing of an earlier identity stays in what the new file system calls free. */
async function zero(disk: string, { start, size }: Place): Promise<void> {
  const file = await open(disk, "r+");
  try {
    const zeros = Buffer.alloc(CHUNK);
    for (let at = 0; at < size; at += CHUNK) await file.write(zeros, 0, CHUNK, start + at);
  } finally {
    await file.close();
  }
}
