import { once } from "node:events";
import { isIP, type TcpSocketConnectOpts } from "node:net";
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { createWebSocketStream, WebSocket } from "ws";
import { childSignal } from "../child-signal";
import type { DeviceIdentity } from "../identity/read-identity";
import type { PeerCheck } from "../time/peer-check";

/** How long a name's addresses together may take to answer and shake hands, ms. */
const CONNECT_MS = 30_000;

/**
 * How long each address of a name but the last may take to answer, ms; Node's own 250 are less than a slow link needs, or a
 * lost SYN, which is sent again after one second and three (RFC 6298).
 */
const ADDRESS_MS = 5_000;

/** A verified connection. */
export interface Line {
  readonly stream: Duplex;
  /** Did the other side end it in order, with all that it had to say (FIN)? Not so a line that broke: that is reset, or times out. */
  readonly wasEnded: () => boolean;
}

/**
 * Opens a verified connection to a broker: TLS 1.2 or newer with the device's own certificate, the site's CA alone, and
 * the address's own name. Nothing of MQTT is sent before the broker's certificate has been accepted.
 *
 * @param url `mqtts://host:port`, or `wss://host:port/path` where only 443 is let through
 */
export async function dial(
  url: string,
  identity: DeviceIdentity,
  check: PeerCheck,
  signal: AbortSignal,
): Promise<Line> {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const options: ConnectionOptions & Pick<TcpSocketConnectOpts, "autoSelectFamilyAttemptTimeout"> = {
    host,
    port: Number(port || (protocol === "wss:" ? 443 : 8883)),
    autoSelectFamilyAttemptTimeout: ADDRESS_MS,
    servername: isIP(host) === 0 ? host : undefined,
    ca: [...identity.ca],
    cert: identity.certificate,
    key: identity.key,
    minVersion: "TLSv1.2",
    rejectUnauthorized: check.rejectUnauthorized,
  };
  const socket = connect(options);
  let ended = false;
  socket.once("end", () => (ended = true));
  // A socket that fails after its waiter has gone must not end the process.
  socket.on("error", () => undefined);
  const limit = childSignal(signal);
  const timer = setTimeout(limit.abort, CONNECT_MS);
  try {
    await once(socket, "secureConnect", { signal: limit.signal });
    check.accept(socket, host);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    const stream = protocol === "wss:" ? await upgrade(url, socket, signal) : socket;
    return { stream, wasEnded: () => ended };
  } catch (error) {
    socket.destroy();
    if (limit.signal.aborted && !signal.aborted)
      throw new Error(`no answer within ${CONNECT_MS / 1000} s`, { cause: error });
    // Of several addresses: it has no words of its own.
    const { errors } = Object(error) as { readonly errors?: readonly Error[] };
    if (errors) throw new Error(errors.map(({ message }) => message).join(", "), { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
    limit.release();
  }
}

/** MQTT over WebSockets, on the verified connection. */
async function upgrade(url: string, socket: TLSSocket, signal: AbortSignal): Promise<Duplex> {
  const webSocket = new WebSocket(url, "mqtt", {
    createConnection: () => socket,
    perMessageDeflate: false,
    handshakeTimeout: CONNECT_MS,
  });
  webSocket.on("error", () => undefined);
  await once(webSocket, "open", { signal });
  return createWebSocketStream(webSocket);
}
