import type { Proof, Property } from "./verdict";

/** Holds each property to the same input. A fault in a check is no proof: it is reported as what was not understood. */
export const proveProperties = <Input>(properties: readonly Property<Input>[], input: Input): readonly Proof[] =>
  properties.map(({ id, what, why, promises, controls, check }) => {
    const identity = { id, what, why, promises, controls };
    try {
      return { ...identity, verdict: check(input) };
    } catch (error) {
      const says = `the check itself failed: ${error instanceof Error ? error.message : String(error)}`;
      return { ...identity, verdict: { answer: "UNPROVEN", reasons: [{ at: id, says }] } };
    }
  });
