/** [G8] What a person sees of answers that hold more than words. What is made of each stream is in tests/convex. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { App } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";
import { DEVICES } from "./support/devices.ts";
import { png } from "./support/pictures.ts";

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const DONE = "data: [DONE]\n\n";

describe.each(DEVICES)("$name", ({ options }) => {
  async function asked(prompt: string) {
    const person = await app.person(options);
    const tab = await person.openTab();
    const exchange = app.stepAnswerTo(prompt);
    await tab.send(prompt);
    return { tab, person, exchange: await exchange };
  }

  const link = (tab: ChatTab, name: string) => tab.lastAnswer.getByRole("link", { name, exact: true });

  test("sources: a number in the text leads to its own, with the mouse and by keyboard, while the answer comes and afterwards", async () => {
    const { tab, person, exchange } = await asked("What is new?");
    await person.context.route("https://*.example/**", (route) => route.fulfill({ body: "A source" }));
    const citations = [
      "https://first.example/a",
      "https://second.example/b?with=a&long=query",
      "javascript:alert(1)",
    ];
    const says = (content: string, more: object = {}, finish: string | null = null) =>
      data({ citations, choices: [{ index: 0, delta: { content }, finish_reason: finish }], ...more });
    exchange.raw(says("Water is wet[1][2], `list[1]` is code, [3] is odd, and [7] is none."));
    await tab.waitForText("[7] is none.");
    await link(tab, "[2]").waitFor();
    expect(await tab.lastAnswer.getAttribute("aria-busy")).toBe("true");
    const search_results = [
      {
        title: "The first source, whose title is so long that a phone has to break it into lines",
        url: citations[0],
      },
      { title: "Second", url: citations[1] },
    ];
    exchange.raw(says("\n\nThat is all[2].", { search_results }, "stop") + DONE);
    exchange.end();
    await tab.waitForEnd();
    expect(await tab.shownText()).toContain(
      "Water is wet[1][2], list[1] is code, [3] is odd, and [7] is none.",
    );
    expect(await link(tab, "[1]").getAttribute("title")).toContain("The first source");
    expect(await tab.lastAnswer.getByRole("link").count()).toBe(5);
    const list = tab.lastAnswer.getByRole("region", { name: "Sources" });
    await list.getByRole("link", { name: "Second" }).waitFor();
    expect(await tab.overflow()).toBeLessThanOrEqual(0);
    const opened = person.context.waitForEvent("page");
    await link(tab, "[1]").focus();
    await tab.page.keyboard.press("Enter");
    expect((await opened).url()).toBe("https://first.example/a");
    await tab.toFront();
    await tab.page.reload();
    await link(tab, "[1]").waitFor();
    await list.getByRole("link", { name: "Second" }).waitFor();
    await person.close();
  });

  test("reasoning: folded, with how long it took as soon as the answer begins, and after a reload", async () => {
    const { tab, person, exchange } = await asked("Think about it");
    exchange.send({ type: "reasoning", text: "Let me see." });
    await tab.lastAnswer.getByText("Thinking…").waitFor();
    exchange.text("Water is wet.");
    await tab.waitForText("Water is wet.");
    const fold = tab.lastAnswer.getByText(/^Reasoning, \d+ s$/);
    await fold.waitFor();
    exchange.finish();
    await tab.waitForEnd();
    await tab.page.reload();
    await fold.waitFor();
    expect(await tab.lastAnswer.getByText("Let me see.").count()).toBe(0);
    await fold.click();
    await tab.lastAnswer.getByText("Let me see.").waitFor();
    await person.close();
  });

  test("a picture that the model made: shown while the answer goes on, downloaded, and there after a reload", async () => {
    const { tab, person, exchange } = await asked("Draw something");
    const url = `data:image/png;base64,${png(1_400, 700).toString("base64")}`;
    const images = [{ type: "image_url", image_url: { url } }];
    exchange.raw(data({ choices: [{ index: 0, delta: { content: "Here it is.", images } }] }));
    const picture = tab.lastAnswer.getByRole("img", { name: "picture.png" });
    await picture.waitFor();
    const width = () => picture.evaluate((image: HTMLImageElement) => image.naturalWidth);
    await tab.eventually(width, 1_400);
    expect(await tab.lastAnswer.getAttribute("aria-busy")).toBe("true");
    exchange.raw(data({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }) + DONE);
    exchange.end();
    await tab.waitForEnd();
    await tab.eventually(width, 1_400);
    expect(await tab.overflow()).toBeLessThanOrEqual(0);
    await picture.click();
    const opened = tab.page.getByRole("dialog", { name: "picture.png" });
    await opened.getByRole("img", { name: "picture.png" }).waitFor();
    await tab.page.keyboard.press("Escape");
    await opened.waitFor({ state: "detached" });
    const download = tab.page.waitForEvent("download");
    await tab.lastAnswer.getByRole("link", { name: "Download" }).click();
    expect((await download).suggestedFilename()).toBe("picture.png");
    await tab.page.reload();
    await tab.eventually(width, 1_400);
    await person.close();
  });

  test("[G12] a refusal: the model's words, and that it refused", async () => {
    const { tab, person, exchange } = await asked("Do something bad");
    const says = (refusal: string) => data({ choices: [{ index: 0, delta: { refusal } }] });
    exchange.raw(says("I'm sorry, but I ") + says("can't help with that."));
    exchange.raw(data({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }) + DONE);
    exchange.end();
    await tab.ending("The model refused to answer").waitFor();
    expect(await tab.shownText()).toBe("I'm sorry, but I can't help with that.");
    await person.close();
  });
});
