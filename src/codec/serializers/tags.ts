/*
 * What MessagePack, as msgpackr writes it, does not give back unchanged travels as a tagged array:
 *
 *   [mark, "-0"]
 *   [mark, "text", bytes]              text with lone surrogates, as UTF-16
 *   [mark, "array", items]             a real array that begins with the mark
 *   [mark, "holes", length, pairs]     an array with holes, or with properties of its own
 *   [mark, "object", pairs]            an object with names that msgpackr mistakes, or with very many
 *   [mark, "regexp", source, flags]    a RegExp whose source has lone surrogates
 *   [mark, "error", class, hidden, visible]    pairs of its fields, by whether they are enumerable
 *
 * where pairs are [name, value, name, value, …].
 */

/** The first item of every tagged array. */
export const mark = "\0";

/** What a tagged array stands for. */
export type TagKind = "-0" | "text" | "array" | "holes" | "object" | "regexp" | "error";
