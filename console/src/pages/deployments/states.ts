// The life of a deployment, as far as pages ask about it. Source: docs/architecture.md, section 5.

const OVER = new Set(['ready', 'failed', 'cancelled', 'superseded']);

export const STATES = ['queued', 'preparing', 'building', 'packaging', 'publishing', 'verifying', 'promoting', 'ready', 'failed', 'cancelled', 'superseded'] as const;

export const isOver = (state: string): boolean => OVER.has(state);
