import { describe, expect, test } from "@jest/globals";
import { X509Certificate } from "node:crypto";
import { Material } from "../../broker/src/material";
import { parseServerCertificate } from "../../broker/src/server-certificate";
import { watchCertificate } from "../../broker/src/watch-certificate";
import { watchHolder } from "../../broker/src/watch-holder";
import { AlarmReceivers } from "../../constructs/alarm-receivers";
import { BrokerAlarms } from "../../constructs/broker-alarms";
import { BrokerService } from "../../constructs/broker-service";
import { secretName } from "../../policy/deployment";
import { accepted } from "../broker/client";
import { captureLog, type LogCapture, type LogLine } from "../broker/log-capture";
import { certify, createPlant, SITE } from "../broker/plant";
import { SetLease } from "../broker/set-lease";
import { startTestBroker } from "../broker/start-test-broker";
import { testSite } from "../site";
import { synth } from "../synth";
import { fitsFilter } from "./fits-filter";
import { siteParts } from "./site-parts";

const built = synth((stack) => {
  const site = testSite();
  const parts = siteParts(stack, site);
  const broker = new BrokerService(stack, "broker", { ...parts, after: [] });
  const receivers = new AlarmReceivers(stack, "alarm-receivers", { site, keys: parts.keys });
  new BrokerAlarms(stack, "broker-alarms", { site, receivers, broker, loadBalancer: parts.dmz.loadBalancer });
});
const seen = ({ lines }: LogCapture, role: string): readonly LogLine[] =>
  lines.filter((line) => fitsFilter(String(built.at(`broker-alarms/${role}-filter`).pattern), line));
const DAY = 86_400_000;
const daysBefore = (pem: string, days: number): Date =>
  new Date(Date.parse(new X509Certificate(pem).validTo) - days * DAY);

describe("BrokerAlarms", () => {
  test("that nobody holds the lease is counted once a failover would be over, and not while somebody does", async () => {
    const logs = captureLog();
    const lease = new SetLease();
    lease.holder = { epoch: 1, address: "10.0.0.1" };
    const stop = watchHolder({ lease, log: logs.log, times: { noHolderMs: 40, holderProbeMs: 2 } });
    const began = performance.now();
    while (performance.now() - began < 100) await new Promise((resolve) => setImmediate(resolve));
    expect(seen(logs, "no-active-task")).toEqual([]);
    lease.holder = undefined;
    const gone = performance.now();
    await logs.until("no-active-task");
    expect(performance.now() - gone).toBeGreaterThanOrEqual(39);
    stop();
    expect(seen(logs, "no-active-task").length).toBeGreaterThan(0);
  });

  test("identities that cannot be loaded are counted when those in use are old, and not at the first failure", async () => {
    const logs = captureLog();
    const { vault } = await createPlant();
    const material = new Material({ vault, site: SITE, log: logs.log, intervals: { manifests: 5, certificate: 5 } });
    await material.start();
    vault.read = () => Promise.reject(new Error("not reachable"));
    const line = await logs.until("material-not-loaded");
    material.stop();
    expect(line["lastGoodSecondsAgo"]).toEqual(expect.any(Number));
    expect(seen(logs, "stale-identities")).toEqual([]);
    const pattern = String(built.at("broker-alarms/stale-identities-filter").pattern);
    expect(fitsFilter(pattern, { ...line, lastGoodSecondsAgo: 301 })).toBe(true);
  });

  test("a server certificate that nobody renewed is counted in its last twenty days, its CA in its last year", async () => {
    const { vault } = await createPlant();
    const name = secretName.serverCertificate(SITE);
    const server = parseServerCertificate(name, (await vault.read(name))!.value, "1");
    const { leaf, trust } = server;
    const saidAt = (now: Date): readonly unknown[] => {
      const logs = captureLog();
      watchCertificate({ certificate: () => server, log: logs.log, now: () => now })();
      return seen(logs, "certificate-expires").map(({ what, days }) => [what, days]);
    };
    expect(saidAt(daysBefore(leaf.toString(), 89))).toEqual([]);
    expect(saidAt(daysBefore(leaf.toString(), 20))).toEqual([]);
    expect(saidAt(daysBefore(leaf.toString(), 19))).toEqual([["server", 19]]);
    expect(saidAt(daysBefore(trust[0]!.toString(), 364))).toContainEqual(["certificateAuthority", 364]);
  });

  test("a connected client's certificate is counted in its last thirty days, another's is not", async () => {
    const plant = await createPlant();
    const broker = await startTestBroker(plant);
    try {
      const notAfter = new Date(Date.now() + 29.5 * DAY);
      const { key, certificate: cert } = await certify(plant.authority, "gw-1", { notAfter });
      const client = await accepted(broker, plant, "gw-1", { key, cert });
      const other = await accepted(broker, plant, "gw-2");
      await broker.logs.until("client-accepted", ({ identity }) => identity === "gw-2");
      expect(seen(broker.logs, "client-certificate-expires")).toEqual([
        expect.objectContaining({ identity: "gw-1", days: 29 }),
      ]);
      await client.endAsync();
      await other.endAsync();
    } finally {
      await broker.close();
    }
  });

  test("no task ready, one missing, one not ready and one short of memory are alarms, and silence is one where it can be", () => {
    const dimensions = {
      LoadBalancer: built.ref("load-balancer/lb", "arn_suffix"),
      TargetGroup: built.ref("load-balancer/mqtt-targets", "arn_suffix"),
    };
    const service = {
      ClusterName: built.ref("broker/cluster", "name"),
      ServiceName: built.ref("broker/service", "name"),
    };
    const alarm = (role: string) => built.at(`broker-alarms/${role}`);
    expect(alarm("no-broker")).toMatchObject({
      metric_name: "HealthyHostCount",
      dimensions,
      comparison_operator: "LessThanThreshold",
      threshold: 1,
      treat_missing_data: "breaching",
    });
    expect(alarm("not-ready")).toMatchObject({ metric_name: "UnHealthyHostCount", dimensions, threshold: 1 });
    expect(alarm("task-missing")).toMatchObject({
      metric_name: "CPUUtilization",
      statistic: "SampleCount",
      dimensions: service,
      comparison_operator: "LessThanThreshold",
      threshold: built.at("broker/service").desired_count,
      treat_missing_data: "breaching",
    });
    expect(alarm("memory")).toMatchObject({ metric_name: "MemoryUtilization", dimensions: service, threshold: 90 });
  });

  test("a renewal of the server's certificate that failed is an alarm", () => {
    expect(built.at("broker-alarms/rotation-failed")).toMatchObject({
      namespace: "AWS/Lambda",
      metric_name: "Errors",
      dimensions: { FunctionName: "plant-ca-rotate" },
      threshold: 0,
      comparison_operator: "GreaterThanThreshold",
    });
  });
});
