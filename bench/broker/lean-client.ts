import type { OnReadOpts } from "node:net";
import { connect, type ConnectionOptions, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { connectFrame, DISCONNECT, subscribeFrame } from "./frames";
import { frameReader, type Heard } from "./frame-reader";
import type { ClientIdentity } from "./plant";
import type { Qos } from "./scenarios";

/** An MQTT client that does nothing it is not measured for. */
export interface LeanClient {
  readonly write: (bytes: Buffer) => void;
  readonly close: () => void;
  /** Settles when the connection is gone. */
  readonly closed: Promise<void>;
}

export interface LeanClientProps {
  readonly port: number;
  readonly trust: readonly string[];
  readonly identity: ClientIdentity;
  readonly clientId: string;
  /** MQTT's clean session. @default true */
  readonly clean?: boolean;
  /** @default the machine's choice */
  readonly localAddress?: string;
  /** @default none */
  readonly subscribe?: { readonly filter: string; readonly qos: Qos };
  /** @default nothing is expected */
  readonly heard?: Pick<Heard, "publish" | "pubAck">;
}

/** Every socket reads into this one: its bytes are used up before the next read. */
const READ_BUFFER = Buffer.allocUnsafe(64 * 1024);
const CONNECT_WITHIN_MS = 30_000;

const contexts = new Map<string, SecureContext>();
const contextOf = ({ name, certificate, key }: ClientIdentity, trust: readonly string[]): SecureContext => {
  const known = contexts.get(name);
  if (known) return known;
  // The same suite with both brokers, whatever each would prefer.
  const tls13 = { minVersion: "TLSv1.3", ciphers: "TLS_AES_128_GCM_SHA256" } as const;
  const made = createSecureContext({ ca: [...trust], cert: certificate, key, ...tls13 });
  contexts.set(name, made);
  return made;
};

/**
 * Connects over TLS 1.3 with a full handshake and resolves when the broker accepted the client, and its subscription.
 * @throws when it refuses either, or the connection ends before.
 */
export function openLeanClient(props: LeanClientProps): Promise<LeanClient> {
  const { port, trust, identity, clientId, clean, localAddress, subscribe, heard } = props;
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(`'${clientId}' ${why}`));
    };
    const timer = setTimeout(() => fail("got no answer to its CONNECT"), CONNECT_WITHIN_MS);
    const client = (): LeanClient => {
      clearTimeout(timer);
      return { write: (bytes) => void socket.write(bytes), close: () => void socket.end(DISCONNECT), closed };
    };
    const unasked = (): never => {
      throw new Error(`'${clientId}' got a message that it had not asked for`);
    };
    const read = frameReader({
      connAck: (code) => {
        if (code !== 0) fail(`was refused with return code ${code}`);
        else if (subscribe) socket.write(subscribeFrame(subscribe.filter, subscribe.qos));
        else resolve(client());
      },
      subAck: (code) => {
        if (code === subscribe?.qos) resolve(client());
        else fail(`asked for '${subscribe?.filter}' at QoS ${subscribe?.qos} and was granted ${code}`);
      },
      publish: heard ? heard.publish.bind(heard) : unasked,
      pubAck: heard ? heard.pubAck.bind(heard) : unasked,
    });
    const options: ConnectionOptions & { localAddress?: string; onread: OnReadOpts } = {
      host: "127.0.0.1",
      port,
      localAddress,
      servername: "localhost",
      secureContext: contextOf(identity, trust),
      onread: {
        buffer: READ_BUFFER,
        callback: (length, bytes) => {
          read((bytes as Buffer).subarray(0, length));
          return true;
        },
      },
    };
    const socket: TLSSocket = connect(options);
    socket.setNoDelay(true);
    const closed = new Promise<void>((gone) => {
      socket.once("close", () => gone());
    });
    socket.once("secureConnect", () => socket.write(connectFrame(clientId, identity.name, identity.password, clean)));
    // Only the first counts: later ones fall on a promise that is settled.
    socket.on("error", (error) => fail(`lost its connection: ${error.message}`));
    socket.once("close", () => fail("was disconnected"));
  });
}
