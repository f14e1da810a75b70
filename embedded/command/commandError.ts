/** What whoever runs the command can mend. The message is a sentence that says how; it is printed without a stack. */
export class CommandError extends Error {
  override name = "CommandError";
}
