import type { ComponentProps, MouseEvent } from "react";
import { formatRoute, navigate, type Route } from "./route.ts";

/** A real link (so that it can be opened in a new tab) that changes the page without loading it again. */
export function RouteLink({ to, onClick, ...rest }: { to: Route } & Omit<ComponentProps<"a">, "href">) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !plain) return;
    event.preventDefault();
    navigate(to);
  };
  return <a {...rest} href={formatRoute(to)} onClick={follow} />;
}
