import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { defineSite, SiteError } from "../../policy/define-site";
import { operator } from "../../policy/roles/operator";
import { raw } from "../../policy/roles/raw";
import riverside from "../../sites/riverside";
import { faultsOf, valid } from "./declaration";

/** Each row: what is changed in a valid declaration, where the fault is, what its rule and its fix say. */
type Row = readonly [title: string, change: object, path: string, rule: RegExp, fix: RegExp];

const aws = (change: object): object => ({ aws: { ...valid.aws, ...change } });
const broker = (change: object): object => ({ broker: { ...valid.broker, ...change } });
const edge = (...identities: readonly object[]): object => ({ edge: identities });
const role = valid.edge[0]!.role;

const rows: readonly Row[] = [
  [
    "a device class that is no plain word",
    edge({ name: "gw-1", role, deviceClass: "../x" }),
    "edge[0].deviceClass",
    /\[a-z0-9\]/,
    /"gateway"/,
  ],
  [
    "a device class of software that runs no image of ours",
    { enterprise: [{ name: "scada", role, deviceClass: "gateway" }] },
    "enterprise[0]",
    /no property 'deviceClass'/,
    /known are name/,
  ],
  ["a site name with capitals", { name: "Plant" }, "name", /\[a-z\]/, /riverside/],
  ["a site name of 25 characters", { name: "a".repeat(25) }, "name", /\{0,23\}/, /short/],
  ["a site name that no security group may have", { name: "sg-plant" }, "name", /security group/, /another/],
  ["a site name that no load balancer may have", { name: "internal-1" }, "name", /load balancer/, /another/],
  ["an address in part hexadecimal for a host", { host: "1.2.3.0x4" }, "host", /no IP address/, /full name/],
  ["a URL for a host", { host: "mqtts://a.example:8883/x" }, "host", /RFC 1123/, /"a\.example"/],
  ["a host with a trailing dot", { host: "a.example." }, "host", /RFC 1123/, /"a\.example"/],
  ["an IPv4 address for a host", { host: "10.0.0.1" }, "host", /no IP address/, /certificate/],
  ["an IPv6 address for a host", { host: "2001:db8::1" }, "host", /no IP address/, /certificate/],
  ["a host of one label", { host: "localhost" }, "host", /two labels/, /mqtt\.example\.com/],
  ["a host label with an underscore", { host: "a_b.example" }, "host", /RFC 1123/, /full name/],
  ["a host label that ends with a hyphen", { host: "a-.example" }, "host", /RFC 1123/, /full name/],
  ["a host label of 64 characters", { host: `${"a".repeat(64)}.example` }, "host", /RFC 1123/, /full name/],
  ["a host of 254 characters", { host: `${"a.".repeat(123)}examples` }, "host", /RFC 1123/, /full name/],
  ["an account as a number", aws({ account: 123456789012 }), "aws.account", /twelve digits/, /quote it/],
  ["an account of eleven digits", aws({ account: "12345678901" }), "aws.account", /twelve digits/, /123456789012/],
  ["a zone for a region", aws({ region: "eu-central-1a" }), "aws.region", /AWS region/, /zone's letter/],
  ["a word for a region", aws({ region: "Frankfurt" }), "aws.region", /AWS region/, /eu-central-1/],
  ...["us-gov-west-1", "cn-north-1", "us-iso-east-1", "us-isob-east-1", "eusc-de-east-1", "xx-nowhere-99"].map(
    (region): Row => [
      `the region ${region}`,
      aws({ region, zones: ["eu-central-1a", "eu-central-1b"] }),
      "aws.region",
      /partition "aws"/,
      /eu-central-1/,
    ],
  ),
  [
    "a deployer role of another partition",
    aws({ deployerRole: "arn:aws-us-gov:iam::123456789012:role/x" }),
    "aws.deployerRole",
    /ARN of an IAM role/,
    /arn:aws:iam/,
  ],
  ["a zone that is none", aws({ zones: ["eu-central-1a", 1] }), "aws.zones[1]", /zone of the region/, /eu-central-1a/],
  ["a single zone", aws({ zones: ["eu-central-1a"] }), "aws.zones", /two or three/, /eu-central-1b/],
  [
    "four zones",
    aws({ zones: ["a", "b", "c", "d"].map((letter) => `eu-central-1${letter}`) }),
    "aws.zones",
    /two or three/,
    /eu-central-1b/,
  ],
  [
    "a zone of another region",
    aws({ zones: ["eu-central-1a", "eu-west-1a"] }),
    "aws.zones[1]",
    /zone of the region eu-central-1/,
    /eu-central-1a/,
  ],
  [
    "a local zone",
    aws({ zones: ["eu-central-1a", "eu-central-1-ham-1a"] }),
    "aws.zones[1]",
    /zone of the region/,
    /eu-central-1a/,
  ],
  ["a zone twice", aws({ zones: ["eu-central-1a", "eu-central-1a"] }), "aws.zones[1]", /once/, /fail together/],
  [
    "a deployer role of another account",
    aws({ deployerRole: "arn:aws:iam::999999999999:role/x" }),
    "aws.deployerRole",
    /account 123456789012/,
    /123456789012:role/,
  ],
  [
    "a session for a deployer role",
    aws({ deployerRole: "arn:aws:sts::123456789012:assumed-role/x/y" }),
    "aws.deployerRole",
    /ARN of an IAM role/,
    /not a session/,
  ],
  [
    "a user for a deployer role",
    aws({ deployerRole: "arn:aws:iam::123456789012:user/x" }),
    "aws.deployerRole",
    /IAM role/,
    /Terraform/,
  ],
  ["a range of /8", aws({ cidr: "10.0.0.0/8" }), "aws.cidr", /between \/16 and \/24/, /\/20/],
  ["a range of /25", aws({ cidr: "10.0.0.0/25" }), "aws.cidr", /between \/16 and \/24/, /\/20/],
  ["a public range", aws({ cidr: "8.8.0.0/16" }), "aws.cidr", /RFC 1918/, /192\.168/],
  ["a range just outside 172.16.0.0/12", aws({ cidr: "172.32.0.0/16" }), "aws.cidr", /RFC 1918/, /172\.16/],
  ["a range with host bits", aws({ cidr: "10.80.1.0/20" }), "aws.cidr", /first address/, /10\.80\.0\.0\/20/],
  ["a range that is none", aws({ cidr: "10.80.0.256/20" }), "aws.cidr", /IPv4 range/, /10\.80/],
  ["an image by tag", broker({ image: "r.example/dmz:latest" }), "broker.image", /by digest/, /image push/],
  [
    "an image elsewhere",
    broker({ image: `r.example/dmz@sha256:${"a".repeat(64)}` }),
    "broker.image",
    /in ECR/,
    /image push/,
  ],
  [
    "an image in another region",
    broker({ image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/dmz@sha256:${"a".repeat(64)}` }),
    "broker.image",
    /in ECR in the site's region, eu-central-1/,
    /image push/,
  ],
  ["a digest too short", broker({ image: "r.example/dmz@sha256:abc" }), "broker.image", /by digest/, /image push/],
  ["a misspelt size", broker({ size: "meduim" }), "broker.size", /"small" or "medium"/, /did you mean "medium"/],
  ["private access, which comes later", { access: "private" }, "access", /for now/, /not built yet/],
  ["a misspelt access", { access: "Internet" }, "access", /"internet"/, /did you mean "internet"/],
  ["a misspelt lifetime", { lifetime: "ephemral" }, "lifetime", /"permanent"/, /did you mean "ephemeral"/],
  ["an unknown lifetime", { lifetime: "for ever" }, "lifetime", /"permanent"/, /choose one/],
  ["a capacity below the identities", { capacity: 1 }, "capacity", /number of identities, 2/, /capacity: 2/],
  ["a capacity that is no whole number", { capacity: 500.5 }, "capacity", /whole number/, /leave it out/],
  ["a capacity beyond the limit", { capacity: 50_001 }, "capacity", /50000/, /leave it out/],
  ["a reserved tag", { tags: { "AWS:x": "y" } }, 'tags["AWS:x"]', /aws:/, /rename/],
  ["a tag key of 129 characters", { tags: { ["k".repeat(129)]: "" } }, `tags["${"k".repeat(129)}"]`, /128/, /rename/],
  ["an empty tag key", { tags: { "": "x" } }, 'tags[""]', /1 to 128/, /rename/],
  ["a tag value of 257 characters", { tags: { a: "v".repeat(257) } }, 'tags["a"]', /256/, /shorten/],
  ["a tag value with a character AWS refuses", { tags: { a: "b;c" } }, 'tags["a"]', /letters/, /reword/],
  ["a tag value that is a number", { tags: { a: 1 } }, 'tags["a"]', /text/, /reword/],
  ["tag keys that differ in case alone", { tags: { a: "1", A: "2" } }, 'tags["A"]', /case/, /drop it/],
  [
    "41 tags",
    { tags: Object.fromEntries(Array.from({ length: 41 }, (_, index) => [`k${index}`, ""])) },
    "tags",
    /at most 40/,
    /remove/,
  ],
  ["a misspelt property of the site", { hots: "x" }, "site", /no property 'hots'/, /did you mean 'host'/],
  ["a misspelt property of aws", aws({ acount: "x" }), "aws", /no property 'acount'/, /did you mean 'account'/],
  ["an identity's name with a space", edge({ name: "gw 1", role }), "edge[0].name", /\[A-Za-z0-9\._-\]/, /"gw-1"/],
  ["an identity's name with a wildcard", edge({ name: "+", role }), "edge[0].name", /must match/, /rename/],
  ["an identity's name with a slash", edge({ name: "a/b", role }), "edge[0].name", /must match/, /"a-b"/],
  ["an identity's name of 65 characters", edge({ name: "a".repeat(65), role }), "edge[0].name", /1,64/, /rename/],
  ["a name that leaves its folder", edge({ name: "..", role }), "edge[0].name", /not be '\.' or '\.\.'/, /rename/],
  ["a name with a line break at its end", edge({ name: "gw-1\n", role }), "edge[0].name", /must match/, /"gw-1"/],
  [
    "a name twice",
    edge({ name: "gw-1", role }, { name: "gw-1", role }),
    "edge[1].name",
    /edge\[0\] has it too/,
    /rename/,
  ],
  [
    "a name in both lists",
    edge({ name: "operator", role }),
    "enterprise[0].name",
    /edge\[0\] has it too/,
    /rename one/,
  ],
  [
    "a misspelt certificate",
    edge({ name: "a", role, certificate: "password_only" }),
    "edge[0].certificate",
    /"password-only"/,
    /did you mean "password-only"/,
  ],
  [
    "a misspelt certificate property",
    edge({ name: "a", role, certificat: "password-only" }),
    "edge[0]",
    /no property 'certificat'/,
    /did you mean 'certificate'/,
  ],
  ["a role template that was not called", edge({ name: "a", role: operator }), "edge[0].role", /template/, /call/],
  ["no role", edge({ name: "a" }), "edge[0].role", /template/, /sparkplugEdgeNode/],
];

describe("defineSite", () => {
  test("fills in every default", () => {
    const site = defineSite(valid);
    expect(site).toMatchObject({ access: "internet", lifetime: "permanent", capacity: 500, tags: {} });
    expect(site.aws.cidr).toBe("10.80.0.0/20");
    expect(site.broker.size).toBe("small");
    expect(site.identities.map(({ name, kind, certificate }) => [name, kind, certificate])).toEqual([
      ["gw-1", "edge", "required"],
      ["operator", "enterprise", "required"],
    ]);
  });

  test.each([
    { name: "a" },
    { name: `a${"-".repeat(23)}` },
    { host: "A-1.b2.example" },
    aws({ cidr: "172.31.0.0/24" }),
    aws({ cidr: "192.168.0.0/16" }),
    ...["ap-southeast-7", "us-east-1", "mx-central-1", "il-central-1", "eu-north-1"].map((region) =>
      aws({ region, zones: ["a", "b", "c"].map((letter) => `${region}${letter}`) }),
    ),
    { name: "sg" },
    { name: "internal" },
    { host: "mqtt.0xample" },
    { capacity: 50_000 },
    { tags: { "cost centre": "4711/äö" } },
    { lifetime: "ephemeral", access: "internet" },
    { edge: [], enterprise: [] },
    edge({ name: "__proto__", role }, { name: "constructor", role }, { name: "a".repeat(64), role }),
    edge({ name: "a", role, certificate: "password-only" }),
  ])("accepts %j", (change) => expect(faultsOf({ ...valid, ...change })).toEqual([]));

  test.each<[size: string, room: number, next: string | undefined]>([
    ["small", 5_500, "medium"],
    ["medium", 12_000, "large"],
    ["large", 25_100, undefined],
  ])("a %s broker holds the connections of %i identities, and one more is refused", (size, room, next) => {
    const site = { ...valid, ...broker({ size: size === "small" ? undefined : size }), capacity: 50_000 };
    const devices = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `gw-${index}`, role }));
    const enterprise = valid.enterprise.slice(0, 1);
    expect(faultsOf({ ...site, enterprise, edge: devices(room - 1) })).toEqual([]);
    const count = (room + 1).toLocaleString("en-US");
    expect(faultsOf({ ...site, enterprise, edge: devices(room) })).toEqual([
      {
        path: "broker.size",
        rule: `must take a connection of each of the ${count} identities: "${size}" takes ${room.toLocaleString("en-US")}`,
        value: size,
        fix: next
          ? `write broker: { size: "${next}" }`
          : "make two sites of it: no size takes more than 25,100 connections",
      },
    ]);
  });

  test.each(rows)("refuses %s", (_, change, path, rule, fix) => {
    const faults = faultsOf({ ...valid, ...change });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ path, rule: expect.stringMatching(rule), fix: expect.stringMatching(fix) });
  });

  test("reports all faults at once, in a message that a terminal can show", () => {
    const declaration = { ...valid, host: "x", edge: [{ name: "gw 1", role }], capacity: 0 };
    const error = new SiteError("plant", faultsOf(declaration));
    expect(error.faults.map(({ path }) => path)).toEqual(["host", "capacity", "edge[0].name"]);
    expect(error.message).toBe(
      [
        'site "plant" has 3 faults:',
        '  host: must be a host name (RFC 1123) with at least two labels, and no IP address, got "x"; write a full name, for example "mqtt.example.com"',
        "  capacity: must be a whole number from 1 to 50000, got 0; leave it out for 500",
        "  edge[0].name: must match [A-Za-z0-9._-]{1,64} and not be '.' or '..', got \"gw 1\"; rename it, for example \"gw-1\"",
      ].join("\n\n"),
    );
  });

  test("shows the first fifty of many faults, and keeps them all", () => {
    const faults = faultsOf({ ...valid, edge: Array.from({ length: 60 }, () => ({ name: "a b", role })) });
    expect(faults).toHaveLength(60);
    expect(new SiteError("plant", faults).message).toMatch(/edge\[49\][^]*\n {2}and 10 more$/);
  });

  test("shows no control character of a bad value to the terminal", () => {
    const faults = faultsOf({ ...valid, host: "\u001b[2Jx\n" });
    expect(new SiteError("plant", faults).message).toContain('"\\u001b[2Jx\\n"');
  });

  test("answers with faults whatever an untyped caller hands over", () => {
    const anything = fc.anything({ maxDepth: 2, withNullPrototype: true, withBigInt: true });
    const keys = ["name", "host", "aws", "broker", "edge", "enterprise", "access", "lifetime", "capacity", "tags"];
    fc.assert(
      fc.property(fc.constantFrom(...keys), anything, (key, value) => {
        const faults = faultsOf({ ...valid, [key]: value });
        expect(new SiteError(value, faults).message).toEqual(expect.any(String));
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.constantFrom("name", "role", "certificate"), anything, (key, value) => {
        faultsOf({ ...valid, edge: [{ ...valid.edge[0], [key]: value }, value] });
      }),
      { numRuns: 1_000 },
    );
    for (const value of [undefined, null, 1, "x", [], {}, Symbol("x"), () => valid])
      expect(faultsOf(value).length).toBeGreaterThan(0);
  });

  test("asks for a larger capacity when a shard of the access document would reach 64 KiB", () => {
    const wide = raw({
      name: "wide",
      publish: [`{id}/${"a".repeat(33_000)}`, `{id}/${"b".repeat(33_000)}`],
      subscribe: [],
    });
    const [fault, ...others] = faultsOf({ ...valid, edge: [{ name: "a", role: wide }] });
    expect(others).toEqual([]);
    expect(fault).toMatchObject({
      path: "capacity",
      rule: expect.stringMatching(/65536 bytes/),
      fix: expect.stringMatching(/1000/),
    });
  });

  test("accepts the sample site", () => expect(riverside.identities).toHaveLength(9));
});
