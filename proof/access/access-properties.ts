import type { Property } from "../verdict";
import type { AccessInput } from "./access-input";
import { brokerWillLoadIt } from "./broker-will-load-it";
import { clientIdsAreBound } from "./client-ids-are-bound";
import { documentIsTheDeclaredOne } from "./document-is-the-declared-one";
import { edgeCommandsPrivate } from "./edge-commands-private";
import { edgeWritesApart } from "./edge-writes-apart";
import { edgesExchangeNothing } from "./edges-exchange-nothing";
import { everyGrantHasAUser } from "./every-grant-has-a-user";
import { namesAreOneLevel } from "./names-are-one-level";
import { onlyOperatorsReadSys } from "./only-operators-read-sys";
import { operatorsWriteNothing } from "./operators-write-nothing";

const ALWAYS: readonly Property<AccessInput>[] = [
  brokerWillLoadIt,
  namesAreOneLevel,
  clientIdsAreBound,
  edgeWritesApart,
  edgesExchangeNothing,
  edgeCommandsPrivate,
  onlyOperatorsReadSys,
  operatorsWriteNothing,
  everyGrantHasAUser,
];

/** What must hold of an access document; with a declaration, also that it is the declared one. */
export const accessProperties = ({ declared }: AccessInput): readonly Property<AccessInput>[] =>
  declared === undefined ? ALWAYS : [...ALWAYS, documentIsTheDeclaredOne];
