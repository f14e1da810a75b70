import { ChevronDown } from "lucide-react";
import { ModelMenu } from "../composer/ModelMenu.tsx";
import { modelsStore, rememberModel } from "../composer/models.ts";
import { useText } from "../i18n/catalogue.ts";
import { useStore } from "../lib/store.ts";
import { IconButton } from "../ui/IconButton.tsx";
import type { Message } from "./types.ts";
import { useAnswerRequests } from "./useAnswerRequests.ts";

/** Asks another model for the same reply. Nothing where there is only one. Its arrow belongs to the button before it. */
export function RetryWith({ message }: { message: Message }) {
  const text = useText();
  const models = useStore(modelsStore);
  const { regenerate } = useAnswerRequests();
  if (models === null || models.models.length < 2) return null;
  const retry = (model: string) => {
    rememberModel(model);
    regenerate(message, model);
  };
  return (
    <ModelMenu
      label={text.regenerateWith}
      trigger={
        <IconButton label={text.regenerateWith}>
          <ChevronDown size={16} />
        </IconButton>
      }
      models={models}
      // None is marked: the reply's own may be asked again, too.
      current=""
      onChoose={retry}
    />
  );
}
