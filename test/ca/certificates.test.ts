import { execFile as execFileCallback } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { promisify } from "node:util";

import { beforeAll, describe, expect, test } from "@jest/globals";

import { acceptRequest } from "../../ca/accept-request";
import { openAuthority } from "../../ca/authority";
import { createKeyAndRequest } from "../../ca/csr";
import { issueClientCertificate } from "../../ca/issue-client";
import { issueServerCertificate } from "../../ca/issue-server";
import { RefusedRequest } from "../../ca/refused-request";
import { namesOf } from "../../ca/server-names";
import { x509 } from "../../ca/x509";
import { handshake, type Party } from "./handshake";
import { siteAuthority } from "./site-authority";

const execFile = promisify(execFileCallback);

type SiteAuthority = Awaited<ReturnType<typeof siteAuthority>>;

const NAMES = { dns: ["mqtt.plant1.example"], ip: ["127.0.0.1"] };
const MINUTE = 60_000;
const DAY = 86_400_000;

const dates = (pem: string): { from: number; to: number } => {
  const { validFrom, validTo } = new X509Certificate(pem);
  return { from: Date.parse(validFrom), to: Date.parse(validTo) };
};
const extension = (pem: string, oid: string): InstanceType<typeof x509.Extension> =>
  new x509.X509Certificate(pem).extensions.find(({ type }) => type === oid)!;

const clientOf = async (
  authority: SiteAuthority,
  name: string,
  validFrom = 0,
  now = new Date(),
): Promise<Party & { cert: string }> => {
  const { key, csr } = await createKeyAndRequest(name);
  const publicKey = await acceptRequest(csr);
  return {
    key,
    cert: await issueClientCertificate(authority, { name, publicKey, validFrom, now }),
    ca: authority.trust,
  };
};
const serverOf = async (authority: SiteAuthority): Promise<Party> => {
  const { key, certificate, trust } = await issueServerCertificate(authority, "plant1", NAMES, new Date());
  return { key, cert: certificate, ca: trust };
};

let authority: SiteAuthority;
let stranger: SiteAuthority;
beforeAll(async () => {
  authority = await siteAuthority();
  stranger = await siteAuthority();
});

