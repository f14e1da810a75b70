import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { closeOverlay, currentOverlay } from "../../../src/app/overlays.ts";
import { modelEntries } from "../../../src/composer/modelEntries.ts";
import { ModelPicker } from "../../../src/composer/ModelPicker.tsx";
import { isOfDownProvider, rememberModel, type Models } from "../../../src/composer/models.ts";
import { de } from "../../../src/i18n/de.ts";
import "../support/browser.ts";

afterEach(() => {
  cleanup();
  closeOverlay();
});

const show = (models: Models | null, current: string | null) =>
  render(<ModelPicker choice={{ models, current, forSend: null, choose: () => undefined }} />);

describe("a model server that is down is said, and why; the picker does not vanish", () => {
  beforeAll(() => import("../../../src/ui/OpenedMenu.tsx"));
  const error = "The model's server is still loading the model.";
  const home = { id: "openai", name: "localhost:8080" };
  const none = { models: [], defaultModel: null, connected: true };

  test.each<[string, Models, string | null, string]>([
    [
      "No models available",
      { ...none, providers: [{ ...home, error }], error },
      null,
      `localhost:8080 is not available. ${error}`,
    ],
    ["No models available", { ...none, providers: [], error }, null, `No models available. ${error}`],
    [
      "Model: llama",
      {
        ...none,
        models: [{ id: "llama", name: "llama", provider: "openai" }],
        ...{ providers: [{ ...home, error }], error },
      },
      "llama",
      `localhost:8080 is not available. ${error}`,
    ],
  ])("%s", async (label, models, current, words) => {
    show(models, current);
    fireEvent.click(screen.getByRole("button", { name: label }));
    await screen.findByRole("menu", undefined, { timeout: 10_000 });
    expect(screen.getAllByRole("status").map(({ textContent }) => textContent)).toEqual([words]);
  });
});

test("while there is only the demo, it says how a model is connected", () => {
  show(
    {
      models: [{ id: "demo", name: "Demo", provider: "demo" }],
      providers: [],
      defaultModel: "demo",
      connected: false,
      error: null,
    },
    "demo",
  );
  fireEvent.click(screen.getByRole("button", { name: "Connect a model" }));
  expect(currentOverlay()).toBe("connect");
});

test("one model is named; of several one can choose", () => {
  const models = ["a", "b"].map((id) => ({ id, name: id.toUpperCase(), provider: "openai" }));
  show({ models: models.slice(0, 1), providers: [], defaultModel: "a", connected: true, error: null }, "a");
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.getByText("A")).toBeTruthy();
  cleanup();
  show({ models, providers: [], defaultModel: "a", connected: true, error: null }, "b");
  expect(screen.getByRole("button", { name: "Model: B" })).toBeTruthy();
});

