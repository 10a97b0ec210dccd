import { afterEach, expect, test } from "@jest/globals";
import { LEASE } from "../../broker/src/lease";
import type { BrokerProcess } from "./broker-process";
import { bundles } from "./bundles";
import { expectKept } from "./expect-kept";
import { FaultSite } from "./fault-site";
import { MqttConnection } from "./mqtt-connection";
import { report, spread } from "./report";
import { SCALE } from "./scale";

const built = bundles();
let site: FaultSite | undefined;
afterEach(() => site?.close());

/** When a task logged an event last, in milliseconds since 1970. */
const at = ({ lines }: BrokerProcess, name: string): number =>
  Date.parse(String(lines.findLast(({ event }) => event === name)?.["ts"]));

const STATUS = "plant/line/gw-3/status";

test(
  `the active task is killed ${SCALE.kills} times at any moment: nothing acknowledged is lost, and wills are as promised`,
  async () => {
    // Patient publishers: they see a broker's end at once, and a busy machine must not make them silent for too long.
    site = await FaultSite.start({ bundle: built.broker, publisherKeepalive: 15 });
    // A device with a will that goes down together with its first broker.
    const will = { topic: STATUS, payload: Buffer.from("offline"), qos: 1 as const, retain: false };
    let gone: Awaited<ReturnType<typeof MqttConnection.open>>;
    while (!gone) gone = await MqttConnection.open(site.connectAs("gw-3", { will }));
    const times: number[] = [];
    /** Of them, what the new one took from the lease to its first client. */
    const opened: number[] = [];
    for (let kill = 0; kill < SCALE.kills; kill++) {
      const { active } = site;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2_000));
      const taken = site.takenOver(active);
      active.signal("SIGKILL");
      gone.connection.destroy();
      times.push(await taken);
      opened.push(at(site.active, "active") - at(site.active, "lease-acquired"));
      await site.launch();
    }
    const account = await site.settle();
    const figures = spread(times);
    await report("kill -9", account, {
      kills: SCALE.kills,
      ...figures,
      openedLongestS: spread(opened).longestS,
      openedMedianS: spread(opened).medianS,
    });
    expectKept(account);
    expect(figures.longestS * 1_000).toBeLessThanOrEqual(LEASE.ttlMs + (SCALE.isFull ? 3_000 : 10_000));
    expect(site.subscribers.map(({ forgotten }) => forgotten)).toEqual([0, 0]);

    // Its will outlived every one of these brokers, and is published once, when the last one's patience ends.
    const [scada] = site.subscribers;
    const offline = (name: string): number =>
      scada!.others.filter(([topic, text]) => topic === `plant/line/${name}/status` && text === "offline").length;
    const end = performance.now() + 45_000;
    while (offline("gw-3") === 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(offline("gw-3")).toBe(1);
    // Those who came back each time never had theirs published.
    expect([offline("gw-1"), offline("gw-2")]).toEqual([0, 0]);
  },
  SCALE.kills * 30_000 + 180_000,
);
