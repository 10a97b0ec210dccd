import { LoginBackOff } from "./abuse/login-back-off";
import { RateByKey } from "./abuse/rate-by-key";
import { clientIdSizeFault } from "./abuse/size-faults";
import type { Clock } from "./abuse/clock";
import { authenticate, REFUSED, type ConnectRequest, type Refusal, type Session } from "./authenticate";
import { identityFault } from "./check-certificate";
import { LIMITS } from "./limits";
import type { Identities } from "./material";
import type { ServerCertificate } from "./server-certificate";

/** A CONNECT and where it comes from. */
export interface LoginRequest extends ConnectRequest {
  readonly address: string;
}

export type LoginVerdict = { readonly session: Session } | (Refusal & { readonly holdMs: number });

export interface LoginProps {
  readonly material: () => {
    readonly identities: Identities | undefined;
    readonly certificate: ServerCertificate | undefined;
  };
  /** Monotonic. @default performance.now */
  readonly now?: Clock;
}

/** Decides on CONNECTs, one after the other, and remembers failures so that guessing costs whoever guesses. */
export class Login {
  readonly #backOff: LoginBackOff;
  /** Failures that are answered at once, by address: an address that has too many waits for its answers. */
  readonly #promptly: RateByKey;

  constructor(private readonly props: LoginProps) {
    const now = props.now ?? (() => performance.now());
    const times = {
      free: LIMITS.failuresFree,
      first: LIMITS.failureBackOffMs,
      longest: LIMITS.failureBackOffLongestMs,
      memory: LIMITS.failureMemoryMs,
      entries: LIMITS.failureEntries,
    };
    this.#backOff = new LoginBackOff(times, now);
    const rate = { perSecond: LIMITS.addressFailures, burst: LIMITS.addressFailuresBurst };
    this.#promptly = new RateByKey({ rate, entries: LIMITS.failureEntries, now });
  }

  /** @returns the session; or why not, and for how many milliseconds to hold the answer back. */
  decide(request: LoginRequest): LoginVerdict {
    const { identities, certificate } = this.props.material();
    const { address, userName = "" } = request;
    const refuse = (refusal: Refusal): LoginVerdict => ({
      ...refusal,
      holdMs: refusal.unproven && !this.#promptly.tryTake(address) ? LIMITS.heldRefusalMs : 0,
    });
    const tooLong = clientIdSizeFault(request.clientId);
    if (tooLong) return refuse({ returnCode: REFUSED.identifier, reason: tooLong, unproven: false });
    if (!identities || !certificate) {
      const reason = "credentials or access document are not there yet";
      return refuse({ returnCode: REFUSED.unavailable, reason, unproven: false });
    }

    const attempt = { address, userName, certified: certifies(request, userName, identities) };
    const wait = this.#backOff.waitFor(attempt);
    if (wait > 0) {
      const seconds = Math.ceil(wait / 1000);
      const reason = `too many failed logins; refused unread for another ${seconds} s`;
      return refuse({ returnCode: REFUSED.unavailable, reason, unproven: true });
    }
    const verdict = authenticate(request, identities, certificate.trust, new Date());
    if ("session" in verdict || !verdict.unproven) this.#backOff.succeeded(attempt);
    else this.#backOff.failed(attempt);
    return "session" in verdict ? verdict : refuse(verdict);
  }
}

/** Whether the handshake proved the key of this very identity; that the certificate is good was found at the handshake. */
function certifies({ certificate }: LoginRequest, name: string, { credentials }: Identities): boolean {
  const record = credentials.get(name);
  return !!certificate && !!record && identityFault(certificate, name, record.validFrom) === undefined;
}
