import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assembleImage } from "../../cli/image/assemble-image";
import { debianBase } from "../../cli/image/debian-base";
import { attachmentTag, LAYOUT_TAG } from "../../cli/image/image-name";
import { OciLayout } from "../../cli/image/oci-layout";
import { pushImage } from "../../cli/image/push-image";
import { verificationKey } from "../../cli/image/verification-key";
import { BROKER_ENV } from "../../policy/deployment";
import { findTool } from "../e2e/find-tool";
import { type BuiltImage, builtImage, quietly } from "./built-image";
import { type LoadedImage, loadImage } from "./load-image";
import { podman } from "./podman";
import { startRegistry } from "./registry";
import { type Container, runContainer } from "./run-container";

const root = mkdtempSync(join(tmpdir(), "dmz-image-"));
// The container's user must be able to reach what is mounted from here.
chmodSync(root, 0o755);
afterAll(() => rmSync(root, { recursive: true }));
let image: BuiltImage;
let loaded: LoadedImage;

beforeAll(async () => {
  image = await builtImage(root, "image");
  loaded = await loadImage(image.layout);
});
afterAll(async () => loaded?.remove());

const probe = [`${join(__dirname, "probe.js")}:/app/broker.cjs:ro`];
const name = (what: string) => `mqtt-dmz-test-${process.pid}-${what}`;

interface Probe {
  readonly [key: string]: unknown;
  readonly programs: readonly string[];
}

/** What the probe said. */
async function read(container: Container): Promise<Probe> {
  const lines: string[] = [];
  for await (const line of container.logs()) lines.push(line);
  await container.stop();
  return JSON.parse(lines.join("\n")) as Probe;
}

test("the process in the image is not root, has no capability, no shell, and nowhere to write", async () => {
  const found = await read(await runContainer({ image: loaded.name, name: name("probe"), volumes: probe }));
  expect(found).toMatchObject({
    node: expect.stringMatching(/^v24\./),
    uid: "10001\t10001\t10001\t10001",
    gid: "10001\t10001\t10001\t10001",
    capabilities: Array(5).fill("0000000000000000"),
    noNewPrivileges: "1",
    seccomp: "2",
    programs: ["/usr/bin/node"],
    shell: "ENOENT",
    writable: [],
    rootWrite: "EROFS",
    listen443: "done",
    listen8883: "done",
    zone: "1970-01-01 01:00:00",
  });
  expect(found["roots"]).toBeGreaterThan(100);
});

test("without the system control 443 is not given to it, and without the read-only root only permissions protect it", async () => {
  const found = await read(
    await runContainer({
      image: loaded.name,
      name: name("control"),
      volumes: probe,
      readOnly: false,
      sysctls: { "net.ipv4.ip_unprivileged_port_start": "1024" },
    }),
  );
  expect(found).toMatchObject({ listen443: "EACCES", listen8883: "done", rootWrite: "EACCES" });
  expect(found["writable"]).toContain("/var/lib/dmz");
});

test("the environment reaches the process and no command line", async () => {
  const secret = "seen-by-the-process-alone";
  const container = await runContainer({
    image: loaded.name,
    name: name("env"),
    volumes: probe,
    env: { PROBE_SECRET: secret },
  });
  expect(await podman("inspect", "--format", "{{.Config.CreateCommand}}", container.id)).not.toContain(secret);
  expect(await read(container)).toMatchObject({ secret });
});

test("two containers in two network namespaces are two machines that both listen on 443", async () => {
  const ip = findTool("ip", "apt-get install iproute2");
  const spaces = [`dmzt${process.pid}a`, `dmzt${process.pid}b`];
  try {
    for (const space of spaces) execFileSync(ip, ["netns", "add", space]);
    const containers = await Promise.all(
      spaces.map((netns) => runContainer({ image: loaded.name, name: name(netns), netns, volumes: probe })),
    );
    for (const found of await Promise.all(containers.map(read))) expect(found).toMatchObject({ listen443: "done" });
  } finally {
    for (const space of spaces) execFileSync(ip, ["netns", "del", space]);
  }
});

test("the broker in the image refuses an empty environment, naming every variable it needs", async () => {
  const container = await runContainer({ image: loaded.name, name: name("empty") });
  const lines: string[] = [];
  for await (const line of container.logs()) lines.push(line);
  expect(await container.stop()).not.toBe(0);
  expect(lines.join("\n")).toContain(BROKER_ENV.site);
  expect(lines.join("\n")).toContain(BROKER_ENV.source);
});

