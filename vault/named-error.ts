/**
 * Says what an AWS error was about, which its own message often does not ("Secrets Manager can't find the specified
 * secret."). Keeps its name, by which callers tell errors apart.
 */
export const namedError = (about: string, cause: unknown): Error => {
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  const error = new Error(`${about}: ${name}: ${message}`, { cause });
  error.name = name;
  return error;
};
