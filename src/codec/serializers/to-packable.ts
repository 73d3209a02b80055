import { types } from "node:util";
import { EncodeError } from "../../contracts/errors.ts";
import {
  classNameOf,
  type ErrorClassName,
  isErrorClassName,
  isStorableView,
  nativeClassOf,
} from "./native-class.ts";
import { maxDepth } from "./plain-json.ts";
import { mark, type TagKind } from "./tags.ts";
import { pathText, type Step } from "./value-path.ts";

const loneSurrogate = /\p{Surrogate}/u;

/** msgpackr renames the first, and mistakes the second for a note of its own. */
const namesMsgpackrMistakes = new Set(["__proto__", "__keys__"]);

/** msgpackr learns the names of each object by heart, which costs more than it saves from here on. */
const mostNamesToLearn = 64;

const hiddenErrorFields = new Set(["name", "message", "stack", "cause", "errors"]);

/** A value that MessagePack gives back unchanged, once its tags, if any, are taken out again. */
export interface Packable {
  readonly value: unknown;
  readonly hasTags: boolean;
}

/**
 * Returns a copy of `value` in which whatever MessagePack would not give back unchanged is tagged,
 * or throws an `EncodeError` that says where the value holds what cannot be stored.
 *
 * Bytes are not copied. Getters are read once, and stand for their value.
 */
export function toPackable(value: unknown): Packable {
  const builder = new PackableBuilder();
  try {
    return { value: builder.convert(value), hasTags: builder.hasTags };
  } catch (cause) {
    if (cause instanceof EncodeError) throw cause;
    throw new EncodeError(builder.path(), "unreadable: looking at it threw an error", { cause });
  }
}

class PackableBuilder {
  hasTags = false;
  readonly #steps: Step[] = [];
  readonly #open = new Set<object>();

  /** Where in the value the builder is. */
  path(): string {
    return pathText(this.#steps);
  }

  convert(value: unknown): unknown {
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "function" || typeof value === "symbol") {
      return this.#refuse(`a ${typeof value}`);
    }
    if (Object.is(value, -0)) return this.#tag("-0");
    return typeof value === "object" && value !== null ? this.#object(value) : value;
  }

  #text(text: string): unknown {
    return loneSurrogate.test(text) ? this.#tag("text", Buffer.from(text, "utf16le")) : text;
  }

  #object(value: object): unknown {
    const className = nativeClassOf(value);
    if (className === undefined) return this.#refuse(`an instance of ${classNameOf(value)}`);
    if (ArrayBuffer.isView(value)) return this.#view(value, className);

    if (Object.getOwnPropertySymbols(value).some((key) => isEnumerable(value, key))) {
      return this.#refuse("an object with a symbol for a name");
    }
    if (types.isDate(value)) return new Date(this.#bare(value, className).getTime());
    if (types.isRegExp(value)) return this.#regExp(this.#bare(value, className));
    if (types.isArrayBuffer(value)) return this.#arrayBuffer(this.#bare(value, className));
    return this.#container(value, className);
  }

  #container(value: object, className: string): unknown {
    if (this.#open.has(value)) return this.#refuse("a cycle: it holds itself");
    if (this.#open.size >= maxDepth) return this.#refuse(`more than ${maxDepth} levels deep`);
    this.#open.add(value);
    const converted = this.#contents(value, className);
    this.#open.delete(value);
    return converted;
  }

  #contents(value: object, className: string): unknown {
    if (Array.isArray(value)) return this.#array(value);
    if (types.isMap(value)) return this.#map(this.#bare(value, className));
    if (types.isSet(value)) return this.#set(this.#bare(value, className));
    if (types.isNativeError(value) && isErrorClassName(className)) {
      return this.#error(value, className);
    }
    return className === "Object"
      ? this.#plain(value)
      : this.#refuse(`an instance of ${className}`);
  }

  #array(items: readonly unknown[]): unknown {
    const names = Object.keys(items);
    if (names.length !== items.length || names.at(-1) !== lastIndexOf(items)) {
      return this.#tag("holes", items.length, this.#pairs(items, names));
    }
    const converted = items.map((item, index) => this.#member(index, item));
    return items[0] === mark ? this.#tag("array", converted) : converted;
  }

  #plain(value: object): unknown {
    const names = Object.keys(value);
    if (names.length > mostNamesToLearn || names.some(isMistakable)) {
      return this.#tag("object", this.#pairs(value, names));
    }
    const copy: Record<string, unknown> = {};
    for (const name of names) copy[name] = this.#property(value, name);
    return copy;
  }

  #pairs(value: object, names: readonly string[]): unknown[] {
    return names.flatMap((name) => [this.#text(name), this.#property(value, name)]);
  }

  #map(map: ReadonlyMap<unknown, unknown>): Map<unknown, unknown> {
    const entries = Array.from(map, (entry, index) => {
      const [key, value] = entry;
      return [this.#member(index, key), this.#member(index, value)] as const;
    });
    return new Map(entries);
  }

  #set(set: ReadonlySet<unknown>): Set<unknown> {
    return new Set(Array.from(set, (member, index) => this.#member(index, member)));
  }

  #error(error: Error, className: ErrorClassName): unknown {
    const names = Object.getOwnPropertyNames(error);
    const visible = names.filter((name) => isEnumerable(error, name));
    const hidden = names.filter(
      (name) => hiddenErrorFields.has(name) && !isEnumerable(error, name),
    );
    return this.#tag("error", className, this.#pairs(error, hidden), this.#pairs(error, visible));
  }

  #regExp({ source, flags }: RegExp): unknown {
    return loneSurrogate.test(source)
      ? this.#tag("regexp", this.#text(source), flags)
      : new RegExp(source, flags);
  }

  #view(view: ArrayBufferView, className: string): ArrayBufferView {
    return isStorableView(view) ? view : this.#refuse(`an instance of ${className}`);
  }

  #arrayBuffer(buffer: ArrayBuffer): ArrayBuffer {
    return buffer instanceof ArrayBuffer ? buffer : new Uint8Array(buffer).slice().buffer;
  }

  /** Returns `value`, which must have no properties beside what its class holds. */
  #bare<T extends object>(value: T, className: string): T {
    const isBare = Object.keys(value).length === 0;
    return isBare ? value : this.#refuse(`a ${className} with properties of its own`);
  }

  #property(holder: object, name: string): unknown {
    this.#steps.push(name);
    const converted = this.convert(Reflect.get(holder, name));
    this.#steps.pop();
    return converted;
  }

  #member(index: number, value: unknown): unknown {
    this.#steps.push(index);
    const converted = this.convert(value);
    this.#steps.pop();
    return converted;
  }

  #tag(kind: TagKind, ...content: readonly unknown[]): readonly unknown[] {
    this.hasTags = true;
    return [mark, kind, ...content];
  }

  #refuse(reason: string): never {
    throw new EncodeError(this.path(), reason);
  }
}

function isMistakable(name: string): boolean {
  return namesMsgpackrMistakes.has(name) || loneSurrogate.test(name);
}

function lastIndexOf(items: readonly unknown[]): string | undefined {
  return items.length === 0 ? undefined : String(items.length - 1);
}

function isEnumerable(value: object, name: string | symbol): boolean {
  return Object.prototype.propertyIsEnumerable.call(value, name);
}