describe("several providers", () => {
  beforeAll(() => import("../../../src/ui/OpenedMenu.tsx"));
  const models: Models = {
    models: [
      {
        ...{ id: "anthropic::claude", name: "Claude", provider: "anthropic", images: true, reasoning: true },
        ...{ contextLength: 1_048_576, prices: { input: 3, output: 15 } },
      },
      {
        id: "home::qwen",
        name: "qwen",
        provider: "home",
        contextLength: 32_768,
        prices: { input: 0, output: 0 },
      },
    ],
    providers: [
      { id: "anthropic", name: "Anthropic", error: null },
      { id: "google", name: "Google", error: "No model server answers." },
      { id: "home", name: "At home", error: null },
    ],
    defaultModel: "anthropic::claude",
    ...{ connected: true, error: "Google: No model server answers." },
  };

  test("models stand under their providers with what they can do; one that is down says so", async () => {
    show(models, "home::qwen");
    fireEvent.click(screen.getByRole("button", { name: "Model: qwen" }));
    await screen.findByRole("menu", undefined, { timeout: 10_000 });
    expect(screen.getAllByRole("menuitemradio").map(({ textContent }) => textContent)).toEqual([
      "Claude1M · images · reasoning · $3 / $15",
      "qwen33K · free✓",
    ]);
    expect(screen.getByText("At home")).toBeTruthy();
    expect(screen.getByRole("status").textContent).toBe("Google is not available. No model server answers.");
  });

  test("why one is down is said in the reader's language", () => {
    const problem = { kind: "serverDown" as const, address: "http://localhost:1" };
    const [claude, google] = models.providers;
    const down = { ...models, providers: [claude!, { ...google!, problem }] };
    const [entry] = modelEntries(down, "anthropic::claude", de, () => undefined);
    expect(entry).toMatchObject({
      notes: [
        {
          title: "Google ist nicht verfügbar.",
          text: "Kein Modellserver antwortet unter http://localhost:1. Starten Sie ihn, oder prüfen Sie OPENAI_BASE_URL.",
        },
      ],
    });
  });

  test("one model of one provider opens the menu all the same while another is down, and has a name without its list", () => {
    show({ ...models, models: models.models.slice(0, 1) }, "google::gemini-9");
    expect(screen.getByRole("button", { name: "Model: gemini-9" })).toBeTruthy();
  });

  test("a model of a provider that is down may be there still", () => {
    expect(isOfDownProvider(models, "google::gemini-9")).toBe(true);
    expect(isOfDownProvider(models, "anthropic::gone")).toBe(false);
    expect(isOfDownProvider(null, "google::gemini-9")).toBe(false);
  });
});

describe("issue 14, row 11: many models", () => {
  const models = Array.from({ length: 12 }, (_, index) => ({
    id: `model-${index}`,
    name: `Model ${index}`,
    provider: "openai",
  }));
  // The menu is loaded when it is first opened.
  beforeAll(() => import("../../../src/ui/OpenedMenu.tsx"));
  const open = async (choose: (model: string) => void, providers: Models["providers"] = []) => {
    render(
      <ModelPicker
        choice={{
          models: { models, providers, defaultModel: "model-0", connected: true, error: null },
          current: "model-0",
          forSend: null,
          choose,
        }}
      />,
    );
    fireEvent.click(screen.getByRole("button", { name: "Model: Model 0" }));
    return screen.findByRole("textbox", { name: "Search models" }, { timeout: 10_000 });
  };
  const offered = () => screen.getAllByRole("menuitemradio").map(({ textContent }) => textContent);

  test("can be searched by name and id, and chosen by Enter", async () => {
    const choose = vi.fn();
    const field = await open(choose);
    expect(offered()).toHaveLength(12);
    fireEvent.change(field, { target: { value: "model 7" } });
    expect(offered()).toEqual(["Model 7model-7"]);
    fireEvent.change(field, { target: { value: "nothing" } });
    expect(screen.getByRole("status").textContent).toBe("No model by that name");
    fireEvent.change(field, { target: { value: "model-11" } });
    fireEvent.keyDown(field, { key: "Enter" });
    expect(choose).toHaveBeenCalledWith("model-11");
  });

  test("those chosen last come first, each once", async () => {
    localStorage.clear();
    for (const id of ["model-3", "model-9", "model-3", "gone"]) rememberModel(id);
    await open(() => undefined);
    expect(offered().slice(0, 3)).toEqual(["Model 3model-3", "Model 9model-9", "Model 0model-0✓"]);
    expect(offered()).toHaveLength(12);
    expect(screen.getByText("Recent")).toBeTruthy();
  });

  test("those chosen last name their providers where there are several", async () => {
    localStorage.clear();
    rememberModel("model-3");
    const names = { openai: "OpenAI", home: "At home" };
    const providers = Object.entries(names).map(([id, name]) => ({ id, name, error: null }));
    await open(() => undefined, providers);
    expect(offered().slice(0, 2)).toEqual(["Model 3OpenAI", "Model 0✓"]);
  });
});
