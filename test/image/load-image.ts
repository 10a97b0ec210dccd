import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { podman } from "./podman";

const run = promisify(execFile);

/** An image that podman can run. */
export interface LoadedImage {
  /** Name for `runContainer`. */
  readonly name: string;
  readonly remove: () => Promise<void>;
}

/** Puts the image of an OCI layout that `dmz image build` wrote into podman's store, under a name of its own. */
export async function loadImage(layout: string): Promise<LoadedImage> {
  const name = `localhost/mqtt-dmz-test:${randomBytes(6).toString("hex")}`;
  await run("skopeo", ["copy", "--quiet", `oci:${layout}:broker`, `containers-storage:${name}`]);
  return { name, remove: async () => void (await podman("rmi", "--force", name)) };
}
