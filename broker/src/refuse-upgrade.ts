import { STATUS_CODES, type IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { ServerCertificate } from "./server-certificate";
import { quote } from "./quote";

/** Why a request to upgrade is refused: HTTP status for the peer, words for the log. */
export interface UpgradeRefusal {
  readonly status: number;
  readonly reason: string;
}

export interface UpgradeRules {
  readonly refusal: (request: IncomingMessage) => UpgradeRefusal | undefined;
}

export interface UpgradeRulesProps {
  /** Undefined: the origins that the server certificate names, over https. */
  readonly origins: readonly string[] | undefined;
  readonly certificate: () => ServerCertificate;
  readonly isActive: () => boolean;
}

/** A request that intermediaries could read in another way than we do (RFC 9112, sections 3.2, 6.1; RFC 6455, section 4.2.1). */
function shapeFault({ method, httpVersion, headers, rawHeaders }: IncomingMessage): string | undefined {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length;
  if (method !== "GET") return `method ${quote(method ?? "")}, not GET`;
  if (httpVersion !== "1.1") return `HTTP ${httpVersion}, not 1.1`;
  if (hosts !== 1) return `${hosts} Host headers, not one`;
  for (const name of ["content-length", "transfer-encoding", "expect"])
    if (headers[name] !== undefined) return `a '${name}' header: there is no body`;
  return undefined;
}

/** Who may open a WebSocket, and where. A request without an Origin comes from no browser: TLS and MQTT decide on it. */
export function upgradeRules({ origins, certificate, isActive }: UpgradeRulesProps): UpgradeRules {
  const trusted = (origin: string): boolean => {
    if (origins) return origins.includes(origin);
    if (!URL.canParse(origin)) return false;
    const { protocol, hostname } = new URL(origin);
    const { leaf } = certificate();
    return protocol === "https:" && (isIP(hostname) ? leaf.checkIP(hostname) : leaf.checkHost(hostname)) !== undefined;
  };
  return {
    refusal: (request) => {
      const fault = shapeFault(request);
      if (fault !== undefined) return { status: 400, reason: fault };
      const { origin } = request.headers;
      const protocols = request.headers["sec-websocket-protocol"]?.split(",").map((name) => name.trim()) ?? [];
      if (request.url !== "/mqtt") return { status: 404, reason: `no such path: ${quote(request.url ?? "")}` };
      if (origin !== undefined && !trusted(origin))
        return { status: 403, reason: `origin not allowed: ${quote(origin)}` };
      // [MQTT-6.0.0-3], [MQTT-6.0.0-4]
      if (!protocols.includes("mqtt")) return { status: 400, reason: "subprotocol 'mqtt' not offered" };
      if (!isActive()) return { status: 503, reason: "not the active task" };
      return undefined;
    },
  };
}

/** Answers a request that is refused with a bare status line, and ends the connection. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on("error", () => socket.destroy());
  if (!socket.writable) return void socket.destroy();
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}
