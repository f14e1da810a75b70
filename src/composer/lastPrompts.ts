/** The newest prompt of each chat that has been on the screen: what ArrowUp brings back. */
const lastPrompts = new Map<string, string>();

export const rememberLastPrompt = (taskId: string, content: string) => void lastPrompts.set(taskId, content);
export const lastPromptOf = (taskId: string): string | undefined => lastPrompts.get(taskId);
