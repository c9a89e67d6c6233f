import { useRef } from 'react';
import { verdicts, type Details, type Verdict } from './figures';

// The API keeps what was decided and the last look; the looks between are kept here for as long as one watches.
export function useLooks(of: Details): Verdict[] {
    const seen = useRef(new Map<string, Verdict>());
    for (const one of verdicts(of)) {
        seen.current.set(one.at, one);
    }
    return [...seen.current.values()].sort((a, b) => a.at.localeCompare(b.at));
}
