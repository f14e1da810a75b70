/** The functions folder cannot be built. The message says where and what to do, one problem a line. */
export class BuildError extends Error {
  override name = "BuildError";
}
