import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { tableName } from "../policy/deployment";
import type { Site } from "../policy/site";

export interface StateTableProps {
  readonly site: Site;
}

/**
 * The one table of a site: the brokers' lease and the manifests of credentials and access document.
 *
 * Terraform owns no item in it: the lease is the brokers', the manifests are the CA functions'. Nothing in it is secret
 * (hashes, version ids, an address), so it is encrypted under the AWS-managed key: a failover must not depend on one more
 * key policy. On demand; costs about 3 USD a month, most of it the brokers looking for manifests and a free lease.
 *
 *     const table = new StateTable(this, "state-table", { site }).table;
 */
export class StateTable extends Construct {
  readonly table: DynamodbTable;

  constructor(scope: Construct, id: string, { site }: StateTableProps) {
    super(scope, id);
    const permanent = site.lifetime === "permanent";
    this.table = new DynamodbTable(this, "table", {
      name: tableName(site.name),
      billingMode: "PAY_PER_REQUEST",
      hashKey: "pk",
      attribute: [{ name: "pk", type: "S" }],
      serverSideEncryption: { enabled: true },
      // Deleting a table with recovery on leaves a system backup behind for 35 days; an ephemeral site leaves nothing.
      pointInTimeRecovery: { enabled: permanent },
      deletionProtectionEnabled: permanent,
      lifecycle: permanent ? { preventDestroy: true } : undefined,
    });
  }
}
