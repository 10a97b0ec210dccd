import type { MqttClient } from "mqtt";
import type { ChunkRequest } from "./update/chunks";
import type { Report, Versions } from "./report";
import type { Will } from "./uplink/session";

/** How a device says that it is there, is well, and is gone. One for plain MQTT, one for Sparkplug B. */
export interface LifeCycle {
  /** For the next connection. */
  will(): Promise<Will | undefined>;
  /** The broker accepted us: say so. Data flows after it resolved; it may wait for as long as the connection lasts. `leave` ends it in good order, at any time later. */
  begin(client: MqttClient, versions: Versions, report: Report, gone: AbortSignal, leave: () => void): Promise<void>;
  /** At each heartbeat, and when what is wrong changes. */
  report(client: MqttClient, report: Report): Promise<void>;
  /** What runs, or what became of an update, is not what the beginning said. */
  versions(client: MqttClient, versions: Versions): Promise<void>;
  /** Asks whoever serves updates for a piece of an image. */
  ask(client: MqttClient, wanted: ChunkRequest): Promise<void>;
  /** Before a connection is ended on purpose: wills are not published then. */
  end(client: MqttClient): Promise<void>;
}
