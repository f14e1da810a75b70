import type { Id } from "../../convex/_generated/dataModel";

/** A chat's draft is found under its id; the chat that does not exist yet has one draft, also after a reload. */
export const draftKeyOf = (taskId: Id<"tasks"> | null): string => taskId ?? "new";
