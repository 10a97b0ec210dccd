import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { LevelKeyValue } from "../../broker/src/persistence/level-key-value";
import { EpochFolders } from "../../broker/src/store/epoch-folders";
import { takeCheckpoint } from "../../broker/src/store/take-checkpoint";

/* `dmz store restore-task`: what it prints is run here as ECS would run it, on a store's folder. */

jest.setTimeout(120_000);

let root: string;
let store: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mqtt-dmz-test-"));
  store = join(root, "store");
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
const run = promisify(execFile);
const node = (...args: string[]): Promise<Result> =>
  run(process.execPath, args, { env: { ...process.env, NO_COLOR: "1" } }).then(
    (out) => ({ code: 0, ...out }),
    (error: Result) => error,
  );
const dmz = (...args: string[]): Promise<Result> =>
  node(join(__dirname, "../../cli/dmz.js"), "store", "restore-task", ...args);

interface Task {
  readonly family: string;
  readonly volumes: readonly object[];
  readonly containerDefinitions: readonly {
    readonly entryPoint: readonly string[];
    readonly command: readonly string[];
    readonly mountPoints: readonly object[];
  }[];
}

/** What ECS says of the broker's task. */
async function definition(): Promise<string> {
  const volume = {
    name: "message-store",
    efsVolumeConfiguration: { fileSystemId: "fs-1", transitEncryption: "ENABLED" },
  };
  const container = {
    name: "broker",
    image: "registry/broker@sha256:1",
    readonlyRootFilesystem: true,
    portMappings: [{ containerPort: 8883 }],
    mountPoints: [{ sourceVolume: "message-store", containerPath: store, readOnly: false }],
    logConfiguration: { logDriver: "awslogs" },
  };
  const path = join(root, "broker.json");
  const taskDefinition = {
    taskDefinitionArn: "arn:aws:ecs:eu-central-1:123456789012:task-definition/plant-broker:7",
    family: "plant-broker",
    revision: 7,
    status: "ACTIVE",
    taskRoleArn: "arn:aws:iam::123456789012:role/plant-broker-task",
    networkMode: "awsvpc",
    cpu: "512",
    memory: "1024",
    volumes: [volume],
    containerDefinitions: [container],
  };
  await writeFile(path, JSON.stringify({ taskDefinition }));
  return path;
}

const NAMES = ["checkpoint-20260101T000000Z", "checkpoint-20260101T060000Z"] as const;
/** A store with two checkpoints in `backup/`, and one record more in each than in the one before it. */
async function makeStore(): Promise<void> {
  const live = join(store, "epoch-000000000001");
  await mkdir(join(store, "backup"), { recursive: true });
  const keyValue = await LevelKeyValue.open({ folder: live, create: true });
  for (const name of NAMES) {
    await keyValue.batch([{ type: "put", key: `retained/${name}`, value: Buffer.from("x") }]);
    await takeCheckpoint(live, join(store, "backup", name));
  }
  await keyValue.close();
  await writeFile(join(live, "COMPLETED"), "");
}
async function task(...more: string[]): Promise<Task> {
  const { code, stdout, stderr } = await dmz(await definition(), ...more);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Task;
}
/** Keys of the store that the next epoch begins with. */
async function nextEpoch(): Promise<string[]> {
  const folder = await new EpochFolders({ root: store }).begin(2, "epoch-000000000001");
  expect(folder.isRestored).toBe(true);
  const keyValue = await LevelKeyValue.open({ folder: folder.path, create: false });
  const keys = [...(await keyValue.range({ gte: "", lt: "~" }))].map(([key]) => key);
  await keyValue.close();
  return keys;
}

test("the broker's own task with another program, which puts a checkpoint in place; the next epoch begins with it", async () => {
  await makeStore();
  const made = await task(NAMES[0]);
  expect(made).toMatchObject({
    family: "plant-restore",
    taskRoleArn: "arn:aws:iam::123456789012:role/plant-broker-task",
    networkMode: "awsvpc",
    containerDefinitions: [
      { image: "registry/broker@sha256:1", user: "10001:10001", portMappings: [], readonlyRootFilesystem: true },
    ],
  });
  expect(Object.keys(made)).not.toContain("revision");
  expect(made.volumes).toHaveLength(1);
  const [{ entryPoint, command }] = made.containerDefinitions as [Task["containerDefinitions"][0]];
  expect(entryPoint).toEqual(["/usr/bin/node"]);
  expect(await node(...command)).toMatchObject({ code: 0, stderr: "" });
  expect(await nextEpoch()).toEqual([`retained/${NAMES[0]}`]);
});

test("of a recovery point, out of the folder that AWS Backup makes in a new file system", async () => {
  await makeStore();
  const restored = join(root, "restored");
  await cp(store, join(restored, "aws-backup-restore_2026-01-02T03-04-05-123Z/messages"), { recursive: true });
  await rm(join(store, "backup"), { recursive: true });
  const { volumes, containerDefinitions } = await task(NAMES[1], "--file-system", "fs-0123456789abcdef0");
  expect(volumes[1]).toEqual({
    name: "restored",
    efsVolumeConfiguration: { fileSystemId: "fs-0123456789abcdef0", transitEncryption: "ENABLED" },
  });
  const [{ command, mountPoints }] = containerDefinitions as [Task["containerDefinitions"][0]];
  expect(mountPoints[1]).toEqual({ sourceVolume: "restored", containerPath: "/restored", readOnly: true });
  const here = command.map((word) => (word === "/restored" ? restored : word));
  expect(await node(...here)).toMatchObject({ code: 0, stderr: "" });
  expect(await nextEpoch()).toEqual(NAMES.map((name) => `retained/${name}`));
});

test("in the place of one that no epoch could begin with, which is kept beside it", async () => {
  await makeStore();
  await mkdir(join(store, "restore"));
  const [{ command }] = (await task(NAMES[1])).containerDefinitions as [Task["containerDefinitions"][0]];
  expect(await node(...command)).toMatchObject({ code: 0, stderr: "" });
  expect(await nextEpoch()).toEqual(NAMES.map((name) => `retained/${name}`));
  expect((await readdir(store)).filter((name) => name.startsWith("set-aside-restore-"))).toHaveLength(1);
});

test("a checkpoint that is not there is said with those that are, and nothing is changed", async () => {
  await makeStore();
  const before = await readdir(store);
  const [{ command }] = (await task("checkpoint-20250101T000000Z")).containerDefinitions as [
    Task["containerDefinitions"][0],
  ];
  const { code, stderr } = await node(...command);
  expect([code, stderr]).toEqual([1, expect.stringContaining("there are 0 of it among")]);
  expect(stderr).toContain(NAMES[1]);
  expect(await readdir(store)).toEqual(before);
});

test("what is no definition, checkpoint or file system is refused", async () => {
  const path = await definition();
  const other = join(root, "other.json");
  await writeFile(other, JSON.stringify({ taskDefinition: { family: "plant-broker" } }));
  const wrong: readonly (readonly [string[], string])[] = [
    [[join(root, "none.json"), NAMES[0]], "there is no such file"],
    [[other, NAMES[0]], "is not the definition of a broker's task"],
    [[path, "epoch-000000000001"], "<checkpoint>: must look like"],
    [[path, NAMES[0], "--file-system", "fs-1/x"], "--file-system: must look like"],
  ];
  for (const [args, reason] of wrong) {
    const { code, stdout, stderr } = await dmz(...args);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining(reason)]);
  }
});
