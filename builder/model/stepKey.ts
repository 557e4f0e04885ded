import type { StepRecord } from './spec.ts';

/** Names a step among all of a build: images that are built side by side number theirs alike. */
export const stepKey = ({ image = '', number }: StepRecord): string => `${number} ${image}`;
