import { expect, test } from "@jest/globals";
import { deriveAccess } from "../../../policy/derive-access";
import { accessProperties } from "../../../proof/access/access-properties";
import { proveProperties } from "../../../proof/prove-properties";
import { tenThousandDevices } from "../../sites/ten-thousand";
import { documentOf } from "./document-of";

test("ten thousand identities are proven apart in under five seconds of processor time", () => {
  const declared = deriveAccess(tenThousandDevices());
  const input = { document: documentOf(declared), declared };
  const before = process.cpuUsage();
  const proofs = proveProperties(accessProperties(input), input);
  const { user, system } = process.cpuUsage(before);
  expect(proofs.map(({ id, verdict }) => [id, verdict.answer])).toEqual(proofs.map(({ id }) => [id, "PROVEN"]));
  expect(proofs.length).toBe(10);
  expect((user + system) / 1e6).toBeLessThan(5);
});
