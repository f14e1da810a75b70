import { useMemo } from "react";
import { api } from "../../convex/_generated/api";
import { useRoute } from "../app/route.ts";
import { useText } from "../i18n/catalogue.ts";
import { useNow } from "../lib/useNow.ts";
import { useViewerQuery } from "../session/session.ts";
import { Button } from "../ui/Button.tsx";
import { ChatRow } from "./ChatRow.tsx";
import { groupByTime } from "./groupByTime.ts";
import styles from "./Sidebar.module.css";
import { useChats } from "./useChats.ts";
import { useEndNotices } from "./useEndNotices.ts";
import { useWaitingChats } from "./useWaitingChats.ts";

/** ms: often enough that "Today" becomes "Yesterday" soon after midnight. */
const REGROUP_MS = 5 * 60 * 1000;

/** `heading`: of a list that is not the usual one, where nothing else names it. */
export function ChatList({ archived, heading }: { archived: boolean; heading?: string }) {
  const text = useText();
  const route = useRoute();
  const now = useNow(REGROUP_MS);
  const { chats, current, canLoadMore, loadMore } = useChats(archived);
  const waiting = useWaitingChats();
  const toApprove = useViewerQuery(api.generation.awaitingApproval, {}) ?? [];
  useEndNotices(current ? chats : null);
  const groups = useMemo(
    () =>
      groupByTime(
        (chats ?? []).map((chat) => ({ chat, pinned: chat.pinned, time: chat.lastActivityAt })),
        now,
      ),
    [chats, now],
  );
  const openId = route.kind === "chat" ? route.taskId : null;

  if (chats === null) return <p className={styles.empty}>{text.loadingChats}</p>;
  if (chats.length === 0) return <p className={styles.empty}>{archived ? text.noArchived : text.noChats}</p>;
  return (
    <div className={styles.list}>
      {heading !== undefined && <h2 className={styles.group}>{heading}</h2>}
      {groups.map(({ group, chats: rows }) => (
        <section key={group} aria-label={text.groups[group]}>
          <h2 className={styles.group}>{text.groups[group]}</h2>
          <ul className={styles.rows}>
            {rows.map(({ chat }) => (
              <ChatRow
                key={chat._id}
                chat={chat}
                current={chat._id === openId}
                waiting={waiting.has(chat._id)}
                toApprove={toApprove.includes(chat._id)}
              />
            ))}
          </ul>
        </section>
      ))}
      {canLoadMore && (
        <Button look="quiet" className={styles.more} onClick={loadMore}>
          {text.loadMore}
        </Button>
      )}
    </div>
  );
}
