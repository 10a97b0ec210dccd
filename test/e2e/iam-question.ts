/** "May this role do that?" */
export interface IamQuestion {
  /** Name of the role; undefined for a principal with full permissions of its own, `"administrator"` or a service. */
  readonly role: string;
  /** `service:Action` */
  readonly action: string;
  /** ARN, or `*` for an action that knows no resource. */
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  /** Where the question comes from: recorded, or why it is asked all the same. */
  readonly why: string;
  /** Service of the VPC endpoint that the call must pass; undefined for callers outside the VPC. */
  readonly endpoint?: string;
}

export const sentence = ({ role, action, resource, context }: IamQuestion): string => {
  const keys = Object.entries(context).map(([key, value]) => `${key}=${[value].flat().join(",")}`);
  return `${role}: ${action} on ${resource}${keys.length > 0 ? ` with ${keys.join(", ")}` : ""}`;
};
