import type { RunRecord } from './record';

/** Which records are meant; a list that is left out or empty leaves no record out. */
export interface RecordChoice {
  ids?: readonly string[];
  datasets?: readonly string[];
  methods?: readonly string[];
  presets?: readonly string[];
  seeds?: readonly number[];
}

/** The records that are of the choice in everything, in their order. */
export function selectRecords(records: readonly RunRecord[], choice: RecordChoice): RunRecord[] {
  return records.filter(
    ({ id, config }) =>
      allows(choice.ids, id) &&
      allows(choice.datasets, config.dataset) &&
      allows(choice.methods, config.method) &&
      allows(choice.presets, config.preset) &&
      allows(choice.seeds, config.seed),
  );
}

function allows<T>(chosen: readonly T[] | undefined, value: T): boolean {
  return chosen === undefined || chosen.length === 0 || chosen.includes(value);
}
