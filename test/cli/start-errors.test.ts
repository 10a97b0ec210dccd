import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { temporaryFolder } from "../vault/temporary-folder";
import { runDmz, startDmz } from "./run-dmz";
import { writeSite } from "./site-folder";

// The real command as a child process, on a machine that others may use.
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let busy: Server;
let port: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  busy = createServer().listen(0, "127.0.0.1");
  await once(busy, "listening");
  port = String((busy.address() as AddressInfo).port);
  const at = (...path: string[]): string => join(folder.path, ...path);
  await writeSite(at("one"), "plant");
  await writeSite(at("two"), "plant");
  await writeSite(at("two"), "harbour");
  await writeSite(at("faulty"), "plant", `capacity: 0, access: "private",`);
  await writeSite(at("lonely"), "plant", `edge: [],`);
  mkdirSync(at("none"));
  mkdirSync(at("open"));
  chmodSync(at("open"), 0o777);
  mkdirSync(at("others", "vault", "photos"), { recursive: true, mode: 0o700 });
  mkdirSync(at("shop", "store", "till"), { recursive: true, mode: 0o700 });
  writeFileSync(at("a-file"), "");
});
afterAll(async () => {
  busy.close();
  await folder.remove();
});

const FREE = ["--mqtt-port", "0", "--https-port", "0"];

interface Case {
  readonly title: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly code: number;
  readonly says: RegExp;
}

const cases: readonly Case[] = [
  {
    title: "a folder that others may write to",
    args: ["--sites", "one", ...FREE, "--dir", "open"],
    code: 1,
    says: /open: others may write there, and could lead keys elsewhere or replace them; .*--dir$/,
  },
  {
    title: "--fresh where somebody else's vault is",
    args: ["--sites", "one", ...FREE, "--fresh", "--dir", "others"],
    code: 1,
    says: /others\/vault: --fresh removes the vault of site 'plant', and this holds 'photos'; .*--dir/,
  },
  {
    title: "--fresh where somebody else's store is",
    args: ["--sites", "one", ...FREE, "--fresh", "--dir", "shop"],
    code: 1,
    says: /shop\/store: --fresh removes what starts of site 'plant' made, and there is no vault of it in .*--dir/,
  },
  {
    title: "a port for MQTT in use",
    args: ["--sites", "one", "--https-port", "0", "--mqtt-port", "BUSY"],
    code: 1,
    says: /^dmz: port BUSY on 127\.0\.0\.1 is in use; .*--mqtt-port$/,
  },
  {
    title: "a port for HTTPS in use",
    args: ["--sites", "one", "--mqtt-port", "0", "--https-port", "BUSY"],
    code: 1,
    says: /^dmz: port BUSY on 127\.0\.0\.1 is in use; .*--https-port$/,
  },
  {
    title: "both ports the same",
    args: ["--sites", "one", "--mqtt-port", "4000", "--https-port", "4000"],
    code: 2,
    says: /both 4000; give each its own/,
  },
  { title: "a port that is none", args: ["--mqtt-port", "70000"], code: 2, says: /0 \(any free port\) to 65535/ },
  {
    title: "a folder that cannot be one",
    args: ["--sites", "one", ...FREE, "--dir", "a-file/inside"],
    code: 1,
    says: /a-file\/inside: a file is where a folder must be/,
  },
  {
    title: "a folder in which none can be made",
    args: ["--sites", "one", ...FREE, "--dir", process.platform === "linux" ? "/proc/dmz/inside" : "a-file/inside"],
    code: 1,
    says: /no folder can be made there; choose another with --dir|a file is where a folder must be/,
  },
  {
    title: "an unknown site, with the one that was meant",
    args: ["plnat", "--sites", "two", ...FREE],
    code: 2,
    says: /there is no site 'plnat'; did you mean 'plant'\? The sites are: harbour, plant/,
  },
  {
    title: "an unknown site that resembles none",
    args: ["quarry", "--sites", "two", ...FREE],
    code: 2,
    says: /there is no site 'quarry'; The sites are: harbour, plant/,
  },
  {
    title: "no site named where there are two",
    args: ["--sites", "two", ...FREE],
    code: 2,
    says: /there are 2 sites; say which: harbour, plant$/,
  },
  {
    title: "no site named where there are two, by 'npm start'",
    args: ["--sites", "two", ...FREE],
    env: { npm_lifecycle_event: "start" },
    code: 2,
    says: /there are 2 sites; say which: harbour, plant \(npm start -- harbour\)$/,
  },
  {
    title: "no site at all",
    args: ["--sites", "none", ...FREE],
    code: 2,
    says: /none: there is no site here; write one with 'dmz new'/,
  },
  {
    title: "a folder of sites that is not there",
    args: ["--sites", "nowhere", ...FREE],
    code: 2,
    says: /nowhere: there is no such folder; .*--sites/,
  },
  {
    title: "a file for the folder of sites",
    args: ["--sites", "a-file", ...FREE],
    code: 2,
    says: /^dmz: .*a-file: this is no folder; name the folder of the site files with --sites$/,
  },
  {
    title: "a site with faults, all of them",
    args: ["--sites", "faulty", ...FREE],
    code: 2,
    says: /plant\.ts[^]*has 2 faults[^]*access: must be "internet"[^]*capacity: must be/,
  },
  {
    title: "a demo of a site without edge devices",
    args: ["--sites", "lonely", "--demo", ...FREE],
    code: 2,
    says: /the demo needs two edge devices and an enterprise client/,
  },
  {
    title: "a misspelt option",
    args: ["--mqtt-prot", "1"],
    code: 2,
    says: /unknown option '--mqtt-prot'\n\(Did you mean --mqtt-port\?\)/,
  },
];

