import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { connectFrame, subscribeFrame } from "./frames";
import type { ClientIdentity } from "./plant";
import type { Qos } from "./scenarios";

export interface StalledClientProps {
  readonly port: number;
  readonly trust: readonly string[];
  readonly identity: ClientIdentity;
  readonly clientId: string;
  readonly filter: string;
  readonly qos: Qos;
}

const SUBACK = 0x90;

/**
 * A client that subscribes and then reads not a byte more.
 * @returns its connection, once its subscription is granted. Whether it still stands shows only when it is read again.
 */
export async function openStalledClient(props: StalledClientProps): Promise<TLSSocket> {
  const { port, trust, identity, clientId, filter, qos } = props;
  const { key, certificate } = identity;
  const secure = { ca: [...trust], key, cert: certificate, servername: "localhost" };
  const socket = connect({ host: "127.0.0.1", port, ...secure });
  await once(socket, "secureConnect");
  socket.on("error", () => undefined);
  socket.write(Buffer.concat([connectFrame(clientId, identity.name, identity.password), subscribeFrame(filter, qos)]));
  let heard = Buffer.alloc(0);
  while (!heard.includes(SUBACK)) {
    const [part] = (await once(socket, "data")) as [Buffer];
    heard = Buffer.concat([heard, part]);
  }
  socket.pause();
  return socket;
}
