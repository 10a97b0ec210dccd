/**
 * The end-to-end run: deploys the sample site with the real cdktf, Terraform and provider to an emulated AWS, runs the
 * broker from what was deployed, attacks it, fails it over, checks who called what, and destroys everything.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CleanUp } from "./clean-up";
import { playRun } from "./play-run";
import { Scenario } from "./scenario";

const cleanUp = new CleanUp();
const scenario = new Scenario();
const folder = mkdtempSync(join(tmpdir(), "dmz-e2e-"));
if (!process.argv.includes("--keep")) cleanUp.add("folder", () => rmSync(folder, { recursive: true }));

async function finish(): Promise<void> {
  for (const fault of await cleanUp.run()) scenario.failures.push({ title: "clean up", error: new Error(fault) });
  for (const { title, error } of scenario.failures) scenario.say(`FAILED ${title}: ${error.message.split("\n")[0]!}`);
  const { passed, failures } = scenario;
  // In the shape of jest's result, so that one reader counts all suites.
  const result = process.argv.find((argument) => argument.startsWith("--outputFile="));
  const counts = {
    numPassedTests: passed,
    numFailedTests: failures.length,
    numPendingTests: 0,
    numTodoTests: 0,
    numRuntimeErrorTestSuites: 0,
  };
  if (result) writeFileSync(result.slice("--outputFile=".length), JSON.stringify(counts));
  process.stdout.write(`${passed} passed, ${failures.length} failed, 0 skipped\n`);
  process.exit(failures.length === 0 ? 0 : 1);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    scenario.failures.push({ title: "run", error: new Error(`interrupted by ${signal}`) });
    void finish();
  });
}
process.once("uncaughtException", (error) => {
  scenario.failures.push({ title: "run", error });
  scenario.say(error.stack ?? error.message);
  void finish();
});
playRun({ scenario, cleanUp, folder })
  .catch((error: unknown) => {
    if (scenario.failures.some((failure) => failure.error === error)) return;
    scenario.failures.push({ title: "run", error: error instanceof Error ? error : new Error(String(error)) });
    scenario.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  })
  .then(finish, finish);
