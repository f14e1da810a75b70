import type { ReactNode } from "react";
import type { FunctionReturnType } from "convex/server";
import type { api } from "../../convex/_generated/api";
import styles from "./Account.module.css";
import { EntryForm } from "./EntryForm.tsx";
import { useLeaveForProvider, type ProviderRight } from "./providerTrip.ts";
import { useAccountText } from "./texts.ts";

/** The way in by the OpenID Connect provider, below the form; nothing where there is none. */
export function ProviderButton({
  door,
  right,
}: {
  door: FunctionReturnType<typeof api.accounts.door>;
  right: ProviderRight | null;
}) {
  const text = useAccountText();
  const leave = useLeaveForProvider();
  if (door.provider === null) return null;
  return (
    <OtherWay>
      <EntryForm action={text.continueWith(door.provider)} look="plain" submit={() => leave(right)} />
    </OtherWay>
  );
}

/** Sets another way in apart from the form above. */
export function OtherWay({ children }: { children: ReactNode }) {
  const text = useAccountText();
  return (
    <div className={styles.otherWay}>
      <span className={styles.or}>{text.or}</span>
      {children}
    </div>
  );
}
