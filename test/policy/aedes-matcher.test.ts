import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Aedes } from "aedes";
import { matches } from "../../policy/topic-filter";
import { allFilters, allTopics } from "./filters";

/** By topic, the filters whose listeners Aedes called. */
const heard = new Map<string, Set<string>>(allTopics.map((topic) => [topic, new Set()]));
let broker: Aedes;

beforeAll(async () => {
  broker = await Aedes.createBroker();
  for (const filter of allFilters)
    await new Promise<void>((resolve) =>
      broker.subscribe(
        filter,
        ({ topic }, done) => {
          heard.get(topic)?.add(filter);
          done();
        },
        resolve,
      ),
    );
  for (const topic of allTopics)
    await new Promise<void>((resolve, reject) =>
      broker.publish({ cmd: "publish", topic, payload: "", qos: 0, retain: false, dup: false }, (error) =>
        error ? reject(error) : resolve(),
      ),
    );
});
afterAll(() => new Promise<void>((resolve) => broker.close(resolve)));

test("Aedes delivers what the algebra says, but for the $ rule, which Aedes keeps apart for each client", () => {
  const differences = [...heard].flatMap(([topic, filters]) =>
    allFilters.filter((filter) => {
      const blocked = topic.startsWith("$") && /^[+#]/.test(filter);
      return matches(filter, topic) !== (!blocked && filters.has(filter));
    }),
  );
  expect(heard.get("a/b")).toContain("+/b");
  expect(differences).toEqual([]);
});
