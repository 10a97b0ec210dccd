import { BROKER_SIZES, smallestSize } from "../broker-sizes";
import type { Report } from "../fault";
import type { BrokerSize } from "../site";

const isSize = (value: unknown): value is BrokerSize => typeof value === "string" && Object.hasOwn(BROKER_SIZES, value);
const number = (count: number): string => count.toLocaleString("en-US");

/**
 * One task serves the whole site, so it must take a connection of every declared identity. `capacity` may be larger: it is
 * room in the credential store, for devices that do not exist yet.
 */
export const checkBrokerRoom = (path: string, size: unknown, identities: number, report: Report): void => {
  if (!isSize(size) || identities <= BROKER_SIZES[size].connections) return;
  const enough = smallestSize(identities);
  const most = Math.max(...Object.values(BROKER_SIZES).map(({ connections }) => connections));
  const takes = number(BROKER_SIZES[size].connections);
  report(
    path,
    `must take a connection of each of the ${number(identities)} identities: "${size}" takes ${takes}`,
    size,
    enough === undefined
      ? `make two sites of it: no size takes more than ${number(most)} connections`
      : `write broker: { size: "${enough}" }`,
  );
};
