import type { MqttClient } from "mqtt";
import type { LifeCycle } from "./life-cycle";
import type { Versions } from "./report";
import { send } from "./uplink/send";

/**
 * A plain MQTT device: `<prefix>/status` is retained, `{"online":true}` or, by the will, `{"online":false}`; below
 * `<prefix>/event/agent/` are `version` and `health` (retained) and `heartbeat`.
 */
export const telemetryLifeCycle = (prefix: string): LifeCycle => {
  const topic = `${prefix}/status`;
  const offline = Buffer.from(JSON.stringify({ online: false }));
  const say = (client: MqttClient, versions: Versions): Promise<void> =>
    send(client, `${prefix}/event/agent/version`, JSON.stringify(versions), { qos: 1, retain: true });
  return {
    will: () => Promise.resolve({ topic, payload: offline, qos: 1, retain: true }),
    begin: async (client, versions, report) => {
      await Promise.all([
        send(client, topic, JSON.stringify({ online: true, since: report.time }), { qos: 1, retain: true }),
        say(client, versions),
      ]);
    },
    versions: say,
    report: async (client, report) => {
      const { time, uptime, queue } = report;
      await Promise.all([
        send(client, `${prefix}/event/agent/health`, JSON.stringify(report), { qos: 1, retain: true }),
        send(client, `${prefix}/event/agent/heartbeat`, JSON.stringify({ time, uptime, waiting: queue.waiting }), {
          qos: 0,
        }),
      ]);
    },
    ask: (client, wanted) => send(client, `${prefix}/event/agent/update`, JSON.stringify(wanted), { qos: 1 }),
    end: (client) => send(client, topic, offline, { qos: 1, retain: true }),
  };
};
