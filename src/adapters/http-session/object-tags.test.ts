import { expect, test } from "vitest";
import { ObjectTags } from "./object-tags.ts";

test("an object has the tag that was set last, and no other's", () => {
  const tags = new ObjectTags<string>();
  const others = new ObjectTags<string>();
  const object = {};
  expect(tags.get(object)).toBeUndefined();
  tags.set(object, "first");
  tags.set(object, "last");
  expect(tags.get(object)).toBe("last");
  expect(others.get(object)).toBeUndefined();
});

test("a tag is in no copy and no JSON of its object", () => {
  const tags = new ObjectTags<string>();
  const object = { colour: "red" };
  tags.set(object, "tag");
  expect(tags.get({ ...object })).toBeUndefined();
  expect(JSON.stringify(object)).toBe('{"colour":"red"}');
});
