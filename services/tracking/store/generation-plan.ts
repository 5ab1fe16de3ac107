/** Which generation of the read model answers, which one is being built, and which ones are to be removed. */
export type GenerationPlan = {
  readonly serving: number
  readonly building?: number
  readonly dropping: readonly number[]
}

/** A new generation is being built; the same plan when one is already. Numbers are never used again. */
export const begun = (plan: GenerationPlan): GenerationPlan =>
  plan.building === undefined ? { ...plan, building: Math.max(plan.serving, ...plan.dropping) + 1 } : plan

/**
 * The generation that was built answers, and the one before it is to be removed; the same plan when it is not
 * the one being built.
 */
export const switched = (plan: GenerationPlan, built: number): GenerationPlan =>
  plan.building === built ? { serving: built, dropping: [...plan.dropping, plan.serving] } : plan

/** The generation is gone. */
export const dropped = (plan: GenerationPlan, gone: number): GenerationPlan =>
  plan.dropping.includes(gone) ? { ...plan, dropping: plan.dropping.filter(one => one !== gone) } : plan
