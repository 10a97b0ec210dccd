/** Ids that the page's script finds its elements by. */
export const BROWSER = {
  data: "access-data",
  form: "access-form",
  name: "access-name",
  kind: "access-kind",
  role: "access-role",
  topic: "access-topic",
  fault: "access-fault",
  status: "access-status",
  rows: "access-rows",
  previous: "access-previous",
  next: "access-next",
} as const;
