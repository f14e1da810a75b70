import { ChevronDown, Columns2 } from "lucide-react";
import { openOverlay } from "../app/overlays.ts";
import { comparedModels } from "../compare/comparedModels.ts";
import { useText } from "../i18n/catalogue.ts";
import { useStore } from "../lib/store.ts";
import { Button } from "../ui/Button.tsx";
import { ModelMenu } from "./ModelMenu.tsx";
import { modelName } from "./models.ts";
import styles from "./ModelPicker.module.css";
import type { ModelChoice } from "./useModelChoice.ts";

/** Says which model answers, and lets one choose when there are several. While only the demo is there, says how to connect one. */
export function ModelPicker({ choice }: { choice: ModelChoice }) {
  const text = useText();
  const { models, current, choose } = choice;
  const compared = useStore(comparedModels);
  if (models === null) return null;
  if (compared !== null) {
    return (
      <Button
        look="quiet"
        className={styles.button}
        title={compared.join(", ")}
        aria-label={text.compare.count(compared.length)}
        onClick={() => openOverlay("compare")}
      >
        <Columns2 size={16} />
        {text.compare.models(compared.length)}
      </Button>
    );
  }
  if (!models.connected) {
    return (
      <Button look="quiet" className={styles.button} onClick={() => openOverlay("connect")}>
        {text.connectModel}
      </Button>
    );
  }
  const name = current === null ? text.noModels : modelName(models, current);
  // The menu says why a list could not be read, and has it asked for again.
  if (models.models.length < 2 && models.error === null) {
    return (
      <span className={styles.only} title={text.model}>
        {name}
      </span>
    );
  }
  return (
    <ModelMenu
      label={text.model}
      trigger={
        <Button
          look="quiet"
          className={styles.button}
          aria-label={current === null ? name : `${text.model}: ${name}`}
        >
          <span className={styles.name}>{name}</span>
          <ChevronDown size={14} />
        </Button>
      }
      models={models}
      current={current ?? ""}
      onChoose={choose}
      {...(models.models.length > 1 && { onCompare: () => openOverlay("compare") })}
    />
  );
}
