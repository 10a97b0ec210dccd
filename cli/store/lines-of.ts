/**
 * The lines of a stream of UTF-8, without their line feeds; what follows the last line feed is a line, if there is anything.
 * (Node's readline begins to read before anybody listens, and what came by then is lost.)
 */
export async function* linesOf(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + (typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }))).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
