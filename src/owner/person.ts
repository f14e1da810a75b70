import type { FunctionReturnType } from "convex/server";
import type { api } from "../../convex/_generated/api";
import type { OwnerTexts } from "./ownerTexts.ts";

/** Somebody with an account, as admins see them. */
export type Person = FunctionReturnType<typeof api.people.list>["page"][number];

/** What somebody is called here. The owner of a machine has no name until they set a password. */
export const nameOf = (
  { name, login, role }: Pick<Person, "name" | "login" | "role">,
  text: OwnerTexts,
): string => name ?? login ?? (role === "owner" ? text.owner : text.nobody);
