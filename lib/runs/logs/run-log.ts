import type { RunConfig } from '../../config/run-config';
import type { LinearEpoch } from '../../evaluation';
import type { RunRecord } from '../../results';
import type { EpochEvent, StepEvent } from '../../training';

/** Somewhere that a run's events go while it runs. */
export interface RunLog {
  onStep(event: StepEvent): void;
  onEpoch(event: EpochEvent): void;
  onLinearEpoch(epoch: LinearEpoch): void;
  /** At the end of the run. */
  onRecord(record: RunRecord): void;
}

/** Opens a log of one run; `restart` removes what it has of the run. */
export type OpenLog = (config: RunConfig, place: string, options: { restart?: boolean }) => RunLog;
