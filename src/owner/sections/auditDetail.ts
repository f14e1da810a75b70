import type { FunctionReturnType } from "convex/server";
import { api } from "../../../convex/_generated/api";
import { useToolTexts } from "../../i18n/toolTexts.ts";
import { useViewerQuery } from "../../session/session.ts";
import { useOwnerTexts } from "../ownerTexts.ts";
import { LIMIT_GROUPS, LIMITS_OF } from "./limitGroups.ts";
import { limitInWords } from "./limitInWords.ts";
import { useLimitsTexts } from "./limitsTexts.ts";
import { useModelsTexts } from "./modelsTexts.ts";

type Kind = FunctionReturnType<typeof api.audit.list>["page"][number]["kind"];

/** The details of entries of this kind, in the words that the page has for the same thing; as they are where it has none. */
export function useAuditDetail(kind: Kind): (detail: string) => string {
  const text = useOwnerTexts();
  const limits = useLimitsTexts();
  const models = useModelsTexts();
  const tools = useToolTexts();
  const shown = useViewerQuery(api.people.limits, kind === "limitChanged" ? {} : "skip");
  switch (kind) {
    case "limitChanged":
      return (detail) => {
        const [name = "", value = ""] = detail.split("=");
        const limit = shown?.find((one) => one.name === name);
        const group = LIMIT_GROUPS.find((one) => LIMITS_OF[one].some((other) => other === name));
        if (limit === undefined || group === undefined) return detail;
        const to = value === "default" ? text.byDefault : limitInWords(limit.unit, Number(value), text.units);
        return `${limits.groups[group]}, ${limits.names[limit.name]}: ${to}`;
      };
    case "doorChanged":
      return (detail) =>
        detail
          .split(" ")
          .map((part) => doorInWords(part, text))
          .join(", ");
    case "modelsChanged":
      return (detail) => wordOf(models.audiences, detail);
    case "toolChanged":
      return (detail) => wordOf(tools.names, detail);
    default:
      return (detail) => wordOf(text.details, detail);
  }
}

const wordOf = (words: Readonly<Partial<Record<string, string>>>, name: string): string =>
  words[name] ?? name;

function doorInWords(part: string, text: ReturnType<typeof useOwnerTexts>): string {
  const [name, value = ""] = part.split("=");
  if (name === "signUp") return `${text.signUp}: ${wordOf(text.signUps, value)}`;
  if (name === "guests") return `${text.guests}: ${wordOf(text.guestsAre, value)}`;
  return part;
}
