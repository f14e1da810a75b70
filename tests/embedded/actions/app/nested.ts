/** What `isolated.ts` imports while it runs. */
export const add = (a: number, b: number): number => a + b;
