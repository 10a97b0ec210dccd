import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { ClientAddresses } from "../../broker/src/client-addresses";

const socket = (): Socket =>
  Object.assign(new PassThrough(), { remoteAddress: "10.0.0.5", remotePort: 40_000, localPort: 8883 }) as never;

test("a connection keeps its client's address when the one before it, from the same port, is gone at last", () => {
  const addresses = new ClientAddresses();
  const [before, next] = [socket(), socket()];
  const loggedIn = (): void => undefined;
  addresses.remember(before, { address: "203.0.113.7", port: 1 }, () => undefined);
  addresses.remember(next, { address: "203.0.113.8", port: 2 }, loggedIn);
  before.emit("close");
  expect(addresses.of(next)).toEqual({ address: "203.0.113.8", port: 2 });
  expect(addresses.loggedIn(next)).toBe(loggedIn);
  next.emit("close");
  expect(addresses.of(next)).toEqual({ address: "10.0.0.5", port: 40_000 });
});
