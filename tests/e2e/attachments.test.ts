/** Files in prompts as a person meets them: attached, waited for, shown, and given to the model byte by byte. */
import AxeBuilder from "@axe-core/playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { api } from "../../convex/_generated/api";
import { App } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";
import { png } from "./support/pictures.ts";

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

type Given = { name: string; mimeType: string; buffer: Buffer };
const picture = (name: string, blue = 128): Given => ({
  ...{ name, mimeType: "image/png" },
  buffer: png(300, 200, blue),
});
const textFile = (name: string, text: string): Given => ({
  ...{ name, mimeType: "" },
  buffer: Buffer.from(text),
});

/** Chooses files by the button. */
async function choose(tab: ChatTab, ...files: Given[]): Promise<void> {
  const [chooser] = await Promise.all([
    tab.page.waitForEvent("filechooser"),
    tab.button("Attach files").click(),
  ]);
  await chooser.setFiles(files);
}

/** Gives the page a file as a paste or a drop does. */
async function give(tab: ChatTab, how: "paste" | "drop", { name, mimeType, buffer }: Given): Promise<void> {
  const target = how === "paste" ? tab.composer : tab.messages;
  await target.evaluate(
    (element, file) => {
      const data = new DataTransfer();
      const bytes = Uint8Array.from(atob(file.base64), (char) => char.charCodeAt(0));
      data.items.add(new File([bytes], file.name, { type: file.type }));
      const options = { bubbles: true, cancelable: true };
      if (file.how === "paste") {
        element.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: data }));
      } else {
        for (const type of ["dragenter", "dragover", "drop"]) {
          element.dispatchEvent(new DragEvent(type, { ...options, dataTransfer: data }));
        }
      }
    },
    { how, name, type: mimeType, base64: buffer.toString("base64") },
  );
}

/** The names of the files that the composer shows as attached, and nothing else. */
async function expectDraft(tab: ChatTab, ...names: string[]): Promise<void> {
  const remove = tab.page.getByRole("list", { name: "Files" }).getByRole("button", { name: /^Remove/ });
  await tab.eventually(
    async () => [
      await remove.evaluateAll((buttons) => buttons.map((button) => button.getAttribute("aria-label"))),
      await tab.page.getByRole("progressbar").count(),
    ],
    [names.map((name) => `Remove ${name}`), 0],
  );
}

const failUploads = (tab: ChatTab) => tab.page.route("**/api/storage/upload*", (route) => route.abort());
const letUploadsThrough = (tab: ChatTab) => tab.page.unroute("**/api/storage/upload*");

/** What the last request of a chat-completions API holds of the person's newest message. */
type ContentPart = { type: string; text?: string; image_url?: { url: string }; file?: { file_data: string } };
const contentOf = (body: { messages?: { role: string; content: unknown }[] }) =>
  body.messages?.findLast(({ role }) => role === "user")?.content as ContentPart[];

const dataUrl = ({ mimeType, buffer }: Given) => `data:${mimeType};base64,${buffer.toString("base64")}`;

test("by the button, by a paste and by a drop: attached, sent, and with the model byte by byte", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const files = { chosen: picture("chosen.png", 0), pasted: picture("pasted.png", 250) };
  const pdf = { name: "dropped.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 a page") };
  await choose(tab, files.chosen, textFile("main.ts", "const answer = 42;"));
  await expectDraft(tab, "chosen.png", "main.ts");
  await give(tab, "paste", files.pasted);
  await expectDraft(tab, "chosen.png", "main.ts", "pasted.png");
  await give(tab, "drop", pdf);
  await expectDraft(tab, "chosen.png", "main.ts", "pasted.png", "dropped.pdf");

  const prompt = 'Look\n\n<file name="main.ts">\nconst answer = 42;\n</file>';
  const asked = app.stepAnswerTo(prompt);
  await tab.send("Look");
  const exchange = await asked;
  expect(contentOf(exchange.body)).toEqual([
    { type: "text", text: "Look" },
    { type: "image_url", image_url: { url: dataUrl(files.chosen) } },
    { type: "text", text: '\n\n<file name="main.ts">\nconst answer = 42;\n</file>' },
    { type: "image_url", image_url: { url: dataUrl(files.pasted) } },
    { type: "file", file: { filename: "dropped.pdf", file_data: dataUrl(pdf) } },
  ]);
  exchange.text("Seen.");
  exchange.finish();
  await tab.waitForEnd();
  await expectDraft(tab);

  // Shown after a reload too, when nothing of it is in this tab any more.
  await tab.page.reload();
  const thumbnail = tab.page.getByRole("img", { name: "chosen.png" });
  await tab.eventually(() => thumbnail.evaluate((image: HTMLImageElement) => image.naturalWidth), 300);
  const [download] = await Promise.all([
    tab.page.waitForEvent("download"),
    tab.page.getByRole("link", { name: "dropped.pdf" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("dropped.pdf");
  expect(app.requestsFor(prompt)).toBe(1);
  await person.close();
});

test("a picture opens larger in a dialog, and the focus comes back to it", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await choose(tab, picture("harbour.png"));
  await expectDraft(tab, "harbour.png");
  await tab.ask("Where is this?");
  const thumbnail = tab.button("harbour.png");
  await thumbnail.focus();
  await tab.page.keyboard.press("Enter");
  const dialog = tab.page.getByRole("dialog", { name: "harbour.png" });
  await tab.eventually(
    () => dialog.getByRole("img", { name: "harbour.png" }).evaluate((image) => image.clientWidth),
    300,
  );
  await tab.page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await tab.eventually(() => thumbnail.evaluate((element) => element === document.activeElement), true);
  await person.close();
});

test("[G13] files that were not sent are there after a reload and in another tab; what is removed there is removed here", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.write("Two files");
  await choose(tab, textFile("a.txt", "one"), textFile("b.txt", "two"));
  await expectDraft(tab, "a.txt", "b.txt");
  await tab.page.reload();
  await expectDraft(tab, "a.txt", "b.txt");
  const other = await person.openTab();
  await expectDraft(other, "a.txt", "b.txt");
  await other.button("Remove a.txt").focus();
  await other.page.keyboard.press("Enter");
  await expectDraft(tab, "b.txt");
  // The removed button had the focus: the next key goes to the message.
  await tab.eventually(() => other.composer.evaluate((field) => field === document.activeElement), true);

  await tab.ask("Two files");
  await expectDraft(other);
  await person.close();
});

