/** What this backend says of itself over HTTP. */

/** What `/version` says: the API version of the `convex` package that this backend follows. */
export const API_VERSION = "1.48.0";

/** The name that a self-hosted deployment without one has. */
export const INSTANCE_NAME = "embedded";
