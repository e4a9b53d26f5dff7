import { Failure } from '../../core/failure.js';

/** A refusal whose problem carries more for the caller, such as the present state under `current`. Never a BSN. */
export class ExplainedFailure extends Failure {
  constructor(
    failure: Failure,
    readonly members: Readonly<Record<string, unknown>>,
  ) {
    super(failure.code, failure.message, failure.facts);
  }
}
