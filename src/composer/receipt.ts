import type { FunctionReturnType } from "convex/server";
import type { api } from "../../convex/_generated/api";

/** What `messages.send` and its sisters answer. */
export type Receipt = FunctionReturnType<typeof api.messages.send>;