describe("a site's certificate authority", () => {
  test("is self-signed, ECDSA P-256, and good for ten years", () => {
    const pem = authority.secret.certificate;
    const certificate = new X509Certificate(pem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    const { from, to } = dates(pem);
    expect(Math.round((to - from) / DAY)).toBe(3650);
  });

  test("may sign leaves and nothing below them, and says so critically", () => {
    const pem = authority.secret.certificate;
    const constraints = extension(pem, "2.5.29.19") as InstanceType<typeof x509.BasicConstraintsExtension>;
    expect(constraints).toMatchObject({ ca: true, pathLength: 0, critical: true });
    const usage = extension(pem, "2.5.29.15") as InstanceType<typeof x509.KeyUsagesExtension>;
    expect(usage).toMatchObject({
      usages: x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
      critical: true,
    });
    expect(extension(pem, "2.5.29.14")).toBeDefined();
  });

  test("has a name of its own, so that two of one site can be told apart", () => {
    expect(authority.certificate.subject).not.toBe(stranger.certificate.subject);
  });

  test("whose secret is damaged is refused without quoting it", async () => {
    const damaged = JSON.stringify({ ...authority.secret, certificate: "none" });
    const swapped = JSON.stringify({ ...authority.secret, certificate: stranger.secret.certificate });
    const cut = JSON.stringify(authority.secret).slice(0, -40);
    for (const text of [damaged, swapped, cut]) {
      const error = await openAuthority("plant1/ca", text).catch((caught: Error) => caught);
      expect(String(error)).toMatch(/^Error: secret 'plant1\/ca': must/);
      expect(String((error as Error).stack)).not.toContain(authority.secret.key.split("\n")[1]);
      expect((error as Error).cause).toBeUndefined();
    }
  });
});

describe("a server certificate", () => {
  test("lasts 90 days, begins five minutes back, and certifies its names alone", async () => {
    const now = new Date(Math.floor(Date.now() / 1000) * 1000);
    const older = await siteAuthority(new Date(now.getTime() - DAY));
    const names = { dns: ["B.example", "a.example", "a.example"], ip: ["2001:DB8:0:0::1", "10.0.0.1"] };
    const { certificate } = await issueServerCertificate(older, "plant1", names, now);
    expect(dates(certificate)).toEqual({ from: now.getTime() - 5 * MINUTE, to: now.getTime() + 90 * DAY });
    const { raw, keyUsage, ca } = new X509Certificate(certificate);
    expect(namesOf(raw)).toEqual({ dns: ["a.example", "b.example"], ip: ["10.0.0.1", "2001:db8::1"] });
    expect(keyUsage).toEqual([x509.ExtendedKeyUsage.serverAuth]);
    expect(ca).toBe(false);
  });

  test("never outlives its CA", async () => {
    const old = await siteAuthority(new Date(Date.now() - 3640 * DAY));
    const { certificate } = await issueServerCertificate(old, "plant1", NAMES, new Date());
    expect(dates(certificate).to).toBe(dates(old.secret.certificate).to);
  });

  test("is not issued by a CA that has ended", async () => {
    const ended = await siteAuthority(new Date(Date.now() - 3651 * DAY));
    await expect(issueServerCertificate(ended, "plant1", NAMES, new Date())).rejects.toThrow(
      "must begin before it ends",
    );
  });

  test("is refused for bad names, all of them at once", async () => {
    const names = { dns: ["*.plant1.example", "ok.example", "under_score", "10.0.0.1"], ip: ["300.1.1.1"] };
    const error = await issueServerCertificate(authority, "plant1", names, new Date()).catch(
      (caught: unknown) => caught,
    );
    expect((error as RefusedRequest).faults).toEqual([
      `dns[0]: must be a host name without wildcard, got "*.plant1.example"`,
      `dns[2]: must be a host name without wildcard, got "under_score"`,
      `dns[3]: must be a host name without wildcard, got "10.0.0.1"`,
      `ip[0]: must be an IP address, got "300.1.1.1"`,
    ]);
  });
});

describe("a client certificate", () => {
  test("has the identity's name as its whole subject, no other name, and is for clients alone", async () => {
    const { cert } = await clientOf(authority, "gw-1");
    const { subject, subjectAltName, keyUsage, ca } = new X509Certificate(cert);
    expect({ subject, subjectAltName, keyUsage, ca }).toEqual({
      subject: "CN=gw-1",
      subjectAltName: undefined,
      keyUsage: [x509.ExtendedKeyUsage.clientAuth],
      ca: false,
    });
  });

  test("is no CA and signs handshakes alone, and says so critically", async () => {
    const { cert } = await clientOf(authority, "gw-1");
    expect(extension(cert, "2.5.29.19")).toMatchObject({ ca: false, critical: true });
    const usages = x509.KeyUsageFlags.digitalSignature;
    expect(extension(cert, "2.5.29.15")).toMatchObject({ usages, critical: true });
  });

  test("lasts a year and begins five minutes back, or at validFrom when that is later", async () => {
    const now = new Date(Math.floor(Date.now() / 1000) * 1000);
    const older = await siteAuthority(new Date(now.getTime() - DAY));
    const early = await clientOf(older, "gw-1", 0, now);
    expect(dates(early.cert)).toEqual({ from: now.getTime() - 5 * MINUTE, to: now.getTime() + 365 * DAY });
    const justRevoked = now.getTime() / 1000 + 1;
    const late = await clientOf(older, "gw-1", justRevoked, now);
    expect(dates(late.cert).from).toBe(justRevoked * 1000);
  });

  test("never outlives its CA", async () => {
    const old = await siteAuthority(new Date(Date.now() - 3600 * DAY));
    const { cert } = await clientOf(old, "gw-1");
    expect(dates(cert).to).toBe(dates(old.secret.certificate).to);
  });

  test("has a positive serial number with 128 random bits", async () => {
    const serials = await Promise.all(
      Array.from({ length: 8 }, async () => new X509Certificate((await clientOf(authority, "gw-1")).cert).serialNumber),
    );
    for (const serial of serials) expect(serial).toMatch(/^0?1[0-9A-F]{32}$/);
    expect(new Set(serials).size).toBe(8);
  });
});

describe("that no revocation information is available (RFC 9608)", () => {
  /** The certificate as openssl prints it. */
  const printed = async (pem: string): Promise<string> => {
    const child = execFile("openssl", ["x509", "-noout", "-text"]);
    child.child.stdin!.end(pem);
    return (await child).stdout;
  };
  /** Under its number, or under the name that OpenSSL 3.4 and later know it by; its value as bytes or as NULL. */
  const STATED = /^ +(2\.5\.29\.56|X509v3 No Revocation Available): *\n +(\.\.|NULL)$/m;

  test.each([
    ["a server certificate", async () => (await serverOf(authority)).cert!],
    ["a client certificate", async () => (await clientOf(authority, "gw-1")).cert],
  ])("%s says so, not critically, and names neither list nor responder", async (_, issue) => {
    const text = await printed(await issue());
    expect(text).toMatch(STATED);
    expect(text).not.toMatch(/CRL Distribution Points|Authority Information Access|Freshest CRL/);
    expect(Buffer.from(extension(await issue(), "2.5.29.56").value).toString("hex")).toBe("0500");
  });

  test("the CA's own certificate does not: the extension is for leaves alone", async () => {
    expect(await printed(authority.secret.certificate)).not.toMatch(STATED);
  });
});

describe("over a real TLS handshake", () => {
  const HOST = "mqtt.plant1.example";
  let server: Party;
  let client: Party;
  beforeAll(async () => {
    server = await serverOf(authority);
    client = await clientOf(authority, "gw-1");
  });

  test.each([HOST, "127.0.0.1"])("server and client of one site accept each other at %s", async (host) => {
    expect(await handshake(server, client, host)).toEqual({ server: "accepted", client: "accepted", peer: "gw-1" });
  });

  test("the server refuses a client of another CA, even one that has the same name", async () => {
    const forged = { ...(await clientOf(stranger, "gw-1")), ca: authority.trust };
    expect((await handshake(server, forged, HOST)).server).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  });

  test("the server refuses a client without a certificate", async () => {
    expect((await handshake(server, { ca: authority.trust }, HOST)).server).toBe("UNABLE_TO_GET_ISSUER_CERT");
  });

  test("the server refuses its own certificate when a client presents it", async () => {
    expect((await handshake(server, server, HOST)).server).toBe("INVALID_PURPOSE");
  });

  test("the client refuses a server of another CA", async () => {
    const forged = { ...(await serverOf(stranger)), ca: authority.trust };
    expect((await handshake(forged, client, HOST)).client).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  });

  test("the client refuses another client that plays the server", async () => {
    expect((await handshake(client, client, "gw-1")).client).toBe("INVALID_PURPOSE");
  });

  test("the client refuses a server of another name", async () => {
    expect((await handshake(server, client, "mqtt.plant2.example")).client).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  test("the server refuses what a client's certificate signed: it is no CA", async () => {
    const { key, csr } = await createKeyAndRequest("gw-1");
    const publicKey = await acceptRequest(csr);
    const cert = await issueClientCertificate(authority, { name: "gw-1", publicKey, validFrom: 0, now: new Date() });
    const impostor = await openAuthority("x", JSON.stringify({ version: 1, key, certificate: cert, previous: [] }));
    const forged = await issueClientCertificate(impostor, { name: "host", publicKey, validFrom: 0, now: new Date() });
    const outcome = await handshake(server, { key, cert: forged + cert, ca: authority.trust }, HOST);
    expect(outcome.server).not.toBe("accepted");
  });
});
