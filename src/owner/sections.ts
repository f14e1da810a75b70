import type { ComponentType } from "react";
import type { Language } from "../i18n/catalogue.ts";
import { AuditSection } from "./sections/AuditSection.tsx";
import { BudgetsSection } from "./sections/BudgetsSection.tsx";
import { DoorSection } from "./sections/DoorSection.tsx";
import { HealthSection } from "./sections/HealthSection.tsx";
import { InvitationsSection } from "./sections/InvitationsSection.tsx";
import { LimitsSection } from "./sections/LimitsSection.tsx";
import { ModelsSection } from "./sections/ModelsSection.tsx";
import { PeopleSection } from "./sections/PeopleSection.tsx";
import { ProvidersSection } from "./sections/ProvidersSection.tsx";
import { ToolsSection } from "./sections/ToolsSection.tsx";
import { UsageSection } from "./sections/UsageSection.tsx";

/** A part of the owner's page, by its own address: `/owner/<id>`. */
export interface OwnerSection {
  readonly id: string;
  readonly title: Readonly<Record<Language, string>>;
  readonly Section: ComponentType;
}

/** In the order in which they are listed. A further one is a file in `sections/` and an entry here. */
export const SECTIONS: readonly [OwnerSection, ...OwnerSection[]] = [
  { id: "people", title: { en: "People", de: "Personen" }, Section: PeopleSection },
  { id: "invitations", title: { en: "Invitations", de: "Einladungen" }, Section: InvitationsSection },
  { id: "door", title: { en: "Who may come in", de: "Wer hereinkommt" }, Section: DoorSection },
  { id: "providers", title: { en: "Providers", de: "Anbieter" }, Section: ProvidersSection },
  { id: "models", title: { en: "Models", de: "Modelle" }, Section: ModelsSection },
  { id: "tools", title: { en: "Tools", de: "Werkzeuge" }, Section: ToolsSection },
  { id: "budgets", title: { en: "Budgets", de: "Budgets" }, Section: BudgetsSection },
  { id: "usage", title: { en: "Storage and usage", de: "Speicher und Verbrauch" }, Section: UsageSection },
  { id: "limits", title: { en: "Limits", de: "Grenzen" }, Section: LimitsSection },
  { id: "health", title: { en: "Health", de: "Zustand" }, Section: HealthSection },
  { id: "audit", title: { en: "Audit", de: "Protokoll" }, Section: AuditSection },
];
