import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { awsLeaseTable } from "../../broker/src/aws-lease";
import type { LeaseTable } from "../../broker/src/lease-table";
import { fakeDynamo, type FakeDynamo } from "./fake-dynamo";

const ENVIRONMENT = {
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_EC2_METADATA_DISABLED: "true",
};
const A = { holder: "a", address: "10.0.0.1" };
const B = { holder: "b", address: "10.0.0.2" };

const before = { ...process.env };
let dynamo: FakeDynamo;
let table: LeaseTable;
beforeEach(async () => {
  dynamo = await fakeDynamo();
  Object.assign(process.env, ENVIRONMENT, { AWS_ENDPOINT_URL: dynamo.url });
  table = awsLeaseTable("plant");
});
afterEach(async () => {
  process.env = before;
  await dynamo.close();
});

test("the first writes epoch 1 where nothing was; a second that saw nothing either does not", async () => {
  expect(await table.read()).toBeUndefined();
  expect(await table.acquire(undefined, { epoch: 1, ...A })).toMatchObject({ epoch: 1, ...A });
  expect(await table.acquire(undefined, { epoch: 1, ...B })).toBeUndefined();
  expect(await table.read()).toEqual({ epoch: 1, beat: 0, released: false, completed: undefined, ...A });
  expect(dynamo.items.get("lease")).toMatchObject({
    epoch: { N: "1" },
    beat: { N: "0" },
    holder: { S: "a" },
    address: { S: "10.0.0.1" },
  });
});

test("a renewal counts one beat, and only the holder of this epoch may renew", async () => {
  await table.acquire(undefined, { epoch: 1, ...A });
  expect(await table.renew(1, "a")).toBe(true);
  expect(await table.renew(1, "b")).toBe(false);
  expect(await table.renew(2, "a")).toBe(false);
  expect(await table.read()).toMatchObject({ epoch: 1, beat: 1 });
});

test("who takes over must have seen the last beat; the former holder's renewal then fails", async () => {
  await table.acquire(undefined, { epoch: 1, ...A });
  await table.renew(1, "a");
  expect(await table.acquire({ epoch: 1, beat: 0 }, { epoch: 2, ...B })).toBeUndefined();
  expect(await table.acquire({ epoch: 1, beat: 1 }, { epoch: 2, ...B })).toMatchObject({ epoch: 2, ...B });
  expect(await table.renew(1, "a")).toBe(false);
  expect(await table.release(1, "a")).toBe(false);
});

test("a released epoch says so, is not renewed, and the next one does not inherit it", async () => {
  await table.acquire(undefined, { epoch: 1, ...A });
  expect(await table.release(1, "a")).toBe(true);
  expect(await table.read()).toMatchObject({ released: true });
  expect(await table.renew(1, "a")).toBe(false);
  expect(await table.acquire({ epoch: 1, beat: 0 }, { epoch: 2, ...B })).toMatchObject({ epoch: 2, ...B });
  expect(await table.read()).toEqual({ epoch: 2, beat: 0, released: false, completed: undefined, ...B });
});

test("the completed folder is its holder's to name, and stays when the lease changes hands", async () => {
  expect(await table.acquire(undefined, { epoch: 1, ...A })).toMatchObject({ completed: undefined });
  expect(await table.complete(1, "b", "epoch-1")).toBe(false);
  expect(await table.complete(2, "a", "epoch-1")).toBe(false);
  expect(await table.complete(1, "a", "epoch-1")).toBe(true);
  await table.release(1, "a");
  expect(await table.complete(1, "a", "epoch-1-late")).toBe(false);
  expect(await table.acquire({ epoch: 1, beat: 0 }, { epoch: 2, ...B })).toMatchObject({ completed: "epoch-1" });
  expect(await table.complete(1, "a", "epoch-1-late")).toBe(false);
  expect(await table.read()).toMatchObject({ epoch: 2, completed: "epoch-1" });
});

test("it calls GetItem and UpdateItem, nothing else", async () => {
  await table.read();
  await table.acquire(undefined, { epoch: 1, ...A });
  await table.renew(1, "a");
  await table.complete(1, "a", "epoch-1");
  await table.release(1, "a");
  expect(dynamo.calls).toEqual(["GetItem", "UpdateItem", "UpdateItem", "UpdateItem", "UpdateItem"]);
});

test("a table that takes a request and never answers is an error within seconds, not a wait for ever", async () => {
  dynamo.isDeaf = true;
  const begun = performance.now();
  await expect(table.read()).rejects.toThrow("requestTimeout");
  expect(performance.now() - begun).toBeLessThan(8_000);
});

test("what is no failed condition is thrown", async () => {
  await dynamo.close();
  await expect(table.read()).rejects.toThrow("ECONNREFUSED");
});
