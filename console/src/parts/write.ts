import { useState } from 'react';
import { problem, type Problem } from '@/api/problem';
import { stale } from '@/api/query';
import { done } from './notices';

export interface Write {
    busy: boolean;
    fault: Problem | null;
    clear: () => void;
    run: (act: () => Promise<unknown>, said?: string) => Promise<boolean>;
}

// One write at a time: whether it runs, why it did not work, and what has to be asked for anew after it did.
export function useWrite(...prefixes: string[]): Write {
    const [busy, setBusy] = useState(false);
    const [fault, setFault] = useState<Problem | null>(null);
    const run = async (act: () => Promise<unknown>, said?: string) => {
        setBusy(true);
        setFault(null);
        try {
            await act();
            stale(...prefixes);
            if (said) {
                done(said);
            }
            return true;
        } catch (error) {
            setFault(problem(error));
            return false;
        } finally {
            setBusy(false);
        }
    };
    return { busy, fault, clear: () => setFault(null), run };
}

// What the API says about one field, for the place beside it.
export function about(fault: Problem | null, pointer: string): string | undefined {
    return fault?.errors.find(one => one.pointer === pointer || one.pointer.startsWith(`${pointer}/`))?.detail;
}
