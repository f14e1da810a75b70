/**
 * A reason why Verbatim cannot start that its user can mend. The message is one line and says what to do; it is
 * printed as it is, without a stack.
 */
export class StartError extends Error {
  override name = "StartError";
}
