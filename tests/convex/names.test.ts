/** [G11] Names and titles that stand among others: no control in them turns around what stands beside them, and no language loses a letter. */
import { describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import { newLoginOf } from "../../convex/model/accounts/credentials";
import { titleFromReply, titleFromWords } from "../../convex/model/suggestions/titleText";
import { identityOf } from "../../convex/model/sessions/oidc/identity";
import { plainLine } from "../../convex/shared/plainLine";
import { expectFailure, newChat, sendStarted } from "./support.ts";

vi.spyOn(console, "info").mockImplementation(() => undefined);

/** What looks like "invoice-exe.pdf", and turns around what comes after it. */
const TURNED = "\u202Einvoice-\u2066fdp\u2069.exe";
const PLAIN = "invoice-fdp.exe";

describe("[G11] a name on a line", () => {
  test.each([
    ["turned around", TURNED, PLAIN],
    ["of several lines", "one\u2028two\r\nthree\tfour\u0000", "one two three four"],
    ["with what nobody sees", "Ad\u200Bmin\u2060\uFEFF", "Admin"],
    ["of nothing that is seen", "\u202E\u2066\u200B ", ""],
  ])("%s", (_what, text, line) => {
    expect(plainLine(text)).toBe(line);
  });

  test.each([
    ["Arabic", "مرحبا بالعالم (2024)"],
    ["Arabic with its mark", "رقم\u061C 12-34"],
    ["Hebrew with a mark", "שלום, עולם!\u200F (v2)"],
    ["Persian with its joiner", "می\u200Cخواهم"],
    ["Hindi with its joiner", "क्\u200Dष"],
    ["family", "👨\u200D👩\u200D👧"],
    ["the flag of Wales", "🏴\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F}"],
    ["accents", "E\u0301tude"],
  ])("%s stays as it is", (_what, text) => {
    expect(plainLine(text)).toBe(text);
    expect(titleFromWords(text)).toBe(text);
  });
});

describe("[G11] titles", () => {
  test("of first words, of a model, of the person, and those that are stored already", async () => {
    expect(titleFromReply('"\u202EInvoice\u200B"')).toBe("Invoice");
    const { t, viewer } = await newChat();
    const { taskId } = await sendStarted(viewer, `Find ${TURNED}`);
    const shown = async () => (await viewer.query(api.tasks.get, { taskId }))?.title;
    const stored = async () => (await t.run((ctx) => ctx.db.get("tasks", taskId)))?.title;
    expect([await shown(), await stored()]).toEqual([`Find ${PLAIN}`, `Find ${PLAIN}`]);
    await viewer.mutation(api.tasks.rename, { taskId, title: `${TURNED} again` });
    expect([await shown(), await stored()]).toEqual([`${PLAIN} again`, `${PLAIN} again`]);
    await expectFailure(viewer.mutation(api.tasks.rename, { taskId, title: "\u202E" }), "INVALID_INPUT");
    // Of an earlier version.
    await t.run((ctx) => ctx.db.patch("tasks", taskId, { title: `Find ${TURNED}` }));
    expect(await shown()).toBe(`Find ${PLAIN}`);
    const { tasks, messages } = await viewer.query(api.search.chats, { text: "find" });
    expect(tasks.map(({ title }) => title)).toEqual([`Find ${PLAIN}`]);
    expect(new Set(messages.map(({ taskTitle }) => taskTitle))).toEqual(new Set([`Find ${PLAIN}`]));
  });
});

describe("[G11] people", () => {
  test("are shown by what is seen of their names, also of those that are stored already", async () => {
    const { t, viewer } = await newChat();
    await t.run(async (ctx) => {
      const user = await ctx.db.query("users").first();
      await ctx.db.patch("users", user!._id, { name: TURNED });
      await ctx.db.insert("people", { userId: user!._id, role: "member" });
    });
    expect((await viewer.query(api.accounts.me, {})).name).toBe(PLAIN);
  });

  test("of a provider get a name that is one line", () => {
    const settings = { trustsEmail: true, groupsClaim: "groups" } as Parameters<typeof identityOf>[3];
    const issuer = "https://id.example.org";
    expect(identityOf(issuer, "1", { name: TURNED }, settings).name).toBe(PLAIN);
    expect(identityOf(issuer, "1", { name: "\u202E", preferred_username: "ada" }, settings).name).toBe("ada");
  });

  test("sign up with letters that are seen: nobody else's name with something hidden in it", () => {
    expect(newLoginOf("Ádá@example.org")).toBe("ádá@example.org");
    expect(newLoginOf("עדה")).toBe("עדה");
    for (const login of ["ad\u200Bmin", "admin\u202E", "ad\u00ADmin", "ad\u0000min", "ad\u200Dmin"])
      expect(() => newLoginOf(login), JSON.stringify(login)).toThrow(/letters that can be seen/);
  });
});
