import { jsonSchema, tool, type ToolSet } from "ai";

/** Tools that touch nothing but their arguments. */
export const builtInTools: ToolSet = {
  currentTime: tool({
    description: "The current date and time. Use it when an answer depends on what day or time it is.",
    inputSchema: jsonSchema<{ timeZone?: string }>({
      type: "object",
      properties: {
        timeZone: { type: "string", description: "IANA name, such as Europe/Berlin. Default: UTC." },
      },
      additionalProperties: false,
    }),
    execute: ({ timeZone = "UTC" }) => {
      const now = new Date();
      const local = new Intl.DateTimeFormat("en-GB", {
        dateStyle: "full",
        timeStyle: "long",
        timeZone,
      }).format(now);
      return { iso: now.toISOString(), local };
    },
  }),
};
