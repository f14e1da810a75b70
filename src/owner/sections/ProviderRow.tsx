import { useState } from "react";
import { useText, type Catalogue } from "../../i18n/catalogue.ts";
import { whyDown } from "../../lib/whyDown.ts";
import { Button } from "../../ui/Button.tsx";
import type { ShownProvider } from "./providerEntry.ts";
import { ProviderForm } from "./ProviderForm.tsx";
import styles from "./ProvidersSection.module.css";
import { useProvidersTexts, type ProvidersTexts } from "./providersTexts.ts";
import { RemoveProviderSheet } from "./RemoveProviderSheet.tsx";
import type { ProviderStates } from "./useProviderStates.ts";

interface Props {
  provider: ShownProvider;
  states: ProviderStates;
  isChecking: boolean;
  isOwner: boolean;
  isOpen: boolean;
  onOpen: () => void;
  /** `isChanged`: it was saved or removed. */
  onClose: (isChanged: boolean) => void;
}

/** One provider: how it is and what sets it; the owner changes those that were added here. */
export function ProviderRow({ provider, states, isChecking, isOwner, isOpen, onOpen, onClose }: Props) {
  const text = useProvidersTexts();
  const pageText = useText();
  const [isRemoving, setRemoving] = useState(false);
  const { name, kind, address, origin } = provider;
  const { words, isBad } = stateOf(provider, states, { isChecking, text, pageText });
  return (
    <li className={styles.provider}>
      <div className={styles.row}>
        <div className={styles.words}>
          <span className={styles.name}>{name}</span>
          <span className={styles.note}>
            {text.kinds[kind]} · <bdi>{address}</bdi>
          </span>
          <span className={styles.note}>{originOf(origin, text)}</span>
          <span className={styles.state} data-bad={isBad}>
            {words}
          </span>
        </div>
        {isOwner && origin.kind === "page" && !isOpen && (
          <div className={styles.actions}>
            <Button aria-label={text.actionFor(text.edit, name)} onClick={onOpen}>
              {text.edit}
            </Button>
            <Button
              look="danger"
              aria-label={text.actionFor(text.remove, name)}
              onClick={() => setRemoving(true)}
            >
              {text.remove}
            </Button>
          </div>
        )}
      </div>
      {isOpen && <ProviderForm provider={provider} taken={[]} onClose={onClose} />}
      {isRemoving && (
        <RemoveProviderSheet
          provider={provider}
          onClose={(isRemoved) => {
            setRemoving(false);
            if (isRemoved) onClose(true);
          }}
        />
      )}
    </li>
  );
}

function originOf(origin: ShownProvider["origin"], text: ProvidersTexts): string {
  switch (origin.kind) {
    case "file":
      return text.setBy(text.setInFile);
    case "variable":
      return text.setBy(origin.name);
    case "page":
      return text.setHere;
    default:
      return origin satisfies never;
  }
}

/** How it is, in words. */
function stateOf(
  { id, key, origin }: ShownProvider,
  states: ProviderStates,
  { isChecking, text, pageText }: { isChecking: boolean; text: ProvidersTexts; pageText: Catalogue },
): { words: string; isBad: boolean } {
  if (origin.kind === "page" && !origin.isUsed) return { words: text.unused, isBad: true };
  if (key === "lost") return { words: text.lost, isBad: true };
  if (key === "people") return { words: text.forPeople, isBad: false };
  if (states === "failed" && !isChecking) return { words: text.notChecked, isBad: true };
  const state = states === null || states === "failed" ? undefined : states.get(id);
  if (state === undefined) return { words: isChecking ? text.checking : "", isBad: false };
  const why = whyDown(state, pageText);
  return { words: why ?? text.models(state.models), isBad: why !== null };
}
