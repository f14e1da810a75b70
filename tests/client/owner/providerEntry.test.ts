/** What a provider's form sends, and what it proposes. */
import { expect, test } from "vitest";
import { emptyForm, formOf, typedConfig, withKind } from "../../../src/owner/sections/providerEntry.ts";

test("a short name is proposed by the kind, while it is free and nobody has typed another", () => {
  const taken = ["google"];
  const form = emptyForm(taken);
  expect(form.id).toBe("");
  const openrouter = withKind(form, "openrouter", taken);
  expect(openrouter.id).toBe("openrouter");
  expect(withKind(openrouter, "google", taken).id).toBe("");
  expect(withKind({ ...openrouter, id: "mine" }, "anthropic", taken).id).toBe("mine");
  expect(withKind(openrouter, "anthropic", null).id).toBe("openrouter");
});

test("the usual API of a kind is not set; another is, and what is set comes back into the form", () => {
  const azure = withKind(emptyForm([]), "azure", []);
  expect(azure.api).toBe("responses");
  expect(typedConfig(azure).api).toBe("");
  const typed = typedConfig({ ...azure, api: "chat", show: " a-*\n\nb, c ", name: "Ours" });
  expect(typed).toEqual({
    ...{ kind: "azure", id: "azure", name: "Ours", baseURL: "", api: "chat", defaultModel: "" },
    ...{ show: ["a-*", "b", "c"], hide: [], add: [] },
  });
  const form = formOf({
    ...{ id: "azure", name: "Ours", kind: "azure", address: "", key: "set" },
    origin: {
      ...{ kind: "page", isUsed: true },
      config: { id: "azure", kind: "azure", name: "Ours", api: "chat", models: { show: typed.show } },
    },
  });
  expect(form.isChosen).toBe(true);
  expect(typedConfig(form)).toEqual(typed);
});
