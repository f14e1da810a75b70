import { useConvex, useMutation } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useEffect, useId, useState } from "react";
import { api } from "../../../convex/_generated/api";
import { matchesStoredId } from "../../../convex/shared/modelPatterns";
import { reportFailure } from "../../app/failures.ts";
import { loadModels, modelsStore } from "../../composer/models.ts";
import { useStore } from "../../lib/store.ts";
import { useViewerQuery } from "../../session/session.ts";
import { Choice } from "../../settings/Choice.tsx";
import { Button } from "../../ui/Button.tsx";
import { showToast } from "../../ui/toasts.ts";
import styles from "./ModelsSection.module.css";
import { useModelsTexts } from "./modelsTexts.ts";

type Access = FunctionReturnType<typeof api.modelAccess.settings>[number];

/** Which models are there for whom. The owner changes it, admins see it. */
export function ModelsSection() {
  const text = useModelsTexts();
  const convex = useConvex();
  const settings = useViewerQuery(api.modelAccess.settings, {});
  const me = useViewerQuery(api.accounts.me, {});
  useEffect(() => loadModels(convex), [convex]);
  if (settings === undefined || me === undefined) return null;
  const mayChange = me.role === "owner";
  return (
    <div className={styles.section}>
      <p className={styles.hint}>
        {text.hint} {!mayChange && text.ownerOnly}
      </p>
      {settings.map((access) => (
        // What somebody else has set meanwhile replaces what is typed.
        <AudienceModels
          key={`${access.audience} ${JSON.stringify(access.show)}`}
          access={access}
          mayChange={mayChange}
        />
      ))}
    </div>
  );
}

function AudienceModels({ access, mayChange }: { access: Access; mayChange: boolean }) {
  const { audience, show, fixedBy } = access;
  const text = useModelsTexts();
  const id = useId();
  const set = useMutation(api.modelAccess.setFor);
  const [typed, setTyped] = useState<string | null>(() => show?.join("\n") ?? null);
  const names = typed === null ? null : namesIn(typed);
  const isChanged = JSON.stringify(names) !== JSON.stringify(show);
  const name = text.audiences[audience];
  const save = (next: string[] | null) =>
    set({ audience, show: next }).then(
      () => void showToast({ tone: "info", message: text.saved }),
      (error: unknown) => reportFailure(error),
    );
  return (
    <fieldset className={styles.audience} disabled={!mayChange || fixedBy !== null}>
      <legend className={styles.name}>{name}</legend>
      {fixedBy !== null && <p className={styles.hint}>{text.fixed(fixedBy)}</p>}
      <Choice
        label={text.names(name)}
        value={names === null ? "all" : "some"}
        choices={{ all: text.all, some: text.some }}
        onChange={(next) => {
          setTyped(next === "all" ? null : "");
          if (next === "all" && show !== null) void save(null);
        }}
      />
      {names !== null && (
        <>
          <textarea
            className={styles.names}
            aria-label={text.names(name)}
            aria-describedby={`${id}-hint`}
            rows={Math.min(10, Math.max(3, names.length + 1))}
            spellCheck={false}
            value={typed ?? ""}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <p id={`${id}-hint`} className={styles.hint}>
            {text.namesHint}
          </p>
          <Matches names={names} />
          {isChanged && (
            <div className={styles.buttons}>
              <Button onClick={() => setTyped(show?.join("\n") ?? null)}>{text.cancel}</Button>
              <Button look="primary" onClick={() => void save(names)}>
                {text.save}
              </Button>
            </div>
          )}
        </>
      )}
    </fieldset>
  );
}

/** Names that are shown; the rest is counted. */
const MAX_SHOWN = 6;

function Matches({ names }: { names: readonly string[] }) {
  const text = useModelsTexts();
  const models = useStore(modelsStore)?.models ?? [];
  const matched = models.filter(({ id }) => matchesStoredId(id, names));
  const some = matched.slice(0, MAX_SHOWN).map((model) => model.name);
  const shown = `${some.join(", ")}${matched.length > some.length ? ", …" : ""}`;
  return (
    <p className={styles.hint} data-none={matched.length === 0} role="status">
      {matched.length === 0 ? text.none : text.matches(matched.length, models.length, shown)}
    </p>
  );
}

const namesIn = (typed: string): string[] => [
  ...new Set(typed.split(/[\n,]/).flatMap((line) => line.trim() || [])),
];
