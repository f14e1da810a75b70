/**
 * Vectors as small integers, and how far a dot product of those can be from the real one. The bound is what makes
 * a search exact: a vector whose score cannot reach the results, however the errors fall, need not be looked at again.
 *
 * With `v = s·c + e` (codes `c`, scale `s`, error `e`) and likewise `q = t·d + f`, by Cauchy and Schwarz:
 * `|v·q - s·t·(c·d)| = |e·q + s·c·f| <= |e|·|q| + |s·c|·|f| <= |e|·|q| + (|v| + |e|)·|f|`.
 */

const MAX_CODE = 127;
/** Sums of 4,096 products with codes of 127 stay below 2^31. */
const MAX_QUERY_CODE = 4095;
/** For lengths that are 1 but for rounding to 32 bits, and for sums of such numbers. */
const ROUNDING = 1e-5;

export type Quantised = {
  /** What a code of 1 stands for. */
  scale: number;
  /** Length of the difference between the vector and its codes times `scale`. */
  error: number;
};

/** `vector` of length 1 at most; `codes` is written, and may be longer. */
export function quantise(vector: Float32Array, codes: Int8Array | Int16Array): Quantised {
  const maxCode = codes instanceof Int8Array ? MAX_CODE : MAX_QUERY_CODE;
  const { length } = vector;
  let largest = 0;
  for (let i = 0; i < length; i++) largest = Math.max(largest, Math.abs(vector[i] as number));
  const scale = largest / maxCode;
  codes.fill(0, length);
  if (scale === 0) {
    codes.fill(0);
    return { scale: 0, error: 0 };
  }
  const inverse = 1 / scale;
  let error = 0;
  for (let i = 0; i < length; i++) {
    const component = vector[i] as number;
    // Storing it cuts off what is behind the point.
    codes[i] = component * inverse + (component < 0 ? -0.5 : 0.5);
    const difference = component - (codes[i] as number) * scale;
    error += difference * difference;
  }
  return { scale, error: Math.sqrt(error) };
}

/** How far the dot product by codes can be from the real one. */
export function maxDeviation(vectorError: number, queryError: number): number {
  return vectorError + (1 + vectorError) * queryError + ROUNDING;
}
