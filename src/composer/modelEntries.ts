import type { Catalogue } from "../i18n/catalogue.ts";
import type { MenuEntry } from "../ui/Menu.tsx";
import { recentModels, type Models } from "./models.ts";

/** Models beyond which those used lately come first. */
const FEW = 8;

/** The models as the choices of a menu: where they are many, those used lately first, and a search. */
export function modelEntries(
  { models }: Pick<Models, "models">,
  current: string,
  text: Catalogue,
  onChange: (model: string) => void,
): MenuEntry[] {
  const choice = ({ id, name }: { id: string; name: string }) => ({
    value: id,
    label: name,
    hint: name === id ? undefined : id,
  });
  const many = models.length > FEW;
  const recent = many ? recentModels().flatMap((id) => models.filter((model) => model.id === id)) : [];
  const others = models.filter((model) => !recent.includes(model));
  const choices = [
    ...recent.map((model) => ({ ...choice(model), group: text.recentModels })),
    ...others.map((model) => ({ ...choice(model), group: recent.length > 0 ? text.allModels : undefined })),
  ];
  const search = { label: text.searchModels, none: text.noSuchModel };
  return [{ kind: "choices", value: current, choices, search, onChange }];
}
