import type { AedesOptions } from "aedes";

/** The hooks of Aedes that decide about messages: asked by us as Aedes would ask them. */
export type AuthorizePublish = NonNullable<AedesOptions["authorizePublish"]>;
export type AuthorizeSubscribe = NonNullable<AedesOptions["authorizeSubscribe"]>;
