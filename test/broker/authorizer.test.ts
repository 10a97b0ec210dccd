import { expect, test } from "@jest/globals";
import { authorizer, type Question } from "../../broker/src/authorize";
import { bounded } from "../../broker/src/bounded-hook";
import type { AccessPolicy } from "../../policy/compile-access";

const QUESTIONS: readonly Question[] = ["mayPublish", "maySubscribe", "mayReceive"];
const policyThat = (answer: () => boolean): AccessPolicy => ({
  identity: () => undefined,
  mayPublish: answer,
  maySubscribe: answer,
  mayReceive: answer,
});
const unexpected = (error: unknown): never => {
  throw error;
};

test.each(QUESTIONS)(
  "%s is denied without an identity, without a document, and when the question fails",
  (question) => {
    const yes = authorizer({ policy: () => policyThat(() => true), onError: unexpected });
    expect(yes("gw-1", question, "a")).toBe(true);
    expect(yes(undefined, question, "a")).toBe(false);
    expect(authorizer({ policy: () => undefined, onError: unexpected })("gw-1", question, "a")).toBe(false);
    const errors: unknown[] = [];
    const fails = authorizer({
      policy: () =>
        policyThat(() => {
          throw new Error("broken");
        }),
      onError: (error) => errors.push(error),
    });
    expect(fails("gw-1", question, "a")).toBe(false);
    expect(errors).toHaveLength(1);
  },
);

test("an answer is remembered for one document, and never for the next", () => {
  let asked = 0;
  let granted = true;
  const make = (): AccessPolicy =>
    policyThat(() => {
      asked += 1;
      return granted;
    });
  let policy = make();
  const may = authorizer({ policy: () => policy, onError: unexpected });
  for (let i = 0; i < 100; i += 1) expect(may("gw-1", "mayReceive", "a")).toBe(true);
  expect(asked).toBe(1);
  expect(may("gw-2", "mayReceive", "a")).toBe(true);
  expect(may("gw-1", "mayPublish", "a")).toBe(true);
  expect(asked).toBe(3);
  granted = false;
  policy = make();
  expect(may("gw-1", "mayReceive", "a")).toBe(false);
});

test("what is remembered is bounded", () => {
  let asked = 0;
  const policy = policyThat(() => (asked += 1) > 0);
  const may = authorizer({ policy: () => policy, onError: unexpected, remembered: 10 });
  for (let i = 0; i < 11; i += 1) may("gw-1", "mayPublish", `a/${i}`);
  expect(may("gw-1", "mayPublish", "a/0")).toBe(true);
  expect(asked).toBe(12);
});

test("a topic larger than any that is served is denied, and not remembered: 20,000 of them would fill the memory", () => {
  let asked = 0;
  const policy = policyThat(() => (asked += 1) > 0);
  const may = authorizer({ policy: () => policy, onError: unexpected, remembered: 2 });
  expect(may("gw-1", "mayPublish", "a")).toBe(true);
  for (let i = 0; i < 9; i += 1) expect(may("gw-1", "mayPublish", `${i}`.repeat(65_000))).toBe(false);
  // Had they been, this answer would have made room for them.
  expect(may("gw-1", "mayPublish", "a")).toBe(true);
  expect(asked).toBe(1);
});

test("a '$' topic is nobody's to publish, whatever the document says", () => {
  const may = authorizer({ policy: () => policyThat(() => true), onError: unexpected });
  expect(may("scada", "mayPublish", "$SYS/x/new/clients")).toBe(false);
  expect(may("operator", "maySubscribe", "$SYS/#")).toBe(true);
});

const asks = (ask: (settle: (answer: string) => void) => void, withinMs = 5): Promise<string> =>
  new Promise((resolve) => bounded({ withinMs, denied: (reason) => `denied: ${reason}` }, ask, resolve));

test("a hook that throws or hangs denies; the first answer counts", async () => {
  expect(await asks((settle) => settle("yes"))).toBe("yes");
  expect(
    await asks(() => {
      throw new Error("broken");
    }),
  ).toBe("denied: it failed");
  expect(await asks(() => undefined)).toBe("denied: no answer within 5 ms");
  let late: (answer: string) => void = () => undefined;
  const answers: string[] = [];
  await new Promise<void>((resolve) =>
    bounded(
      { withinMs: 1, denied: () => "denied" },
      (settle) => (late = settle),
      (answer) => {
        answers.push(answer);
        resolve();
      },
    ),
  );
  late("yes, after all");
  expect(answers).toEqual(["denied"]);
});
