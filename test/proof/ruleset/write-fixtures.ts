import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BASE, HARMLESS, HOLES } from "./base-ruleset";
import { listRuleset } from "./list-ruleset";

// npx tsx test/proof/ruleset/write-fixtures.ts: needs nft and user namespaces.
const folder = join(__dirname, "fixtures");
mkdirSync(folder, { recursive: true });
for (const { name, change } of [...HOLES, ...HARMLESS])
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(listRuleset(change(BASE)))}\n`);
