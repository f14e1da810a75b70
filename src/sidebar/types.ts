import type { FunctionReturnType } from "convex/server";
import type { api } from "../../convex/_generated/api";

/** A chat as the list shows it. */
export type Chat = FunctionReturnType<typeof api.tasks.list>["page"][number];
