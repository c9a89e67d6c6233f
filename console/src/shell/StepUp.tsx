import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { api, proveWith } from '@/api/client';
import { Problem } from '@/api/problem';

const Dialog = lazy(() => import('./StepUpDialog').then(({ StepUpDialog }) => ({ default: StepUpDialog })));

interface Asked {
    methods: string[];
    options: unknown;
    done: () => void;
    refused: (why: Problem) => void;
}

const NOTHING_CHANGED = new Problem(401, 'step_up_refused', 'Nothing was changed.', 'What you wanted to do asks for a fresh proof of who you are.');

// Some deeds ask for a fresh proof of identity. This gets it by a dialog, and what was asked for goes on.
export function StepUp() {
    const [asked, setAsked] = useState<Asked>();
    const waiting = useRef<Promise<void> | undefined>(undefined);

    useEffect(() => {
        proveWith(() => {
            waiting.current ??= begin().finally(() => {
                waiting.current = undefined;
            });
            return waiting.current;
        });
        async function begin(): Promise<void> {
            const { data } = await api.POST('/v1/auth/step-up/options');
            await new Promise<void>((done, refused) => setAsked({ methods: data?.methods ?? ['password'], options: data?.options, done, refused }));
        }
    }, []);

    if (!asked) {
        return null;
    }
    const close = (then: () => void) => () => {
        setAsked(undefined);
        then();
    };
    return (
        <Suspense>
            <Dialog methods={asked.methods} options={asked.options} onProven={close(asked.done)} onRefused={close(() => asked.refused(NOTHING_CHANGED))} />
        </Suspense>
    );
}
