import { useEffect, useState, type ComponentType, type ReactNode } from "react";
import { texts } from "../i18n/catalogue.ts";
import { showToast } from "./toasts.ts";

/** What has arrived, by what loads it: it is there at once the next time. */
const arrived = new WeakMap<object, unknown>();

interface Props<Given> {
  /** The same function at each render. */
  load: () => Promise<ComponentType<Given>>;
  fallback?: ReactNode;
  /** Takes back what asked for the part, so that asking again is possible. */
  onMissing: () => void;
  /** Asks again. */
  onRetry: () => void;
  children: (Part: ComponentType<Given>) => ReactNode;
}

/**
 * A part of the page that is loaded when it is first shown. One that does not arrive takes nothing else with it: a toast
 * says so, and each time it is wanted it is asked for anew (`React.lazy` would keep the failure for ever).
 */
export function Loaded<Given>({ load, fallback = null, onMissing, onRetry, children }: Props<Given>) {
  const [Part, setPart] = useState(() => arrived.get(load) as ComponentType<Given> | undefined);
  useEffect(() => {
    if (Part !== undefined) return;
    let wanted = true;
    load().then(
      (part) => {
        arrived.set(load, part);
        if (wanted) setPart(() => part);
      },
      () => {
        if (!wanted) return;
        onMissing();
        showToast({
          tone: "error",
          message: texts().partNotLoaded,
          action: { label: texts().tryAgain, run: onRetry },
        });
      },
    );
    return () => {
      wanted = false;
    };
    // Asked for once each time it is shown, whatever its owner does meanwhile.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [load, Part]);
  return Part === undefined ? fallback : children(Part);
}