test("the broker in the image starts, waits for its secrets, and ends in order at SIGTERM", async () => {
  const vault = join(root, "vault");
  mkdirSync(vault);
  const store = join(root, "store");
  mkdirSync(store);
  chmodSync(store, 0o777);
  const container = await runContainer({
    image: loaded.name,
    name: name("broker"),
    volumes: [`${vault}:/vault:ro`, `${store}:/var/lib/dmz`],
    env: { [BROKER_ENV.site]: "plant", [BROKER_ENV.source]: "directory:/vault" },
  });
  for await (const line of container.logs()) if (line.includes('"event":"waiting"')) break;
  // Obeyed: one that is killed after 30 s ends with 137.
  expect(await container.stop()).toBe(0);
});

test("another build at another time, with another umask, gives the same digest", async () => {
  const umask = process.umask(0o077);
  const again = await builtImage(root, "again").finally(() => process.umask(umask));
  expect(again.digest).toBe(image.digest);
  expect(readFileSync(`${again.layout}.cdx.json`)).toEqual(readFileSync(`${image.layout}.cdx.json`));
  expect(image.size).toBeLessThan(60e6);
});

test("a time stated by SOURCE_DATE_EPOCH is in the image, so the digest is not the same by chance", async () => {
  const context = join(root, "context");
  for (const folder of ["base", "app", "store"]) mkdirSync(join(context, folder), { recursive: true });
  for (const file of ["node", "app/broker.cjs"]) writeFileSync(join(context, file), "stands for itself");
  const digestAt = async (seconds: number | undefined, layout: string) => {
    if (seconds !== undefined) process.env["SOURCE_DATE_EPOCH"] = String(seconds);
    const options = {
      platform: "linux/amd64",
      base: "scratch",
      version: "0",
      context,
      layout,
      tag: LAYOUT_TAG,
    } as const;
    await assembleImage(options).finally(() => delete process.env["SOURCE_DATE_EPOCH"]);
    return (await new OciLayout(layout).find(LAYOUT_TAG))!.digest;
  };
  const usual = await digestAt(undefined, join(root, "usual"));
  expect(await digestAt(undefined, join(root, "usual-again"))).toBe(usual);
  expect(await digestAt(1_750_000_000, join(root, "other-time"))).not.toBe(usual);
});

test("an image for another processor is built here too, since nothing of it is executed", async () => {
  const base = join(root, "arm64-base");
  mkdirSync(base);
  await debianBase("linux/arm64", base);
  expect(readdirSync(join(base, "lib"))).toContain("aarch64-linux-gnu");
});

test("the image goes to a registry and comes back the same, with all that is attached", async () => {
  const registry = await startRegistry();
  try {
    const { reference } = await pushImage(
      {
        layout: new OciLayout(image.layout),
        trusted: await verificationKey({ key: image.publicKey }),
        repository: async () => ({ name: `${registry.host}/mqtt-dmz/broker` }),
      },
      quietly,
    );
    expect(reference).toBe(`${registry.host}/mqtt-dmz/broker@${image.digest}`);
  } finally {
    await registry.stop();
  }
});

test("a signature verifies with openssl alone", async () => {
  const layout = new OciLayout(image.layout);
  const [layer] = (await layout.readManifest((await layout.find(attachmentTag(image.digest, "sig")))!)).layers;
  const signature = join(root, "signature");
  writeFileSync(signature, Buffer.from(layer!.annotations!["dev.cosignproject.cosign/signature"]!, "base64"));
  const payload = layout.blobPath(layer!.digest);
  const verified = execFileSync("openssl", [
    "dgst",
    "-sha256",
    "-verify",
    image.publicKey,
    "-signature",
    signature,
    payload,
  ]);
  expect(verified.toString()).toContain("Verified OK");
  expect(JSON.parse(readFileSync(payload, "utf8"))).toMatchObject({
    critical: { image: { "docker-manifest-digest": image.digest }, type: "cosign container image signature" },
  });
});

test("the bill of materials lists the bundled packages, Node and the Debian packages, and nothing that is not there", () => {
  const { components } = JSON.parse(readFileSync(`${image.layout}.cdx.json`, "utf8")) as {
    components: { name: string; version: string; purl: string; cpe?: string }[];
  };
  const version = (of: string) => components.find((component) => component.name === of)?.version;
  const declared = JSON.parse(readFileSync(join(__dirname, "../../broker/package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  expect(version("aedes")).toBe(declared.dependencies["aedes"]);
  expect(version("node")).toMatch(/^24\./);
  expect(version("libc6")).toMatch(/^2\./);
  expect(version("tzdata")).toMatch(/^20/);
  // apt fetches these for maintainer scripts that never run, and jest is no part of the broker.
  for (const absent of ["openssl", "debconf", "mawk", "jest", "cdktf"]) expect(version(absent)).toBeUndefined();
  expect(components.filter(({ purl }) => purl.startsWith("pkg:npm/")).length).toBeGreaterThan(20);
});