test("[G1] [G13] an upload that fails: Send waits for it, Retry brings it, and the prompt is sent once, with its file", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await failUploads(tab);
  await choose(tab, picture("late.png"));
  await tab.button("Upload late.png again").waitFor();
  await tab.page.getByRole("alert").getByText("late.png: Not uploaded").waitFor();
  await tab.send("Is it there?");
  await tab.page.getByText("A file was not uploaded.").waitFor();
  expect(app.requestsFor("Is it there?")).toBe(0);
  expect(await tab.composer.inputValue()).toBe("Is it there?");

  const asked = app.stepAnswerTo("Is it there?");
  await letUploadsThrough(tab);
  await tab.button("Upload late.png again").click();
  const exchange = await asked;
  expect(contentOf(exchange.body).map(({ type }) => type)).toEqual(["text", "image_url"]);
  exchange.text("Yes.");
  exchange.finish();
  await tab.waitForEnd();
  expect(await tab.composer.inputValue()).toBe("");
  expect(app.requestsFor("Is it there?")).toBe(1);
  await person.close();
});

test("[G13] Send while a file is uploaded says that it waits, and can be taken back", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await tab.page.route("**/api/storage/upload*", async (route) => {
    await held;
    await route.continue();
  });
  await choose(tab, picture("slow.png"));
  await tab.page.getByRole("progressbar", { name: "Uploading slow.png" }).waitFor();
  await tab.send("Not yet");
  await tab.page.getByRole("status").getByText("as soon as its files are uploaded").waitFor();
  await tab.button("Don’t send yet").click();
  release();
  await expectDraft(tab, "slow.png");
  expect(app.requestsFor("Not yet")).toBe(0);
  expect(await tab.composer.inputValue()).toBe("Not yet");
  await tab.ask("Not yet");
  expect(app.requestsFor("Not yet")).toBe(1);
  await person.close();
});

test("what cannot be attached is refused in words; a long text that is pasted stays text", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await choose(tab, { name: "film.mp4", mimeType: "video/mp4", buffer: Buffer.from([0, 0, 0, 24]) });
  await tab.page.getByText("“film.mp4” cannot be attached.").waitFor();
  await choose(tab, textFile("empty.txt", ""));
  await tab.page.getByText("“empty.txt” is empty.").waitFor();
  await choose(tab, { ...picture("big.png"), buffer: Buffer.alloc(10 * 1024 * 1024 + 1, 1) });
  await tab.page.getByText("“big.png” is too large: the limit for images is 10 MB.").waitFor();
  await tab.composer.focus();
  await tab.page.keyboard.insertText("word ".repeat(10_000));
  expect((await tab.composer.inputValue()).length).toBe(50_000);
  await expectDraft(tab);
  await person.close();
});

