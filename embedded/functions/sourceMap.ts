/** A place in a source file: its name as the map has it, line and column from 0. */
export type Origin = { source: string; line: number; column: number };

/** Where the decoding of a line begins: in the text, and with which sums, since all but generated columns are told as differences. */
type Checkpoint = { offset: number; source: number; line: number; column: number };

/** Lines between two checkpoints. */
const CHECKPOINT_EVERY = 64;

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUE_OF = new Int8Array(128).fill(-1);
for (let value = 0; value < DIGITS.length; value++) VALUE_OF[DIGITS.charCodeAt(value)] = value;
const COMMA = ",".charCodeAt(0);
const SEMICOLON = ";".charCodeAt(0);

/**
 * A source map (ECMA-426) that keeps its mappings as the text that they come in, and decodes the few lines that somebody asks for. Node's own decodes
 * all of them into objects: of a large app's bundle that takes 100 MB in each thread in which a function has thrown once.
 */
export class SourceMap {
  private readonly checkpoints: Checkpoint[] = [];

  private constructor(
    private readonly sources: readonly string[],
    private readonly mappings: string,
  ) {
    const reader = new MappingReader(mappings);
    for (let line = 0; ; line++) {
      if (line % CHECKPOINT_EVERY === 0) this.checkpoints.push(reader.checkpoint());
      while (reader.nextSegment() !== null);
      if (!reader.nextLine()) return;
    }
  }

  /** Throws for what is no source map of one file. */
  static parse(json: string): SourceMap {
    const { sources, mappings } = JSON.parse(json) as { sources?: unknown; mappings?: unknown };
    if (!Array.isArray(sources) || typeof mappings !== "string") throw new Error("This is no source map");
    return new SourceMap(sources.map(String), mappings);
  }

  /** Where the code at a generated place, counted from 0, comes from; null if the map does not say. */
  originOf(line: number, column: number): Origin | null {
    const index = Math.floor(line / CHECKPOINT_EVERY);
    const checkpoint = this.checkpoints[index];
    if (checkpoint === undefined) return null;
    const reader = new MappingReader(this.mappings, checkpoint);
    for (let at = index * CHECKPOINT_EVERY; at < line; at++) {
      while (reader.nextSegment() !== null);
      if (!reader.nextLine()) return null;
    }
    let found: Origin | null = null;
    for (;;) {
      const generatedColumn = reader.nextSegment();
      if (generatedColumn === null || generatedColumn > column) return found;
      const source = reader.hasOrigin ? this.sources[reader.source] : undefined;
      found = source === undefined ? null : { source, line: reader.line, column: reader.column };
    }
  }
}

/** Reads mappings from the beginning of a line on. */
class MappingReader {
  source: number;
  line: number;
  column: number;
  /** Does the segment that was read last say where its code comes from? */
  hasOrigin = false;
  private offset: number;
  private generatedColumn = 0;

  constructor(
    private readonly text: string,
    { offset, source, line, column }: Checkpoint = { offset: 0, source: 0, line: 0, column: 0 },
  ) {
    this.offset = offset;
    this.source = source;
    this.line = line;
    this.column = column;
  }

  /** Only at the beginning of a line. */
  checkpoint(): Checkpoint {
    const { offset, source, line, column } = this;
    return { offset, source, line, column };
  }

  /** Reads the line's next segment, and returns its generated column; null at the end of the line. */
  nextSegment(): number | null {
    if (this.text.charCodeAt(this.offset) === COMMA) this.offset++;
    if (this.isAtEnd()) return null;
    this.generatedColumn += this.readNumber();
    this.hasOrigin = !this.isAtEnd();
    if (this.hasOrigin) {
      this.source += this.readNumber();
      this.line += this.readNumber();
      this.column += this.readNumber();
      // The name, which nobody asks for.
      if (!this.isAtEnd()) this.readNumber();
    }
    return this.generatedColumn;
  }

  /** Goes to the next line; false if there is none. */
  nextLine(): boolean {
    if (this.offset >= this.text.length) return false;
    this.offset++;
    this.generatedColumn = 0;
    return true;
  }

  /** Of a segment. */
  private isAtEnd(): boolean {
    if (this.offset >= this.text.length) return true;
    const code = this.text.charCodeAt(this.offset);
    return code === COMMA || code === SEMICOLON;
  }

  /** A variable-length quantity in base 64, its lowest bit the sign. */
  private readNumber(): number {
    let value = 0;
    for (let shift = 0; ; shift += 5) {
      const digit = VALUE_OF[this.text.charCodeAt(this.offset++)] ?? -1;
      if (digit < 0) throw new Error("The source map has a character that belongs to no number");
      value |= (digit & 31) << shift;
      if ((digit & 32) === 0) return (value & 1) === 0 ? value >>> 1 : -(value >>> 1);
    }
  }
}
