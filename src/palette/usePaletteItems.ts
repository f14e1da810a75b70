import {
  Archive,
  Keyboard,
  MessageSquare,
  PanelLeft,
  Printer,
  Settings,
  SquarePen,
  SunMoon,
  TextCursorInput,
  TextQuote,
  type LucideIcon,
} from "lucide-react";
import { useMemo, useState, useEffect } from "react";
import { api } from "../../convex/_generated/api";
import { runAction, type AppAction } from "../app/actions.ts";
import { navigate, useRoute } from "../app/route.ts";
import { SHORTCUTS } from "../app/shortcuts.ts";
import { searchedFor } from "../chat/foundWords.ts";
import { useText } from "../i18n/catalogue.ts";
import { useViewerQuery } from "../session/session.ts";
import { useChats } from "../sidebar/useChats.ts";
import { matchesQuery } from "./matches.ts";

export interface PaletteItem {
  readonly id: string;
  readonly label: string;
  readonly detail?: string | undefined;
  readonly icon: LucideIcon;
  /** The keys that do the same, by their names in shortcuts.ts. */
  readonly keys?: readonly string[] | undefined;
  readonly run: () => void;
}

export interface PaletteGroup {
  readonly name: string;
  readonly items: readonly PaletteItem[];
}

/** ms without a key press after which the server is asked. */
const SEARCH_AFTER_MS = 150;
/** Chats offered before one has typed anything. */
const RECENT_CHATS = 6;

const COMMANDS: readonly { action: AppAction; icon: LucideIcon }[] = [
  { action: "newChat", icon: SquarePen },
  { action: "focusComposer", icon: TextCursorInput },
  { action: "sidebar", icon: PanelLeft },
  { action: "print", icon: Printer },
  { action: "toggleTheme", icon: SunMoon },
  { action: "settings", icon: Settings },
  { action: "shortcuts", icon: Keyboard },
  { action: "archive", icon: Archive },
];

const keysOf = (action: AppAction) => SHORTCUTS.find((shortcut) => shortcut.action === action)?.keys;

function useDelayed(value: string, delayMs: number): string {
  const [delayed, setDelayed] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setDelayed(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return delayed;
}

/** What the palette offers for a query. The last result stays while the next one is on its way. */
export function usePaletteItems(query: string): PaletteGroup[] {
  const text = useText();
  const route = useRoute();
  const here = route.kind === "chat" ? route.taskId : null;
  const wanted = useDelayed(query.trim(), SEARCH_AFTER_MS);
  const { chats: recent } = useChats(false);
  const found = useViewerQuery(api.search.chats, wanted === "" ? "skip" : { text: wanted });
  const [kept, setKept] = useState(found);
  if (found !== undefined && found !== kept) setKept(found);
  const results = query.trim() === "" ? undefined : (found ?? kept);

  return useMemo(() => {
    const open = (taskId: string) => () => navigate({ kind: "chat", taskId });
    const title = (name: string) => (name === "" ? text.untitled : name);
    // Where one is already is no place to go.
    const elsewhere = (recent ?? []).filter((chat) => chat._id !== here);
    const chats = results?.tasks ?? (query.trim() === "" ? elsewhere.slice(0, RECENT_CHATS) : []);
    const groups: PaletteGroup[] = [
      {
        name: text.paletteChats,
        items: chats.map((chat) => ({
          id: chat._id,
          label: title(chat.title),
          icon: MessageSquare,
          run: open(chat._id),
        })),
      },
      {
        name: text.paletteMessages,
        items: (results?.messages ?? []).map((message) => ({
          id: message.messageId,
          label: message.snippet,
          icon: TextQuote,
          detail: title(message.taskTitle),
          run: () => {
            searchedFor.set(query);
            navigate({ kind: "chat", taskId: message.taskId, messageId: message.messageId });
          },
        })),
      },
      {
        name: text.paletteCommands,
        items: COMMANDS.filter(({ action }) => matchesQuery(text.actions[action], query)).map(
          ({ action, icon }) => ({
            id: action,
            label: text.actions[action],
            icon,
            keys: keysOf(action),
            run: () => runAction(action),
          }),
        ),
      },
    ];
    return groups.filter((group) => group.items.length > 0);
  }, [here, query, recent, results, text]);
}
