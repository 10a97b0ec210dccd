/** The queue's declared bound is reached, and its policy is to refuse what is new. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";

  /** @param maxBytes the bound */
  constructor(maxBytes: number) {
    super(`the queue holds its ${maxBytes} bytes, and the site declared to refuse new messages then`);
  }
}
