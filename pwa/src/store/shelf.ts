// What is on the phone, in memory: the base with the outbox laid over it, and by what it is found again.
// Each record is entered by itself, whatever else stands here: ten thousand cost no more than one. Must never touch the disk.
import { referenceFields } from "../records/declarations";
import { queryOf } from "../records/query";
import { show } from "./overlay";
import type { StoredRecord } from "./database";
import type { BaseRecord, Id, Json, Shown, Waiting } from "./types";

export class Shelf {
  /** Told of each record that was entered anew or taken away. */
  readonly onChange = new Set<(id: Id) => void>();
  /** How many records the centre has told of that are not deleted. */
  atCentre = 0;

  private base = new Map<Id, StoredRecord>();
  private waiting = new Map<Id, Waiting[]>();
  private going: ReadonlySet<Id> = new Set();
  /** What stands in the indexes below: the base itself where nothing waits. */
  private entered = new Map<Id, BaseRecord>();
  /** What screens were shown, made when they first ask. */
  private shown = new Map<Id, Shown>();
  private types = new Map<string, Set<Id>>();
  /** All of a type as they were last asked for. */
  private lists = new Map<string, Shown[]>();
  private children = new Map<Id, Set<Id>>();
  /** A record to those that were joined into it. */
  private twins = new Map<Id, Set<Id>>();
  private needs = new Set<Id>();
  /** Of which the manager asked something, answered or not. */
  private asked = new Set<Id>();

  // What is there ----------------------------------------------------------------------------------------------

  get(id: Id): Shown | undefined {
    return this.shown.get(id) ?? (this.entered.has(id) ? this.make(id) : undefined);
  }

  private make(id: Id): Shown | undefined {
    const found = show(this.base.get(id), this.waitingFor(id), this.going);
    if (found) this.shown.set(id, found);
    return found;
  }

  known(id: Id): StoredRecord | undefined {
    return this.base.get(id);
  }

  waitingFor(id: Id): Waiting[] {
    return this.waiting.get(id) ?? [];
  }

  ids(): Iterable<Id> {
    return this.entered.keys();
  }

  /** All records of a type that are not deleted; those that were joined into another are shown by that one. */
  all(type: string): Shown[] {
    let found = this.lists.get(type);
    if (!found) {
      found = this.each(this.types.get(type)).filter((each) => !each.deleted && this.standsFor(each) === each);
      this.lists.set(type, found);
    }
    return [...found];
  }

  /** The record that a reference means: what it names, or what that was joined into. */
  meant(id: Json | undefined): Shown | undefined {
    const found = typeof id === "string" ? this.get(id) : undefined;
    return found && this.standsFor(found);
  }

  /** The record into which *record* was joined, however often; itself where it was not, or that one is not here. */
  private standsFor(record: Shown): Shown {
    if (!record.fields["same_as"]) return record;
    const passed = new Set<Id>();
    let found = record;
    for (;;) {
      passed.add(found.id);
      const next = this.get(String(found.fields["same_as"]));
      // Two that were joined into each other, by two people: each stands for itself.
      if (next && passed.has(next.id)) return record;
      if (!next || next.deleted) return found;
      found = next;
    }
  }

  /** Records that name *id*, or one that was joined into it, in one of their reference fields. */
  referring(id: Id, type?: string): Shown[] {
    return [...this.joinedInto(id)]
      .flatMap((each) => this.each(this.children.get(each)))
      .filter((each) => !each.deleted && (!type || each.type === type));
  }

  /** *id* and all that were joined into it. */
  private joinedInto(id: Id): Set<Id> {
    const found = new Set([id]);
    for (const each of found) for (const twin of this.twins.get(each) ?? []) found.add(twin);
    return found;
  }

  /** Records that need a person: a conflict, or a change that was refused. */
  needing(): Shown[] {
    return this.each(this.needs);
  }

