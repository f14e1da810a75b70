import type { Id } from "../../../_generated/dataModel";
import type { McpServer } from "../../../shared/mcpConfig";
import type { KeyUse } from "../../keys/sealedKey";

export type Owner = { userId: Id<"users">; server: Pick<McpServer, "name" | "url"> };

/** What a sign-in, or a try, is sealed for: this person and server, at this address. */
const useOf = (kind: "sign-in" | "try", { userId, server }: Owner): KeyUse => ({
  userId,
  providerId: `mcp ${kind} ${server.name}`,
  address: new URL(server.url).href,
});

export const signInUse = (owner: Owner): KeyUse => useOf("sign-in", owner);

export const tryUse = (owner: Owner): KeyUse => useOf("try", owner);
