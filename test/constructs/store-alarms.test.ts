import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { followLease } from "../../broker/src/activation";
import { Material } from "../../broker/src/material";
import { DEFAULT_SITE_LIMITS } from "../../broker/src/site-limits";
import { BackupCheckpoints } from "../../broker/src/store/backup-checkpoints";
import { FolderStore } from "../../broker/src/store/folder-store";
import { TableLease } from "../../broker/src/table-lease";
import { AlarmReceivers } from "../../constructs/alarm-receivers";
import { StoreAlarms } from "../../constructs/store-alarms";
import { BROKER_EVENTS } from "../../policy/broker-events";
import type { Site } from "../../policy/site";
import { captureLog, type LogCapture, type LogLine } from "../broker/log-capture";
import { MemoryLeaseTable } from "../broker/memory-lease-table";
import { MemoryVault } from "../broker/memory-vault";
import { SetLease } from "../broker/set-lease";
import { testSite } from "../site";
import { synth } from "../synth";
import { fitsFilter } from "./fits-filter";
import { siteParts } from "./site-parts";

const alarmsOf = (site: Site) =>
  synth((stack) => {
    const logGroup = new CloudwatchLogGroup(stack, "log-group", { name: "broker" });
    const { keys, store } = siteParts(stack, site);
    const receivers = new AlarmReceivers(stack, "alarm-receivers", { site, keys });
    new StoreAlarms(stack, "store-alarms", { site, receivers, store, logGroup, after: [] });
  });
const built = alarmsOf(testSite({ lifetime: "permanent" }));
const pattern = (role: string): string => String(built.at(`store-alarms/${role}-filter`).pattern);

let logs: LogCapture;
let folder: string;
beforeEach(async () => {
  logs = captureLog();
  folder = await mkdtemp(join(tmpdir(), "dmz-alarms-"));
});
afterEach(() => rm(folder, { recursive: true }));
const seen = (role: string): readonly LogLine[] => logs.lines.filter((line) => fitsFilter(pattern(role), line));

describe("StoreAlarms", () => {
  test("a lease that runs out is counted, one that is handed over is not", async () => {
    let paused = 0;
    const table = new MemoryLeaseTable();
    const lease = (holder: string): TableLease =>
      new TableLease({
        table: table.view(),
        holder,
        address: holder,
        log: logs.log,
        now: () => performance.now() + paused,
      });
    const [first, second] = [lease("10.0.0.1"), lease("10.0.0.2")];
    await first.start();
    await first.release();
    first.stop();
    expect(logs.lines.some(({ event }) => event === BROKER_EVENTS.leaseLost)).toBe(true);
    expect(seen("lease-lost")).toEqual([]);
    await second.start();
    paused = 60_000;
    expect(second.epoch).toBeUndefined();
    second.stop();
    expect(seen("lease-lost")).toHaveLength(1);
    expect(seen("lease-expired")).toEqual([]);
  });

  test("a holder that was killed says nothing, and is counted when another takes over", async () => {
    let later = 0;
    const table = new MemoryLeaseTable();
    const lease = (holder: string): TableLease =>
      new TableLease({
        table: table.view(),
        holder,
        address: holder,
        log: logs.log,
        times: { ttlMs: 10_000, renewMs: 3_000, lookMs: 1 },
        now: () => performance.now() + later,
      });
    const [first, second] = [lease("10.0.0.1"), lease("10.0.0.2")];
    await first.start();
    first.stop();
    const taken = once(second, "acquired");
    await second.start();
    expect(seen("lease-expired")).toEqual([]);
    later = 60_000;
    await taken;
    second.stop();
    expect(seen("lease-lost")).toEqual([]);
    expect(seen("lease-expired")).toHaveLength(1);
  });

  test("a store that cannot be opened is counted", async () => {
    const { log } = logs;
    const lease = Object.assign(new SetLease(), { epoch: 2, completed: "epoch-000000000001" });
    const material = new Material({ vault: new MemoryVault(), site: "plant", log });
    const failed = new Promise<Error>((resolve) => {
      const store = new FolderStore({ root: folder, log });
      followLease({
        lease,
        store,
        material,
        log,
        limits: DEFAULT_SITE_LIMITS,
        onActive: () => undefined,
        onFailure: resolve,
      });
    });
    lease.emit("acquired", 2);
    await failed;
    expect(seen("store-errors")).toHaveLength(1);
  });

  test("a checkpoint for the backup is counted, and one that fails is an error of the store", async () => {
    const good = new FolderStore({ root: folder, log: logs.log });
    const lease = Object.assign(new SetLease(), { epoch: 1 });
    const keyValue = await good.open(1, lease);
    await logs.until(BROKER_EVENTS.checkpoint);
    await keyValue!.close();
    expect(seen("checkpoint")).toHaveLength(1);
    expect(seen("store-errors")).toEqual([]);
    const times = { everyMs: 0, keep: 1, lookMs: 60_000 };
    const source = join(folder, "nowhere");
    const bad = new BackupCheckpoints({ root: folder, source, log: logs.log, times });
    await logs.until("store-checkpoint-failed");
    await bad.stop();
    expect(seen("store-errors")).toHaveLength(1);
  });

  test("each counts in the site's own namespace and alarms at the first one within a minute", () => {
    for (const [role, metric] of [
      ["lease-lost", "LeaseLost"],
      ["store-errors", "StoreErrors"],
    ] as const) {
      expect(built.at(`store-alarms/${role}-filter`)).toMatchObject({
        log_group_name: built.ref("log-group", "name"),
        metric_transformation: { name: metric, namespace: "mqtt-dmz/plant", value: "1" },
      });
      expect(built.at(`store-alarms/${role}`)).toMatchObject({
        metric_name: metric,
        namespace: "mqtt-dmz/plant",
        threshold: 1,
        period: 60,
        comparison_operator: "GreaterThanOrEqualToThreshold",
      });
    }
  });

  test("half a day without a checkpoint is an alarm on a site that is backed up, and silence is one too", () => {
    expect(built.at("store-alarms/no-checkpoint")).toMatchObject({
      threshold: 1,
      period: 43_200,
      comparison_operator: "LessThanThreshold",
      treat_missing_data: "breaching",
    });
    const ephemeral = alarmsOf(testSite()).all("aws_cloudwatch_metric_alarm");
    expect(ephemeral.map(({ alarm_name }) => alarm_name)).toEqual([
      "plant-lease-lost",
      "plant-store-errors",
      "plant-store-large",
      "plant-store-slow",
    ]);
  });

  test("a backup that failed or did not begin is an alarm on the site's own vault", () => {
    for (const [role, metric_name] of [
      ["backup-failed", "NumberOfBackupJobsFailed"],
      ["backup-late", "NumberOfBackupJobsExpired"],
    ] as const)
      expect(built.at(`store-alarms/${role}`)).toMatchObject({
        namespace: "AWS/Backup",
        metric_name,
        dimensions: { BackupVaultName: built.ref("message-store/store-backup/vault", "name") },
        threshold: 0,
        comparison_operator: "GreaterThanThreshold",
      });
  });

  test("the file system's own figures are looked at: how much it holds, and whether it is the limit", () => {
    const FileSystemId = built.ref("message-store/file-system");
    expect(built.at("store-alarms/store-large")).toMatchObject({
      metric_name: "StorageBytes",
      dimensions: { FileSystemId, StorageClass: "Total" },
      threshold: 50e9,
    });
    expect(built.at("store-alarms/store-slow")).toMatchObject({
      metric_name: "PercentIOLimit",
      dimensions: { FileSystemId },
      period: 300,
      evaluation_periods: 3,
    });
  });
});
