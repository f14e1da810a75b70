import { cloneElement, lazy, Suspense, useState, type ReactElement, type ReactNode } from "react";

/** What a menu holds, as data: the menu itself is loaded when one is first opened. */
export type MenuEntry =
  | {
      readonly kind: "item";
      readonly label: string;
      readonly icon?: ReactNode;
      readonly danger?: boolean;
      readonly onSelect: () => void;
    }
  | { readonly kind: "separator" }
  | {
      readonly kind: "choices";
      readonly value: string;
      readonly choices: readonly { value: string; label: string; hint?: string | undefined }[];
      readonly onChange: (value: string) => void;
    };

export interface MenuProps {
  /** A button; it opens the menu. */
  trigger: ReactElement<TriggerProps>;
  align?: "start" | "end";
  label: string;
  entries: readonly MenuEntry[];
}

interface TriggerProps {
  onClick?: () => void;
  "aria-haspopup"?: "menu";
  "aria-expanded"?: boolean;
}

const OpenedMenu = lazy(async () => ({ default: (await import("./OpenedMenu.tsx")).OpenedMenu }));

/** A menu that opens at its trigger. Until it is first used it is only the trigger. */
export function Menu(props: MenuProps) {
  const [used, setUsed] = useState(false);
  const unused = cloneElement(props.trigger, {
    onClick: () => setUsed(true),
    "aria-haspopup": "menu",
    "aria-expanded": false,
  });
  if (!used) return unused;
  return (
    <Suspense fallback={unused}>
      <OpenedMenu {...props} />
    </Suspense>
  );
}
