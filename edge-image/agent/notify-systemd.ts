import { spawn } from "node:child_process";

/** Tells the service manager that the agent is up, and from then on that its event loop turns. sd_notify(3) */
export function notifySystemd(env: Readonly<Record<string, string | undefined>>, signal: AbortSignal): void {
  if (env["NOTIFY_SOCKET"] === undefined) return;
  // Node has no datagram sockets of the unix kind; a missing program shows as a failed start of the unit.
  const notify = (state: string): void => {
    spawn("systemd-notify", [state], { stdio: "ignore" }).on("error", () => undefined);
  };
  notify("READY=1");
  const limit = Number(env["WATCHDOG_USEC"]);
  if (!Number.isFinite(limit) || limit <= 0) return;
  const timer = setInterval(() => notify("WATCHDOG=1"), limit / 1000 / 3);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
