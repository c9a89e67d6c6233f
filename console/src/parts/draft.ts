import { useState } from 'react';

export interface Draft<Value> {
    value: Value;
    version: number;
    dirty: boolean;
    change: (value: Value) => void;
    reset: () => void;
}

// What somebody is changing, beside what is kept. What comes in meanwhile does not overwrite it; the version is the one
// that the change began at, so that the API can say when somebody else was faster.
export function useDraft<Value>(kept: Value, version = 0): Draft<Value> {
    const [draft, setDraft] = useState<{ value: Value; version: number } | null>(null);
    return {
        value: draft ? draft.value : kept,
        version: draft ? draft.version : version,
        dirty: draft !== null,
        change: value => setDraft(before => ({ value, version: before ? before.version : version })),
        reset: () => setDraft(null),
    };
}
