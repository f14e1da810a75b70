import { createContext } from "react";
import type { Chat } from "./types.ts";

/**
 * The chats last listed, archived ones and others: a drawer that is opened again, perhaps offline, shows them until it hears more.
 * Another session is another map. Null outside of the app.
 */
export const KeptChats = createContext<Map<boolean, readonly Chat[]> | null>(null);