test("a prompt of files alone; editing it takes one off; the wording before keeps both", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await choose(tab, picture("one.png"), picture("two.png", 9));
  await expectDraft(tab, "one.png", "two.png");
  await tab.button("Send").click();
  await tab.waitForEnd();
  await tab.page.getByRole("heading", { name: "one.png" }).first().waitFor();
  const shown = () =>
    tab.page
      .locator("[data-turn] img")
      .evaluateAll((images) => images.map((image) => image.getAttribute("alt")));
  await tab.eventually(shown, ["one.png", "two.png"]);

  await tab.button("Edit").click();
  await tab.page.locator("[data-turn]").getByRole("button", { name: "Remove one.png" }).click();
  await tab.page.getByRole("textbox", { name: "Edit your message" }).fill("Only the second");
  await tab.button("Send").first().click();
  await tab.button("Previous version").first().waitFor();
  await tab.waitForEnd();
  await tab.eventually(shown, ["two.png"]);
  await tab.button("Previous version").first().click();
  await tab.eventually(shown, ["one.png", "two.png"]);
  await person.close();
});

test("a waiting prompt names its files and keeps them", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const first = app.stepAnswerTo("First");
  await tab.send("First");
  const exchange = await first;
  exchange.text("Working");
  await tab.waitForText("Working");
  await choose(tab, picture("queued.png"));
  await expectDraft(tab, "queued.png");
  await tab.write("Second");
  await tab.button("Queue").click();
  const tray = tab.page.getByRole("region", { name: "1 message queued" });
  await tray.getByText("queued.png").waitFor();
  const second = app.stepAnswerTo("Second");
  exchange.finish();
  expect(contentOf((await second).body).map(({ type }) => type)).toEqual(["text", "image_url"]);
  (await second).finish();
  await tab.waitForEnd();
  await person.close();
});

test("[G12] a model that takes no pictures: its own words, and Retry", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await choose(tab, picture("cat.png"));
  await expectDraft(tab, "cat.png");
  const asked = app.stepAnswerTo("A cat?");
  await tab.send("A cat?");
  (await asked).refuse(400, "this model does not support image input");
  await tab.page.getByText("this model does not support image input").waitFor();
  const again = app.stepAnswerTo("A cat?");
  await tab.button("Retry").click();
  const exchange = await again;
  expect(contentOf(exchange.body).map(({ type }) => type)).toEqual(["text", "image_url"]);
  exchange.text("A cat.");
  exchange.finish();
  await tab.waitForText("A cat.");
  await person.close();
});

test("what somebody attached cannot run script on the page's origin; a removed file's address is dead", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  await choose(
    tab,
    {
      name: "page.html",
      mimeType: "text/html",
      buffer: Buffer.from("<script>document.title = 'run'</script>"),
    },
    { name: "drawing.svg", mimeType: "image/svg+xml", buffer: Buffer.from(svg) },
  );
  await expectDraft(tab, "page.html", "drawing.svg");
  const client = await tab.client();
  const files = await client.convex.query(api.attachments.listDraft, { taskId: null });
  expect(files.map(({ mediaType }) => mediaType)).toEqual(["text/html", "text/plain"]);
  for (const { url } of files) {
    const response = await fetch(url!);
    expect(response.headers.get("content-security-policy")).toContain("sandbox");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  }
  expect((await fetch(files[0]!.url!)).headers.get("content-disposition")).toBe("attachment");
  await tab.button("Remove page.html").click();
  await tab.eventually(async () => (await fetch(files[0]!.url!)).status, 404);
  expect((await fetch(files[1]!.url!)).status).toBe(200);
  await client.close();
  await person.close();
});

const LONG_NAME = "a picture with a name that is much too long for a phone.png";

describe.each(["light", "dark"] as const)("on a phone, %s", (colorScheme) => {
  test("every control is large enough, nothing overflows, axe finds nothing", async () => {
    const person = await app.person({
      ...{ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
      ...{ colorScheme, reducedMotion: "reduce" },
    });
    const tab = await person.openTab();
    await choose(tab, picture(LONG_NAME), textFile("b.txt", "b"));
    await expectDraft(tab, LONG_NAME, "b.txt");
    await failUploads(tab);
    await choose(tab, picture("broken.png"));
    await tab.button("Upload broken.png again").waitFor();
    for (const name of ["Attach files", "Upload broken.png again", "Remove broken.png", "Remove b.txt"]) {
      const box = await tab.button(name).boundingBox();
      expect([box!.width >= 44, box!.height >= 44], name).toEqual([true, true]);
    }
    const violations = async () =>
      (await new AxeBuilder({ page: tab.page }).analyze()).violations.map(({ id, nodes }) => [
        id,
        nodes.map(({ html }) => html.slice(0, 120)),
      ]);
    expect(await violations()).toEqual([]);
    await tab.button("Remove broken.png").click();
    await tab.ask("What is it?");
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(await violations()).toEqual([]);
    await tab.page.getByRole("button", { name: /^a picture/ }).tap();
    await tab.page.getByRole("dialog").waitFor();
    expect(await violations()).toEqual([]);
    await person.close();
  });
});
