import { BROKER_ENV } from "../../policy/deployment";
import { LIMIT_TABLE, type Limit } from "./limits";
import { DEFAULT_SITE_LIMITS } from "./site-limits";

const shown = ({ value, unit }: Limit): string => {
  if (unit === "bytes" && value % (1024 * 1024) === 0) return `${value / 1024 / 1024} MiB`;
  if (unit === "bytes" && value % 1024 === 0) return `${value / 1024} KiB`;
  if (unit === "ms" && value % 1000 === 0) return `${value / 1000} s`;
  return `${value.toLocaleString("en-US")} ${unit}`;
};

/** The text of docs/limits.md: written by `npx tsx broker/src/limits-page.ts > docs/limits.md`, held to the code by a test. */
export function limitsPage(): string {
  const rows = Object.entries<Limit>(LIMIT_TABLE).map(([name, limit]) => {
    const variable = name in DEFAULT_SITE_LIMITS ? `\`${BROKER_ENV[name as keyof typeof DEFAULT_SITE_LIMITS]}\`` : "";
    return `| \`${name}\` | ${shown(limit)} | ${limit.why} | ${variable} |`;
  });
  return `# Limits

Every bound that the broker sets. This page is written from \`broker/src/limits.ts\` by \`npx tsx broker/src/limits-page.ts\`, and a
test holds it to the code. Most are constants: a limit that everybody sets differently protects nobody. Those that depend on
the task's size or on the plant may be set by the environment variable in the last column.

What happens at a limit: a connection beyond its room is reset before a byte of TLS is read, one that has not
logged in where somebody else needs its place; a CONNECT is refused with
return code 3; a SUBSCRIBE's filter with 0x80; a PUBLISH above its rate waits, unread, in the client's own socket; a packet that
is too large ends the connection on its first bytes. Each is one line in the log, and of a flood of lines a few, with
the number of those left out as \`suppressed\`.

Wills at a hand-over: when a task gives the lease back (SIGTERM) or loses it, it publishes no will. Its clients are well, and
connect to the next active task, with their will, within seconds; publishing would tell every consumer that the whole plant has died.

| Limit | Value | Why | Variable |
|---|---|---|---|
${rows.join("\n")}
`;
}

if (require.main === module) process.stdout.write(limitsPage());
