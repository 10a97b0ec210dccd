import type { TerraformStack } from "cdktf";
import { AccessDocument } from "../../constructs/access-document";
import { BrokerFirewall } from "../../constructs/broker-firewall";
import { Credentials } from "../../constructs/credentials";
import { DmzNetwork } from "../../constructs/dmz-network";
import { EncryptionKeys } from "../../constructs/encryption-keys";
import { LoadBalancer } from "../../constructs/load-balancer";
import { MessageStore } from "../../constructs/message-store";
import { ServiceRoles } from "../../constructs/service-roles";
import { StateTable } from "../../constructs/state-table";
import type { Site } from "../../policy/site";

/** What a construct under test is handed, under the ids that the site stack gives. */
export function siteParts(stack: TerraformStack, site: Site) {
  const roles = new ServiceRoles(stack, "service-roles", { site });
  const keys = new EncryptionKeys(stack, "encryption-keys", { site, roles });
  const network = new DmzNetwork(stack, "network", { site });
  const firewall = new BrokerFirewall(stack, "firewall", { site, network });
  return {
    site,
    roles,
    keys,
    table: new StateTable(stack, "state-table", { site }).table,
    credentials: new Credentials(stack, "credentials", { site, keys, roles }),
    accessDocument: new AccessDocument(stack, "access-document", { site, keys, roles }),
    dmz: { network, firewall, loadBalancer: new LoadBalancer(stack, "load-balancer", { site, network, firewall }) },
    store: new MessageStore(stack, "message-store", { site, network, firewall, keys, roles }),
  };
}