describe("start says what is wrong, where, and what to do, without a stack trace", () => {
  test.each(cases)("$title", async ({ args, env = {}, code, says }) => {
    const props = { cwd: folder.path, env: { npm_lifecycle_event: "test", ...env } };
    const result = await runDmz(["start", ...args.map((arg) => arg.replace("BUSY", port))], props);
    expect(result.stderr.replaceAll(port, "BUSY")).toMatch(says);
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(result).toMatchObject({ code, stdout: "" });
  });

  test("as an event, with --json", async () => {
    const result = await runDmz(["start", "plnat", "--sites", "two", "--json", ...FREE], { cwd: folder.path });
    expect(result).toMatchObject({ code: 2, stderr: "" });
    expect(JSON.parse(result.stdout)).toMatchObject({
      event: "error",
      exitCode: 2,
      message: expect.stringContaining("did you mean 'plant'"),
    });
  });

  test("and where it happened, with DMZ_DEBUG", async () => {
    const result = await runDmz(["start", "plnat", "--sites", "two", ...FREE], {
      cwd: folder.path,
      env: { DMZ_DEBUG: "1" },
    });
    expect(result.stderr).toMatch(/choose-site\.ts/);
  });
});

test("a fault in another site's file does not keep the named one from starting", async () => {
  await writeSite(join(folder.path, "mixed"), "plant");
  await writeSite(join(folder.path, "mixed"), "another", "capacity: 0,");
  const args = ["--sites", "mixed", "--exit-after-demo", ...FREE];
  expect(await runDmz(["start", "plant", ...args], { cwd: folder.path })).toMatchObject({ code: 0, stderr: "" });
  const faulty = await runDmz(["start", "another", ...args], { cwd: folder.path });
  expect(faulty).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringMatching(/another\.ts[^]*capacity: must be/),
  });
});

test("a site's name is misspelt, and so is a command: the nearest one is offered", async () => {
  const result = await runDmz(["strat"], { cwd: folder.path });
  expect(result).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/unknown command 'strat'\n\(Did you mean start\?\)/),
  });
});

test("help documents every command and the exit codes", async () => {
  const result = await runDmz(["--help"], { cwd: folder.path });
  expect(result.code).toBe(0);
  for (const word of ["start", "enrol", "new", "image", "Exit codes:", "DMZ_DEBUG"])
    expect(result.stdout).toContain(word);
});

test("a listener that goes away does not stop a site that runs", async () => {
  const site = startDmz(["start", "--sites", "one", "--json", "--exit-after-demo", ...FREE], { cwd: folder.path });
  await site.event("ready");
  site.child.stdout!.destroy();
  expect(await site.end()).toMatchObject({ code: 0, stderr: "" });
});
