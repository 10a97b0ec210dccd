import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { LIMITS } from "./limits";
import type { ServerCertificate } from "./server-certificate";
import { secureContext } from "./tls-options";

/** What `/readyz` answers; the reasons go to the log, not to whoever asks. */
export interface Health {
  readonly ready: () => boolean;
}

/** `/healthz`: the process answers. `/readyz`: it could serve. Everything else is not there. No version, no server name. */
export function answerHealth(health: Health, request: IncomingMessage, response: ServerResponse): void {
  const answer = (status: number, text: string): void => {
    response.writeHead(status, {
      "Content-Type": "text/plain",
      "Content-Length": text.length,
      "Cache-Control": "no-store",
      Connection: "close",
    });
    response.end(request.method === "HEAD" ? undefined : text);
  };
  if (request.method !== "GET" && request.method !== "HEAD") return answer(404, "not found\n");
  if (request.url === "/healthz") return answer(200, "live\n");
  if (request.url === "/readyz") return health.ready() ? answer(200, "ready\n") : answer(503, "not ready\n");
  answer(404, "not found\n");
}

/** HTTPS with nothing but health, for the load balancer's own connections: no client certificate, no WebSockets. */
export function createHealthServer(certificate: ServerCertificate, health: Health): Server {
  const options = {
    ...secureContext(certificate),
    handshakeTimeout: LIMITS.handshakeMs,
    maxHeaderSize: LIMITS.httpHeaderBytes,
  };
  const server = createServer(options, (request, response) => answerHealth(health, request, response));
  server.on("secureConnection", (socket) => {
    const deadline = setTimeout(() => socket.destroy(), LIMITS.httpRequestMs).unref();
    socket.once("close", () => clearTimeout(deadline));
  });
  // A load balancer's probe that only connects is not worth a line.
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  server.on("upgrade", (_request, socket) => socket.destroy());
  return server;
}
