/** An input that is not what it should be: exit code 3, with the place, the rule and, where it helps, the fix. */
export class BadInput extends Error {
  override readonly name = "BadInput";
  constructor(
    /** A file, and where in it: `plan.json: 'format_version'`. */
    readonly place: string,
    /** What it must be and what it is: "must be 1.x, got '2.0'". */
    readonly rule: string,
  ) {
    super(`${place} ${rule}`);
  }
}
