import type { ComponentProps, MouseEvent } from "react";
import type { ExtraProps } from "streamdown";
import { isSafeHref } from "./safeHref.ts";

/** Goes to a place in the same text. Not by the address: its fragment names the message that a chat is opened at. */
function goTo(event: MouseEvent<HTMLAnchorElement>) {
  event.preventDefault();
  const target = document.getElementById(decodeURIComponent(event.currentTarget.hash.slice(1)));
  if (target === null) return;
  if (target.tabIndex < 0) target.tabIndex = -1;
  target.scrollIntoView({ block: "nearest" });
  target.focus({ preventScroll: true });
}

/** A link that opens apart and tells the other side nothing; one that is not safe is only its text. */
export function SafeLink({ href, children, id, title, ...rest }: ComponentProps<"a"> & ExtraProps) {
  if (href === undefined || !isSafeHref(href)) return <span>{children}</span>;
  if (href.startsWith("#")) {
    return (
      <a
        id={id}
        href={href}
        aria-label={rest["aria-label"]}
        aria-describedby={rest["aria-describedby"]}
        onClick={goTo}
      >
        {children}
      </a>
    );
  }
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      title={title === undefined ? href : `${title}\n${href}`}
    >
      {children}
    </a>
  );
}
