import { acceptRequest } from "../../ca/accept-request";
import type { Authority } from "../../ca/authority";
import { createKeyAndRequest } from "../../ca/csr";
import { signLeaf } from "../../ca/sign-leaf";

/** ms */
export const DAY = 86_400_000;

/** So many days from today. */
export const day = (n: number): Date => new Date(Date.now() + n * DAY);

/** A server's certificate that is valid from one day to another, counted from today: the other way to move a clock. */
export const serverCertificate = async (
  authority: Authority,
  from: number,
  to: number,
  changes: { readonly usage?: "clientAuth" | "serverAuth"; readonly dns?: string[] } = {},
) => {
  const { key, csr } = await createKeyAndRequest("localhost");
  const certificate = await signLeaf(authority, {
    commonName: "localhost",
    publicKey: await acceptRequest(csr),
    usage: changes.usage ?? "serverAuth",
    names: (changes.dns ?? ["localhost"]).map((value) => ({ type: "dns" as const, value })),
    notBefore: day(from),
    notAfter: day(to),
  });
  return { key, certificate };
};
