import { useConvex } from "convex/react";
import { useState } from "react";
import { api } from "../../../convex/_generated/api";
import { MAX_ADDED_PROVIDERS } from "../../../convex/shared/limits";
import { askAgain } from "../../composer/models.ts";
import { useViewerQuery } from "../../session/session.ts";
import { Button } from "../../ui/Button.tsx";
import { ProviderForm } from "./ProviderForm.tsx";
import { ProviderRow } from "./ProviderRow.tsx";
import styles from "./ProvidersSection.module.css";
import { useProvidersTexts } from "./providersTexts.ts";
import { useProviderStates } from "./useProviderStates.ts";

/** Where the server's models come from. The owner adds to what is set where it is started; admins see it. */
export function ProvidersSection() {
  const text = useProvidersTexts();
  const convex = useConvex();
  const me = useViewerQuery(api.accounts.me, {});
  const shown = useViewerQuery(api.modelProviders.list, {});
  const { states, isChecking, check } = useProviderStates(shown ? JSON.stringify(shown) : null);
  /** The provider whose form is open; "" for that of a new one. */
  const [open, setOpen] = useState<string | null>(null);
  if (shown === undefined || me === undefined) return null;
  const { providers, fault } = shown;
  const isOwner = me.role === "owner";
  const added = providers.filter(({ origin }) => origin.kind === "page");
  const close = (isChanged: boolean) => {
    setOpen(null);
    // The picker's list.
    if (isChanged) askAgain(convex);
  };
  return (
    <>
      <p className={styles.hint}>
        {text.hint} {!isOwner && text.ownerOnly}
      </p>
      {fault !== null && <p className={styles.error}>{fault}</p>}
      {providers.length === 0 && <p className={styles.hint}>{text.none}</p>}
      <ul className={styles.providers} aria-busy={isChecking}>
        {providers.map((provider) => (
          <ProviderRow
            key={`${provider.origin.kind} ${provider.id}`}
            provider={provider}
            states={states}
            isChecking={isChecking}
            isOwner={isOwner}
            isOpen={open === provider.id}
            onOpen={() => setOpen(provider.id)}
            onClose={close}
          />
        ))}
      </ul>
      <div className={styles.buttons}>
        {providers.length > 0 && (
          <Button disabled={isChecking} onClick={check}>
            {isChecking ? text.checking : text.checkAgain}
          </Button>
        )}
        {isOwner && open === null && added.length < MAX_ADDED_PROVIDERS && (
          <Button look="primary" onClick={() => setOpen("")}>
            {text.add}
          </Button>
        )}
      </div>
      {isOwner && added.length >= MAX_ADDED_PROVIDERS && (
        <p className={styles.hint}>{text.full(added.length)}</p>
      )}
      {open === "" && <ProviderForm provider={null} taken={providers.map(({ id }) => id)} onClose={close} />}
    </>
  );
}
