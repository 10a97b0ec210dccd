import type { Site } from "../policy/site";

/** A valid site for construct tests: two zones, ephemeral, no identities. */
export const testSite = (changes: Partial<Omit<Site, "aws">> & { readonly aws?: Partial<Site["aws"]> } = {}): Site => ({
  name: "plant",
  host: "mqtt.plant.example",
  identities: [],
  access: "internet",
  lifetime: "ephemeral",
  capacity: 500,
  tags: {},
  broker: {
    image: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/mqtt-dmz/broker@sha256:${"ab".repeat(32)}`,
    size: "small",
  },
  ...changes,
  aws: {
    account: "123456789012",
    region: "eu-central-1",
    zones: ["eu-central-1a", "eu-central-1b"],
    deployerRole: "arn:aws:iam::123456789012:role/deployer",
    cidr: "10.80.0.0/20",
    ...changes.aws,
  },
});
