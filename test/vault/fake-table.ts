import { AwsError } from "./aws-error";
import type { Operations } from "./fake-aws";

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;

export interface FakeTable {
  readonly operations: Operations;
  /** Items by table and `pk`, as `plant1-state/manifest/credentials`. */
  readonly items: Map<string, Item>;
}

/** DynamoDB as a manifest needs it: one item by its key, and a write on the two conditions that a vault uses. */
export const fakeTable = (): FakeTable => {
  const items = new Map<string, Item>();
  const keyOf = (table: string, key: Item): string => `${table}/${key["pk"]?.S}`;
  return {
    items,
    operations: {
      GetItem: (body: { TableName: string; Key: Item; ConsistentRead?: boolean }) => {
        // An eventually consistent read may miss the last write: here it always does.
        if (body.ConsistentRead !== true) return {};
        return { Item: items.get(keyOf(body.TableName, body.Key)) };
      },
      PutItem: (body: {
        TableName: string;
        Item: Item;
        ConditionExpression?: string;
        ExpressionAttributeValues?: Item;
        ReturnValuesOnConditionCheckFailure?: string;
      }) => {
        const key = keyOf(body.TableName, body.Item);
        const stored = items.get(key);
        const holds: Record<string, boolean> = {
          "attribute_not_exists(pk)": stored === undefined,
          "#sequence = :expected": stored?.["sequence"]?.N === body.ExpressionAttributeValues?.[":expected"]?.N,
          "": true,
        };
        const condition = body.ConditionExpression ?? "";
        if (!(condition in holds)) throw new AwsError("ValidationException", `unknown condition ${condition}`);
        if (!holds[condition]) {
          const more = body.ReturnValuesOnConditionCheckFailure === "ALL_OLD" ? { Item: stored } : {};
          throw new AwsError("ConditionalCheckFailedException", "The conditional request failed", more);
        }
        items.set(key, body.Item);
        return {};
      },
    },
  };
};
