import { expect, test } from "@jest/globals";
import { ConfigError, readConfig } from "../../broker/src/config";
import { memoryLimits } from "../../broker/src/memory-limits";
import { DEFAULT_SITE_LIMITS } from "../../broker/src/site-limits";

const CLOUD = {
  DMZ_SITE: "plant",
  DMZ_SOURCE: "aws",
  DMZ_LOAD_BALANCER_SUBNETS: "10.80.0.0/24, 10.80.1.0/24",
  DMZ_BROKER_SUBNETS: "10.80.2.0/24",
};

test("in the cloud the defaults are the two ports on every address, behind the load balancer", () => {
  expect(readConfig(CLOUD)).toEqual({
    site: "plant",
    source: { kind: "aws" },
    mqttPort: 8883,
    httpsPort: 443,
    listenAddress: "0.0.0.0",
    loadBalancerSubnets: ["10.80.0.0/24", "10.80.1.0/24"],
    brokerSubnets: ["10.80.2.0/24"],
    store: "/var/lib/dmz",
    origins: undefined,
    logLevel: "info",
    peerAddress: undefined,
    limits: DEFAULT_SITE_LIMITS,
  });
});

const MIB = 1024 * 1024;

test.each<[string, string | undefined, number | undefined, number]>([
  ["nothing is said", undefined, undefined, 1024],
  ["the task has more", "4096", undefined, 4096],
  ["the control group allows less", "2048", 1536 * MIB, 1536],
  ["the control group allows more", "2048", 8192 * MIB, 2048],
  ["there is no limit, as libuv says it", "2048", 0, 2048],
  ["there is no limit, as the kernel says it", "2048", 2 ** 63, 2048],
])("memory decides what a task takes; where %s", (_, declared, constrained, memoryMib) => {
  const { limits } = readConfig({ ...CLOUD, DMZ_MEMORY_MIB: declared }, constrained);
  expect(limits).toMatchObject({ ...memoryLimits(memoryMib) });
});

test("a limit that the environment sets is not memory's any more", () => {
  const { limits } = readConfig({ ...CLOUD, DMZ_MEMORY_MIB: "2048", DMZ_MAX_CONNECTIONS: "7" });
  expect(limits).toMatchObject({ ...memoryLimits(2048), connections: 7 });
});

test("with too little memory it does not start", () => {
  const rule = "DMZ_MEMORY_MIB: must be 512 or more, got '256'; give the task more memory";
  expect(() => readConfig({ ...CLOUD, DMZ_MEMORY_MIB: "256" })).toThrow(rule);
  expect(() => readConfig(CLOUD, 256 * MIB)).toThrow(rule);
});

test("with a directory it listens on loopback alone", () => {
  expect(readConfig({ DMZ_SITE: "plant", DMZ_SOURCE: "directory:./vault" })).toMatchObject({
    source: { kind: "directory", path: "./vault" },
    listenAddress: "127.0.0.1",
    loadBalancerSubnets: [],
  });
});

test("all faults are in one error, each with variable, rule, value and fix", () => {
  const read = (): unknown =>
    readConfig({
      DMZ_SITE: "Plant",
      DMZ_MQTT_PORT: "70000",
      DMZ_HTTPS_PORT: "https",
      DMZ_LISTEN_ADDRESS: "localhost",
      DMZ_BROKER_SUBNETS: "10.80.2.0/33",
      DMZ_ALLOWED_ORIGINS: "https://a.example,http://b.example,https://c.example/",
      DMZ_LOG_LEVEL: "loud",
      DMZ_PEER_ADDRESS: "::1",
    });
  expect(read).toThrow(ConfigError);
  const faults = (() => {
    try {
      return read();
    } catch (error) {
      return (error as ConfigError).faults;
    }
  })();
  expect(faults).toEqual([
    "DMZ_SITE: must be a site name, [a-z][a-z0-9-]{0,23}, got 'Plant'; set it to the name in sites/<name>.ts",
    "DMZ_SOURCE: must be 'aws' or 'directory:<path>', got nothing; set it to 'aws' in the cloud",
    "DMZ_MQTT_PORT: must be a port, 0 to 65535, got '70000'; leave it out for 8883",
    "DMZ_HTTPS_PORT: must be a port, 0 to 65535, got 'https'; leave it out for 443",
    "DMZ_LISTEN_ADDRESS: must be an IPv4 address, got 'localhost'; leave it out for the default",
    "DMZ_PEER_ADDRESS: must be an IPv4 address, got '::1'; leave it out for the default",
    "DMZ_BROKER_SUBNETS: must be a comma-separated list of IPv4 CIDRs, got '10.80.2.0/33'; write for example '10.80.0.0/24,10.80.1.0/24'",
    "DMZ_LOAD_BALANCER_SUBNETS: must be set when DMZ_BROKER_SUBNETS is, got nothing; set both behind a load balancer, none for direct clients",
    "DMZ_ALLOWED_ORIGINS: must be a comma-separated list of https origins, got 'http://b.example'; write for example 'https://console.example.com'",
    "DMZ_ALLOWED_ORIGINS: must be a comma-separated list of https origins, got 'https://c.example/'; write for example 'https://console.example.com'",
    "DMZ_LOG_LEVEL: must be one of debug, info, warn, error, got 'loud'; leave it out for info",
  ]);
});

test.each([
  [
    "the load balancer's subnets alone",
    { DMZ_BROKER_SUBNETS: "" },
    "DMZ_BROKER_SUBNETS: must be set when DMZ_LOAD_BALANCER_SUBNETS is",
  ],
  ["one port for both", { DMZ_MQTT_PORT: "443" }, "DMZ_HTTPS_PORT: must be another port than DMZ_MQTT_PORT"],
  ["no limit at all", { DMZ_MAX_CONNECTIONS: "0" }, "DMZ_MAX_CONNECTIONS: must be a whole number from 1, got '0'"],
  ["a rate in words", { DMZ_PUBLISH_RATE: "fast" }, "DMZ_PUBLISH_RATE: must be a whole number from 1, got 'fast'"],
  ["a directory without a path", { DMZ_SOURCE: "directory:" }, "DMZ_SOURCE: must be 'aws' or 'directory:<path>'"],
])("%s is refused", (_, changes, message) => {
  expect(() => readConfig({ ...CLOUD, ...changes })).toThrow(message);
});

test("the limits that depend on the task and the plant may be set", () => {
  const { limits } = readConfig({
    ...CLOUD,
    DMZ_MAX_CONNECTIONS: "1",
    DMZ_MAX_CONNECTIONS_PER_ADDRESS: "2",
    DMZ_MAX_CONNECTIONS_PER_IDENTITY: "3",
    DMZ_PUBLISH_RATE: "4",
    DMZ_PUBLISH_BYTES_RATE: "5",
  });
  expect(limits).toEqual({
    ...DEFAULT_SITE_LIMITS,
    connections: 1,
    connectionsPerAddress: 2,
    connectionsPerIdentity: 3,
    publishRate: 4,
    publishBytesRate: 5,
  });
});
