/** Types of `ApplicationFailure`, by which failures are told apart on the wire. Each is a fact. */
export const failureTypes = {
  /** The request itself is wrong: unknown target, node, role, or an empty selection. */
  InvalidRequest: 'InvalidRequest',
  /** A plan that must not be carried out: gate, budget, nothing to do. */
  PlanRefused: 'PlanRefused',
  /** A plan without anything to do: what could be changed is as wanted already. */
  NothingToDo: 'NothingToDo',
  /** What is observed differs from the plan the operator agreed to. */
  StalePlan: 'StalePlan',
  /** The rollout ended with hosts that are not ok. */
  RolloutFailed: 'RolloutFailed',
  /** A person, a deadline or a gate ended the rollout early. */
  RolloutAborted: 'RolloutAborted',
} as const;
