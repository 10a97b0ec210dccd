import { countText } from "../../proof/report/number-text";
import type { Facts } from "../../proof/facts/facts";
import type { Proof, Step } from "../../proof/verdict";
import type { Output } from "../output";

/** More counterexamples of one property say nothing new. */
const MOST = 10;

/** Shows what does not hold with its evidence, what holds in a line each, and what was looked at. */
export const showProofs = (proofs: readonly Proof[], facts: Facts | undefined, output: Output): void => {
  for (const proof of proofs) output.event("proof", { ...proof });
  const failing = proofs.filter(({ verdict }) => verdict.answer !== "PROVEN");
  for (const proof of proofs) if (!failing.includes(proof)) showProven(proof, output);
  for (const proof of failing) showFailing(proof, output);
  const count = (answer: string) => proofs.filter(({ verdict }) => verdict.answer === answer).length;
  const counts = { proven: count("PROVEN"), violated: count("VIOLATED"), unproven: count("UNPROVEN") };
  const resources = facts?.resources.length ?? 0;
  output.event("counts", { resources, source: facts?.source ?? null, properties: proofs.length, ...counts });
  output.text();
  output.text(
    `${facts ? `${countText(resources, "resource")} of the ${facts.source}, ` : ""}` +
      `${countText(proofs.length, "property", "properties")}: ` +
      `${counts.proven} proven, ${counts.violated} violated, ${counts.unproven} unproven`,
  );
};

/** Shows what is no matter of proof; one line each. */
export const showRemarks = (remarks: readonly Step[], output: Output): void => {
  for (const remark of remarks) output.event("remark", { ...remark });
  if (remarks.length > 0) output.text(`\n${output.colours.bold("For the reviewer")}`);
  listed(remarks, ({ at, says }) => [`  ${at}: ${says}`], output.text);
};

const showProven = ({ id, promises, verdict }: Proof, { text, colours }: Output): void => {
  const says = verdict.answer === "PROVEN" ? verdict.says : "";
  text(`${colours.green("PROVEN")}  ${id}: ${colours.dim(`${says} (${promises.join(", ")})`)}`);
};

const showFailing = ({ id, what, why, verdict }: Proof, { text, colours }: Output): void => {
  text();
  const answer = verdict.answer === "VIOLATED" ? colours.red(verdict.answer) : colours.yellow(verdict.answer);
  text(`${answer}  ${colours.bold(what)} ${colours.dim(`[${id}]`)}`);
  text(`  ${why}`);
  const step = ({ at, says }: Step): string => `${at}: ${says}`;
  if (verdict.answer === "UNPROVEN") listed(verdict.reasons, (reason) => [`  not understood: ${step(reason)}`], text);
  if (verdict.answer === "VIOLATED")
    listed(
      verdict.counterexamples,
      ({ source, target, path }) => [`  ${source} → ${target}`, ...path.map((hop) => `    ${step(hop)}`)],
      text,
    );
};

const listed = <One>(all: readonly One[], lines: (one: One) => readonly string[], text: Output["text"]): void => {
  for (const line of all.slice(0, MOST).flatMap(lines)) text(line);
  if (all.length > MOST) text(`  and ${all.length - MOST} more; --json shows all`);
};
