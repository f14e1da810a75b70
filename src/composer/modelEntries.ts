import type { Catalogue } from "../i18n/catalogue.ts";
import { whyDown } from "../lib/whyDown.ts";
import type { MenuEntry } from "../ui/Menu.tsx";
import { modelFacts } from "./modelFacts.ts";
import { recentModels, type Models } from "./models.ts";

/** Models beyond which those used lately come first. */
const FEW = 8;

/** The models as the choices of a menu: under their providers where there are several; where they are many, those used lately first, and a search. */
export function modelEntries(
  { models, providers, error }: Pick<Models, "models" | "providers" | "error">,
  current: string,
  text: Catalogue,
  onChange: (model: string) => void,
): MenuEntry[] {
  const many = models.length > FEW;
  const recent = many ? recentModels().flatMap((id) => models.filter((model) => model.id === id)) : [];
  const others = models.filter((model) => !recent.includes(model));
  const several = providers.length > 1;
  const nameOf = (provider: string) => providers.find(({ id }) => id === provider)?.name ?? provider;
  const heading = (model: Models["models"][number]) =>
    several ? nameOf(model.provider) : recent.length > 0 ? text.allModels : undefined;
  const hintOf = (model: Models["models"][number], group: string | undefined) => {
    // Models that were used lately do not stand under their providers.
    const provider = several && group === text.recentModels ? nameOf(model.provider) : "";
    const facts = [provider, modelFacts(model, text)].filter((fact) => fact !== "").join(" · ");
    return facts || (several || model.name === model.id ? undefined : model.id);
  };
  const choice = (model: Models["models"][number], group: string | undefined) => ({
    value: model.id,
    label: model.name,
    hint: hintOf(model, group),
    // Also found by its provider.
    words: `${model.id} ${nameOf(model.provider)}`,
    group,
  });
  const choices = [
    ...recent.map((model) => choice(model, text.recentModels)),
    ...others.map((model) => choice(model, heading(model))),
  ];
  const down = providers.flatMap((provider) => {
    const why = whyDown(provider, text);
    return why === null ? [] : [{ id: provider.id, title: text.providerDown(provider.name), text: why }];
  });
  // Else it is the settings that are wrong.
  const notes =
    down.length === 0 && error !== null ? [{ id: "", title: `${text.noModels}.`, text: error }] : down;
  const search = { label: text.searchModels, none: text.noSuchModel };
  return [{ kind: "choices", value: current, choices, notes, search, onChange }];
}
