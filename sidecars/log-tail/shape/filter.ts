import { compileCondition } from '../condition/compile.ts';
import type { Condition } from '../condition/syntax.ts';
import type { Step, StepEvents } from './step.ts';

/** Leaves out records for which the condition holds. */
export function drop(condition: Condition, events: StepEvents): Step {
  const holds = compileCondition(condition);
  return (next) => (draft) => {
    if (holds(draft)) events.leftOut('drop');
    else next(draft);
  };
}

/** Leaves out records for which the condition does not hold. */
export function keep(condition: Condition, events: StepEvents): Step {
  const holds = compileCondition(condition);
  return (next) => (draft) => {
    if (holds(draft)) next(draft);
    else events.leftOut('keep');
  };
}
