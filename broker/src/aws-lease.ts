import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { itemKey, tableName } from "../../policy/deployment";
import type { LeaseItem, LeaseTable } from "./lease-table";

/**
 * The lease's item in the site's DynamoDB table: `{ pk: "lease", epoch, beat, holder, address, released, completed }`.
 * Calls exactly dynamodb:GetItem and dynamodb:UpdateItem.
 */
export function awsLeaseTable(site: string): LeaseTable {
  // A renewal that takes longer than this is better sent again: three fit into the lease's ten seconds.
  const client = new DynamoDBClient({
    maxAttempts: 2,
    // Without the last of these a request that is never answered only warns, and waits for ever.
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  const TableName = tableName(site);
  const Key = { pk: { S: itemKey.lease } };
  const number = (value: number): { N: string } => ({ N: String(value) });

  const update = async (
    UpdateExpression: string,
    ConditionExpression: string,
    names: readonly string[],
    values: Record<string, { S: string } | { N: string } | { BOOL: boolean }>,
  ): Promise<LeaseItem | undefined> => {
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression,
          ConditionExpression,
          // Some of these are reserved words in DynamoDB; naming all of them spares knowing which.
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: values,
          ReturnValues: "ALL_NEW",
        }),
      );
      return itemOf(Attributes ?? {});
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  };
  const done = (item: LeaseItem | undefined): boolean => item !== undefined;

  return {
    read: async () => {
      const { Item: item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      return item && itemOf(item);
    },
    acquire: (seen, next) => {
      const values = {
        ":next": number(next.epoch),
        ":zero": number(0),
        ":holder": { S: next.holder },
        ":address": { S: next.address },
        ":no": { BOOL: false },
      };
      const set = "SET #epoch = :next, #beat = :zero, #holder = :holder, #address = :address, #released = :no";
      const names = ["epoch", "beat", "holder", "address", "released"];
      return seen
        ? update(set, "#epoch = :epoch AND #beat = :beat", names, {
            ...values,
            ":epoch": number(seen.epoch),
            ":beat": number(seen.beat),
          })
        : update(set, "attribute_not_exists(#pk)", [...names, "pk"], values);
    },
    renew: (epoch, holder) =>
      update(
        "SET #beat = #beat + :one",
        "#epoch = :epoch AND #holder = :holder AND #released = :no",
        ["beat", "epoch", "holder", "released"],
        {
          ":one": number(1),
          ":epoch": number(epoch),
          ":holder": { S: holder },
          ":no": { BOOL: false },
        },
      ).then(done),
    release: (epoch, holder) =>
      update("SET #released = :yes", "#epoch = :epoch AND #holder = :holder", ["released", "epoch", "holder"], {
        ":yes": { BOOL: true },
        ":epoch": number(epoch),
        ":holder": { S: holder },
      }).then(done),
    complete: (epoch, holder, folder) =>
      update(
        "SET #completed = :folder",
        "#epoch = :epoch AND #holder = :holder AND #released = :no",
        ["completed", "epoch", "holder", "released"],
        {
          ":folder": { S: folder },
          ":epoch": number(epoch),
          ":holder": { S: holder },
          ":no": { BOOL: false },
        },
      ).then(done),
  };
}

function itemOf(item: Record<string, AttributeValue>): LeaseItem {
  return {
    epoch: Number(item["epoch"]?.N),
    beat: Number(item["beat"]?.N),
    holder: item["holder"]?.S ?? "",
    address: item["address"]?.S ?? "",
    released: item["released"]?.BOOL ?? false,
    completed: item["completed"]?.S,
  };
}
