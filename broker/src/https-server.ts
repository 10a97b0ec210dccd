import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { WebSocketServer } from "ws";
import { WebSocketDuplex } from "./websocket-duplex";
import { Gate } from "./gate";
import { answerHealth, type Health } from "./health";
import { LIMITS } from "./limits";
import { logHandshakeError, logRefused, type ClientServerProps } from "./mqtt-server";
import { PacketRefused } from "./mqtt/packet-refused";
import type { Peer } from "./peer";
import { peerOf } from "./peer-of";
import { refuseUpgrade, type UpgradeRefusal, type UpgradeRules } from "./refuse-upgrade";
import { clientTlsOptions } from "./tls-options";

/** Bytes that Node reads from a socket at once. */
const ONE_READ = 64 * 1024;

export interface HttpsServerProps extends ClientServerProps {
  readonly health: Health;
  readonly rules: UpgradeRules;
}

/**
 * HTTPS on 443: MQTT over WebSockets at `/mqtt`, `/healthz`, `/readyz`, and 404 for everything else. Like the MQTT
 * server it listens nowhere and is handed raw connections.
 */
export function createHttpsServer(
  props: HttpsServerProps,
  onClient: (gate: Gate, request: IncomingMessage) => void,
): Server {
  const { certificate, addresses, log, health, rules } = props;
  const peers = new WeakMap<Duplex, Peer>();
  const deadlines = new WeakMap<Duplex, NodeJS.Timeout>();
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.packetBytes,
    maxBufferedChunks: LIMITS.webSocketPieces,
    maxFragments: LIMITS.webSocketPieces,
    handleProtocols: () => "mqtt",
    // WebSocketDuplex answers pings.
    autoPong: false,
  });
  /** Who has an answer, and so no further request: each says "Connection: close". */
  const answered = new WeakSet<Duplex>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    answered.add(request.socket);
    answerHealth(health, request, response);
  };
  const server = createServer({ ...clientTlsOptions(certificate()), maxHeaderSize: LIMITS.httpHeaderBytes }, answer);
  // Neither invited to send a body nor kept for another request.
  server.on("checkContinue", answer);
  server.on("checkExpectation", answer);

  const refuse = (socket: Duplex, event: string, { status, reason }: UpgradeRefusal): void => {
    const peer = peers.get(socket);
    log.warn({ listener: "wss", address: peer?.address, port: peer?.port, reason }, event);
    refuseUpgrade(socket, status);
  };
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    // Of a handshake that failed, Node says so here, too.
    if (!peers.has(socket)) return void socket.destroy(error);
    // Gone already: nobody to answer, and no event.
    if (error.code === "ECONNRESET" || answered.has(socket)) return void socket.destroy();
    const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400;
    refuse(socket, "request-refused", { status, reason: error.code ?? error.message });
  });
  webSockets.on("wsClientError", (error, socket) =>
    refuse(socket, "upgrade-refused", { status: 400, reason: error.message }),
  );

  server.on("secureConnection", (socket: TLSSocket) => {
    try {
      peers.set(socket, peerOf("wss", socket, addresses, certificate()));
    } catch (error) {
      logRefused(log, "wss", addresses.of(socket), error);
      socket.destroy();
      return;
    }
    // Node's own request timeouts run only in a server that listens.
    const deadline = setTimeout(() => socket.destroy(), LIMITS.httpRequestMs).unref();
    deadlines.set(socket, deadline);
    socket.once("close", () => clearTimeout(deadline));
  });

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    if (answered.has(socket)) return void socket.end();
    const peer = peers.get(socket);
    const refused = peer ? refusalOf(rules, request) : undefined;
    if (!peer || refused) return refuse(socket, "upgrade-refused", refused ?? { status: 400, reason: "no peer" });
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      clearTimeout(deadlines.get(socket));
      const gate = new Gate(new WebSocketDuplex(webSocket), peer);
      limitBeforeAdmission(socket, gate);
      onClient(gate, request);
    });
  });
  server.on("tlsClientError", (error, socket) =>
    logHandshakeError(log, "wss", addresses.of(socket), socket.bytesRead, error),
  );
  return server;
}

/**
 * ws keeps a frame until it is whole, and its limit is that of an admitted client: before, the gate's is held here, on the
 * bytes that come in (as far as one read goes beyond it).
 */
function limitBeforeAdmission(socket: Duplex, gate: Gate): void {
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > LIMITS.connectPacketBytes + ONE_READ)
      gate.destroy(new PacketRefused(`${bytes} bytes from a client that is not admitted yet`));
  };
  socket.on("data", count);
  gate.once("admitted", () => socket.off("data", count));
}

/** A check that fails refuses: whatever a stranger sent must end neither in a WebSocket nor in the end of the process. */
function refusalOf(rules: UpgradeRules, request: IncomingMessage): UpgradeRefusal | undefined {
  try {
    return rules.refusal(request);
  } catch (error) {
    return { status: 400, reason: error instanceof Error ? error.message : String(error) };
  }
}
