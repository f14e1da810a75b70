import { useAction } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { ChevronRight } from "lucide-react";
import { useId, useRef, useState, type ReactNode, type SubmitEvent } from "react";
import { api } from "../../../convex/_generated/api";
import { hasBothApis, NEEDS_ADDRESS, PROVIDER_KINDS } from "../../../convex/shared/providerConfig";
import { reportFailure } from "../../app/failures.ts";
import { Choice } from "../../settings/Choice.tsx";
import { Button } from "../../ui/Button.tsx";
import { showToast } from "../../ui/toasts.ts";
import {
  emptyForm,
  formOf,
  typedConfig,
  withKind,
  type KeyEntry,
  type ShownProvider,
  type TypedForm,
} from "./providerEntry.ts";
import { ProviderKeyField } from "./ProviderKeyField.tsx";
import styles from "./ProvidersSection.module.css";
import { useProvidersTexts } from "./providersTexts.ts";

type Fault = FunctionReturnType<typeof api.modelProviders.save>[number];

interface Props {
  /** Null: a new one. */
  provider: ShownProvider | null;
  /** Short names that others have. */
  taken: readonly string[];
  onClose: (isChanged: boolean) => void;
}

/** What is set for a provider. The server says what is wrong with it, which stands at its fields. */
export function ProviderForm({ provider, taken, onClose }: Props) {
  const text = useProvidersTexts();
  const save = useAction(api.modelProviders.save);
  const [typed, setTyped] = useState<TypedForm>(() => (provider ? formOf(provider) : emptyForm(taken)));
  const hasKey = provider?.key === "set";
  const [key, setKey] = useState<KeyEntry>(hasKey ? { kind: "keep" } : { kind: "set", apiKey: "" });
  const [faults, setFaults] = useState<readonly Fault[]>([]);
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  const isNew = provider === null;
  const change = (changes: Partial<TypedForm>) => setTyped({ ...typed, ...changes });
  const wordsOf = ({ rule, message }: Fault) => (rule === undefined ? message : text.rules[rule]);
  const faultAt = (...fields: string[]): string | null => {
    const found = faults.filter(({ field }) => fields.includes(field)).map(wordsOf);
    return found.length === 0 ? null : found.join(" ");
  };

  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    try {
      const found = await save({ config: typedConfig(typed), isNew, key: givenKey(key) });
      setFaults(found);
      if (found.length === 0) {
        showToast({ tone: "info", message: text.saved });
        onClose(true);
        return;
      }
      requestAnimationFrame(() => focusFirstFault(form.current));
    } catch (error) {
      reportFailure(error);
    }
    setBusy(false);
  };

  /** One field with what is to know about it and what is wrong with it. `name`: as a fault names it. */
  const field = (
    name: string,
    label: string,
    hint: string | null,
    control: (shared: SharedProps) => ReactNode,
  ) => {
    const fault = faultAt(name);
    const note = fault ?? hint;
    return (
      <div className={styles.field}>
        <label htmlFor={`${id}-${name}`}>{label}</label>
        {control({
          id: `${id}-${name}`,
          "aria-invalid": fault !== null,
          "aria-describedby": note === null ? undefined : `${id}-${name}-note`,
        })}
        {note !== null && (
          <small id={`${id}-${name}-note`} className={styles.note} data-wrong={fault !== null}>
            {note}
          </small>
        )}
      </div>
    );
  };
  const input = (name: "id" | "name" | "baseURL" | "defaultModel", label: string, more: InputProps = {}) =>
    field(name, label, more.hint ?? null, (shared) => (
      <input
        {...shared}
        className={styles.input}
        autoComplete="off"
        spellCheck={false}
        readOnly={more.isFixed === true}
        autoFocus={!isNew && name === "name"}
        placeholder={more.placeholder}
        inputMode={name === "baseURL" ? "url" : "text"}
        value={typed[name]}
        onChange={(event) => change({ [name]: event.currentTarget.value })}
      />
    ));
  const names = (name: "show" | "hide" | "add", label: string) =>
    field(`models.${name}`, label, null, (shared) => (
      <textarea
        {...shared}
        className={styles.names}
        rows={3}
        spellCheck={false}
        value={typed[name]}
        onChange={(event) => change({ [name]: event.currentTarget.value })}
      />
    ));

  const needsAddress = NEEDS_ADDRESS.includes(typed.kind);
  const listFault = faultAt("models", "");
  return (
    <form
      ref={form}
      className={styles.form}
      aria-label={provider ? text.editTitle(provider.name) : text.add}
      noValidate
      onSubmit={(event) => void submit(event)}
    >
      <div className={styles.fields}>
        {field("kind", text.kind, null, (shared) => (
          <select
            {...shared}
            className={styles.select}
            autoFocus={isNew}
            value={typed.kind}
            onChange={({ currentTarget: { value } }) => {
              const kind = PROVIDER_KINDS.find((known) => known === value);
              if (kind !== undefined) setTyped(withKind(typed, kind, isNew ? taken : null));
            }}
          >
            {PROVIDER_KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {text.kinds[kind]}
              </option>
            ))}
          </select>
        ))}
        {input("id", text.id, { hint: text.idHint, isFixed: !isNew })}
        {input("name", text.name, { placeholder: needsAddress ? "" : text.kinds[typed.kind] })}
        {input("baseURL", text.address, {
          hint: needsAddress ? "" : text.addressHint,
          placeholder: PLACEHOLDERS[typed.kind] ?? "",
        })}
        <ProviderKeyField entry={key} hasKey={hasKey} fault={faultAt("apiKey")} onChange={setKey} />
        {hasBothApis(typed.kind) && (
          <div className={styles.field}>
            <span aria-hidden>{text.api}</span>
            <Choice
              label={text.api}
              value={typed.api}
              choices={text.apis}
              onChange={(api) => change({ api })}
            />
          </div>
        )}
      </div>
      <details
        className={styles.more}
        open={listFault !== null || faultAt("defaultModel") !== null || typed.isChosen}
      >
        <summary>
          <ChevronRight size={16} aria-hidden />
          {text.choice}
        </summary>
        <p className={styles.hint}>{text.choiceHint}</p>
        <div className={styles.fields}>
          {names("show", text.show)}
          {names("hide", text.hide)}
          {names("add", text.addModels)}
          {input("defaultModel", text.defaultModel)}
        </div>
      </details>
      <p className={styles.error} role="alert">
        {listFault}
      </p>
      <div className={styles.buttons}>
        <Button onClick={() => onClose(false)}>{text.cancel}</Button>
        <Button look="primary" type="submit" disabled={isBusy}>
          {isBusy ? text.saving : text.save}
        </Button>
      </div>
    </form>
  );
}

interface SharedProps {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string | undefined;
}

interface InputProps {
  hint?: string;
  placeholder?: string;
  isFixed?: boolean;
}

/** An empty field for a new key is none. */
const givenKey = (key: KeyEntry): KeyEntry =>
  key.kind === "set" && key.apiKey.trim() === "" ? { kind: "keep" } : key;

const PLACEHOLDERS: Partial<Record<TypedForm["kind"], string>> = {
  openaiCompatible: "http://localhost:11434/v1",
  azure: "https://NAME.openai.azure.com",
};

const focusFirstFault = (form: HTMLElement | null) =>
  form?.querySelector<HTMLElement>("[aria-invalid='true'], button[data-wrong='true']")?.focus();
