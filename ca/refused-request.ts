/** A request that breaks rules: all of its faults at once, each with its path, the rule and the value. Nothing was written. */
export class RefusedRequest extends Error {
  override readonly name = "RefusedRequest";
  constructor(
    readonly request: string,
    readonly faults: readonly string[],
  ) {
    super(
      `${request}: ${faults.length === 1 ? "1 fault" : `${faults.length} faults`}, nothing was written\n- ${faults.join("\n- ")}`,
    );
  }
}
