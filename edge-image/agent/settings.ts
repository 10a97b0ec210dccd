import { EDGE_PATHS } from "../../policy/edge-device";

/** Where the agent finds what is its own. Only tests and the container form move it; nothing else is configured here. */
export interface AgentSettings {
  readonly image: string;
  readonly identity: string;
  readonly queue: string;
  readonly state: string;
  readonly update: string;
  readonly slot: string;
  readonly socket: string;
  readonly connected: string;
  /** How often the device says that it lives, ms. */
  readonly heartbeatMs: number;
  /** How long a broker may acknowledge nothing of what is under way, ms. */
  readonly answerMs: number;
  /** Bounds of the pause between two attempts to connect, ms. */
  readonly backOffMs: { readonly first: number; readonly longest: number };
  /** How long a clock that was never set may wait for network time, ms. */
  readonly networkTimeMs: number;
  /** Exists once network time has set the clock (systemd-timesyncd). */
  readonly synchronised: string;
}

const number = (text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`must be a whole number of milliseconds, got '${text}'`);
  return value;
};

/** @param env the process's environment: `DMZ_AGENT_DATA` and `DMZ_AGENT_RUN` move the folders, `DMZ_AGENT_IMAGE` the image's file */
export const readSettings = (env: Readonly<Record<string, string | undefined>>): AgentSettings => {
  const data = env["DMZ_AGENT_DATA"];
  const run = env["DMZ_AGENT_RUN"];
  const below = (path: string): string => (data === undefined ? path : path.replace(EDGE_PATHS.data, data));
  const runtime = (path: string): string => (run === undefined ? path : path.replace("/run/dmz-agent", run));
  return {
    image: env["DMZ_AGENT_IMAGE"] ?? EDGE_PATHS.image,
    identity: below(EDGE_PATHS.identity),
    queue: below(EDGE_PATHS.queue),
    state: below(EDGE_PATHS.state),
    update: below(EDGE_PATHS.update),
    slot: below(EDGE_PATHS.slot),
    socket: runtime(EDGE_PATHS.socket),
    connected: runtime(EDGE_PATHS.connected),
    heartbeatMs: number(env["DMZ_AGENT_HEARTBEAT_MS"], 60_000),
    answerMs: number(env["DMZ_AGENT_ANSWER_MS"], 90_000),
    backOffMs: {
      first: number(env["DMZ_AGENT_BACK_OFF_MS"], 1_000),
      longest: number(env["DMZ_AGENT_LONGEST_BACK_OFF_MS"], 60_000),
    },
    networkTimeMs: number(env["DMZ_AGENT_NETWORK_TIME_MS"], 30_000),
    synchronised: env["DMZ_AGENT_SYNCHRONISED"] ?? "/run/systemd/timesync/synchronized",
  };
};
