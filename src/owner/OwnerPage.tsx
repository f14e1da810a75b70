import { useEffect, useRef } from "react";
import { api } from "../../convex/_generated/api";
import { RouteLink } from "../app/RouteLink.tsx";
import { ChatHeader } from "../chat/ChatHeader.tsx";
import { COMPOSER_ID } from "../composer/focusComposer.ts";
import { useText, useTextsOf } from "../i18n/catalogue.ts";
import { useViewerQuery } from "../session/session.ts";
import { ErrorBoundary } from "../ui/ErrorBoundary.tsx";
import { keepFocus } from "../ui/keepFocus.ts";
import styles from "./Owner.module.css";
import { useOwnerTexts } from "./ownerTexts.ts";
import { SECTIONS } from "./sections.ts";

/** What the owner and the admins of a server see and decide: a list of sections, one of them open. */
export function OwnerPage({ section }: { section: string }) {
  const text = useOwnerTexts();
  const { appName } = useText();
  const me = useViewerQuery(api.accounts.me, {});
  const titles = useTextsOf({
    en: SECTIONS.map(({ title }) => title.en),
    de: SECTIONS.map(({ title }) => title.de),
  });
  const open = Math.max(
    0,
    SECTIONS.findIndex(({ id }) => id === section),
  );
  const { id, Section } = SECTIONS[open] ?? SECTIONS[0];
  const title = titles[open] ?? "";
  useEffect(() => {
    document.title = `${title} · ${appName}`;
  }, [title, appName]);
  const isAllowed = me?.role === "owner" || me?.role === "admin";
  // Where the sections are one line, that line may be longer than the screen.
  const current = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    const tab = current.current;
    if (tab === null) return;
    // Called at the start, and again when the screen turns and when a tab's font comes.
    const observer = new ResizeObserver(() => {
      tab.scrollIntoView({ block: "nearest", inline: "center" });
    });
    observer.observe(tab);
    if (tab.parentElement) observer.observe(tab.parentElement);
    return () => observer.disconnect();
  }, [id, isAllowed]);
  return (
    <div className={styles.page}>
      <ChatHeader title={text.title} />
      <div className={styles.body}>
        {isAllowed && (
          <nav className={styles.nav} aria-label={text.sections}>
            {SECTIONS.map((one, index) => (
              <RouteLink
                key={one.id}
                ref={index === open ? current : undefined}
                to={{ kind: "owner", section: one.id }}
                className={styles.tab}
                aria-current={index === open ? "page" : undefined}
              >
                {titles[index]}
              </RouteLink>
            ))}
          </nav>
        )}
        {/* Without a composer, the link past the list leads here; the keyboard scrolls it. */}
        <section id={COMPOSER_ID} tabIndex={0} aria-label={title} className={styles.content}>
          {isAllowed ? (
            <div ref={keepFocus} className={styles.section}>
              <h2 className={styles.title}>{title}</h2>
              <ErrorBoundary resetKey={id}>
                <Section />
              </ErrorBoundary>
            </div>
          ) : (
            <p className={styles.hint}>{me === undefined ? text.loading : text.notAllowed}</p>
          )}
        </section>
      </div>
    </div>
  );
}
