/** `framework_id` and `frameworkId`: the API's names and JavaScript's, in both directions. */

/** `framework_id` as `frameworkId`. */
export type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

/** What the API answers, readable by both names. */
export type Both<T> = T extends readonly (infer Item)[]
  ? Both<Item>[]
  : T extends object
    ? { [K in keyof T]: Both<T[K]> } & { [K in keyof T as K extends string ? Camel<K> : K]: Both<T[K]> }
    : T;

type CamelKeys<T> = T extends readonly (infer Item)[]
  ? CamelKeys<Item>[]
  : T extends object
    ? { [K in keyof T as K extends string ? Camel<K> : K]: CamelKeys<T[K]> }
    : T;

/** What the API takes, written in either style. */
export type Write<T> = T | CamelKeys<T>;

const toCamel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const toSnake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** One prototype for all objects with the same fields: thousands of records cost no more than their data. */
const prototypes = new Map<string, object>();

function prototypeFor(names: string[]): object {
  const key = names.join();
  const known = prototypes.get(key);
  if (known) return known;
  const made: object = {};
  for (const name of names) {
    Object.defineProperty(made, toCamel(name), {
      get(this: Record<string, unknown>) {
        return this[name];
      },
      set(this: Record<string, unknown>, value: unknown) {
        this[name] = value;
      },
    });
  }
  if (prototypes.size < 1000) prototypes.set(key, made);
  return made;
}

const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Lets each object of an answer be read by both names. Its own fields stay the API's, in order and in JSON. */
export function readable<T>(value: T): Both<T> {
  if (Array.isArray(value)) {
    value.forEach(readable);
  } else if (isPlain(value)) {
    Object.values(value).forEach(readable);
    const names = Object.keys(value).filter((name) => toCamel(name) !== name && !(toCamel(name) in value));
    if (names.length > 0) Object.setPrototypeOf(value, prototypeFor(names));
  }
  return value as Both<T>;
}

/** The API's names for what was written in either style. Records that came from the API go back as they are. */
export function wire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wire);
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Blob) return value;
  const result: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const theirs = toSnake(name);
    if (theirs in result) throw new TypeError(`${theirs} is given twice`);
    result[theirs] = wire(inner);
  }
  return result;
}
