import type { Client } from "aedes";
import { decodeAdmission, encodeAdmission } from "./admission";
import { sessionFault, type Session } from "./authenticate";
import type { Gate } from "./gate";
import type { Logger } from "./logger";
import type { Identities, Material } from "./material";
import { PacketRefused } from "./mqtt/packet-refused";
import { quote } from "./quote";
import { daysLeft, EXPIRES_SOON_DAYS } from "./watch-certificate";

const DAY = 86_400_000;

/** What Aedes does not keep for us about a client. */
interface Known {
  readonly willTopic: string | undefined;
  session?: Session;
  endLogged?: boolean;
  /** When it was last said that its certificate ends soon. */
  expirySaid?: number;
}

export const gateOf = (client: Client): Gate => client.conn as Gate;

/** Every client of one engine: who it is, what it was accepted on, and how the log speaks of it. */
export class KnownClients {
  readonly #known = new WeakMap<Client, Known>();
  readonly #accepted = new Set<Client>();

  constructor(
    private readonly material: Pick<Material, "identities" | "certificate">,
    private readonly log: Logger,
  ) {}

  /** Those that are accepted and still connected, in the order in which they came. */
  get accepted(): ReadonlySet<Client> {
    return this.#accepted;
  }

  /** Its CONNECT has come. */
  greet(client: Client, willTopic: string | undefined): void {
    this.#known.set(client, { willTopic });
    gateOf(client).once("close", () => this.#accepted.delete(client));
  }

  /** It is who it says. */
  accept(client: Client, session: Session): void {
    this.#of(client).session = session;
    this.#accepted.add(client);
    this.log.info(this.about(client), "client-accepted");
    this.sayExpiry(client);
  }

  /** Says once a day that an accepted client's certificate ends soon: on that day its session does, too. */
  sayExpiry(client: Client, now = new Date()): void {
    const { certificate } = gateOf(client).peer;
    const days = certificate && daysLeft(certificate, EXPIRES_SOON_DAYS.client, now);
    const state = this.#of(client);
    if (days === undefined || now.getTime() - (state.expirySaid ?? -Infinity) < DAY) return;
    state.expirySaid = now.getTime();
    this.log.warn({ ...this.about(client), days, notAfter: certificate?.validTo }, "client-certificate-expires");
  }

  willTopic(client: Client): string | undefined {
    return this.#known.get(client)?.willTopic;
  }

  /** Its identity; undefined before it is accepted. */
  nameOf(client: Client): string | undefined {
    return this.#known.get(client)?.session?.name;
  }

  /** The client's fields of a log line. */
  about(client: Client): Record<string, unknown> {
    const { peer } = gateOf(client);
    return {
      listener: peer.listener,
      address: peer.address,
      port: peer.port,
      clientId: client.id ? quote(client.id) : undefined,
      identity: this.nameOf(client),
      certFp: peer.certificate?.fingerprint256,
    };
  }

  /** Why a client would not be let in if it came now; undefined: it would. */
  faultToday(client: Client): string | undefined {
    return this.#fault(() => this.#known.get(client)?.session);
  }

  /** What it was accepted on. */
  admissionOf(client: Client): Buffer | undefined {
    const session = this.#known.get(client)?.session;
    return session && encodeAdmission(session);
  }

  /** The same as `faultToday`, of a client that another task accepted as `name`. */
  admissionFault(name: string, admission: Buffer): string | undefined {
    return this.#fault((identities) => decodeAdmission(admission, name, identities));
  }

  #fault(sessionIn: (identities: Identities) => Session | undefined): string | undefined {
    const { identities, certificate } = this.material;
    const session = identities && sessionIn(identities);
    return session && certificate ? sessionFault(session, identities, certificate.trust, new Date()) : "no session";
  }

  /** Aedes says "connection closed" once for every delivery that was under way: the first is enough. */
  logEnd(client: Client, reason: string): void {
    const state = this.#of(client);
    if (state.endLogged) return;
    state.endLogged = true;
    const { dropped } = gateOf(client);
    const level = state.session ? "info" : "debug";
    this.log[level]({ ...this.about(client), reason: quote(reason), dropped: dropped || undefined }, "client-closed");
  }

  logError(client: Client, error: Error): void {
    // Whoever breaks a rule of the standard, or of ours, is worth a line, also before it is known.
    if (!(error instanceof PacketRefused)) return this.logEnd(client, error.message);
    const { rule, returnCode } = error;
    this.log.warn({ ...this.about(client), reason: quote(error.message), rule, returnCode }, "packet-refused");
    this.#of(client).endLogged = true;
  }

  #of(client: Client): Known {
    const known = this.#known.get(client) ?? { willTopic: undefined };
    this.#known.set(client, known);
    return known;
  }
}