  /** Records of which the manager asked something, and nobody has answered yet. */
  queried(): Shown[] {
    return this.each(this.asked).filter((each) => queryOf(each)?.isOpen);
  }

  private each(ids: Iterable<Id> | undefined): Shown[] {
    return [...(ids ?? [])].map((id) => this.get(id)!);
  }

  // What is entered --------------------------------------------------------------------------------------------

  /** Enter what the centre told of a record; undefined: it is not there (any more). */
  put(id: Id, record: StoredRecord | undefined): void {
    const before = this.base.get(id);
    this.atCentre += Number(!!record && !record.deleted) - Number(!!before && !before.deleted);
    if (record) this.base.set(id, record);
    else this.base.delete(id);
    this.enter(id);
  }

  /** Enter the changes that wait for *ids*, as *found* has them in their order. */
  putWaiting(ids: Iterable<Id>, found: Waiting[]): void {
    const touched = new Set(ids);
    for (const id of touched) this.waiting.delete(id);
    for (const each of found) {
      const list = this.waiting.get(each.change.record);
      if (list) list.push(each);
      else this.waiting.set(each.change.record, [each]);
      touched.add(each.change.record);
    }
    for (const id of touched) this.enter(id);
  }

  /** All records with something that waits. */
  unsent(): Id[] {
    return [...this.waiting.keys()];
  }

  /** Mark the changes that are on their way. */
  markGoing(ids: readonly Id[]): void {
    this.going = new Set(ids);
    for (const id of this.waiting.keys()) this.enter(id);
  }

  private enter(id: Id): void {
    const before = this.entered.get(id);
    if (before) this.takeOut(before);
    this.shown.delete(id);
    const waiting = this.waitingFor(id);
    // Where nothing waits the base is what is shown: most records are never looked at.
    const record = waiting.length ? this.make(id) : this.base.get(id);
    // One that stays of its type keeps its place in lists.
    if (before && before.type !== record?.type) this.types.get(before.type)?.delete(id);
    if (record) this.takeUp(record, waiting);
    for (const tell of this.onChange) tell(id);
  }

  private takeUp(record: BaseRecord, waiting: Waiting[]): void {
    const { id } = record;
    this.entered.set(id, record);
    add(this.types, record.type, id);
    this.forgetList(record);
    for (const target of targets(record)) add(this.children, target, id);
    const twin = record.fields["same_as"];
    if (typeof twin === "string") add(this.twins, twin, id);
    if (hasAny(record.conflicts) || waiting.some((each) => each.refused)) this.needs.add(id);
    if ((record.fields["review"] as { state?: string } | null | undefined)?.state === "queried") this.asked.add(id);
  }

  private takeOut(record: BaseRecord): void {
    const { id } = record;
    this.entered.delete(id);
    this.forgetList(record);
    for (const target of targets(record)) this.children.get(target)?.delete(id);
    this.twins.get(String(record.fields["same_as"]))?.delete(id);
    for (const each of [this.needs, this.asked]) each.delete(id);
  }

  private forgetList({ id, type, fields }: BaseRecord): void {
    // Joined with another, or another with it: which of them is listed may be another one now.
    if (fields["same_as"] || this.twins.get(id)?.size) this.lists.clear();
    else this.lists.delete(type);
  }
}

function hasAny(of: object): boolean {
  for (const _ in of) return true;
  return false;
}

function add<Key>(index: Map<Key, Set<Id>>, key: Key, id: Id): void {
  const list = index.get(key);
  if (list) list.add(id);
  else index.set(key, new Set([id]));
}

const REFERENCES = new Map<string, string[]>();

function targets({ type, fields }: BaseRecord): Id[] {
  let names = REFERENCES.get(type);
  if (!names) REFERENCES.set(type, (names = referenceFields(type)));
  const found: Id[] = [];
  for (const name of names) if (typeof fields[name] === "string") found.push(fields[name]);
  return found;
}
