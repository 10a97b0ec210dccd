import { MemoryKeyValue } from "../../broker/src/persistence/memory-key-value";
import type { MessageStore } from "../../broker/src/store/message-store";

/** Stands in for the store in a folder, by its name: see `buildMemoryBroker`. */
export class FolderStore implements MessageStore {
  readonly check = async (): Promise<void> => undefined;
  readonly open = async (): Promise<MemoryKeyValue> => new MemoryKeyValue();
}
