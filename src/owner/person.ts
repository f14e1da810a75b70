import type { FunctionReturnType } from "convex/server";
import type { api } from "../../convex/_generated/api";
import type { OwnerTexts } from "./ownerTexts.ts";

/** Somebody with an account, as admins see them. */
export type Person = FunctionReturnType<typeof api.people.list>["page"][number];

/** What somebody is called here. */
export const nameOf = ({ name, login }: Pick<Person, "name" | "login">, text: OwnerTexts): string =>
  name ?? login ?? text.nobody;
